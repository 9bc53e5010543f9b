import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset, stratified_rows, stratified_splits
from xmodal_core.errors import DataError

TABLE = np.arange(20, dtype=np.float64).reshape(10, 2)
HALVES = np.repeat([0, 1], 5)


def table(inputs=TABLE, targets=HALVES, class_names=("a", "b"), **more):
    return make_dataset("t", Modality.TABULAR, inputs, targets, class_names, **more)


def test_arrays_come_out_in_the_stored_types():
    data = table()
    assert (data.inputs.dtype, data.targets.dtype) == (np.float32, np.int64)
    assert data.uid.tolist() == [f"t/{i}" for i in range(10)]
    assert (len(data), data.n_classes) == (10, 2)


def test_ten_rows_in_two_classes_split_three_one_one_per_class():
    splits = stratified_splits(HALVES)
    for label in (0, 1):
        assert sorted(splits[label == HALVES].tolist()) == ["test", "train", "train", "train", "val"]


def test_a_class_of_two_has_one_row_to_learn_from_and_one_to_test():
    splits = stratified_splits(np.array([0, 0, 1, 1, 1]))
    assert sorted(splits[:2].tolist()) == ["test", "train"]


@given(st.lists(st.integers(3, 60), min_size=2, max_size=5), st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_splits_are_stratified_and_deterministic(sizes, seed):
    targets = np.repeat(np.arange(len(sizes)), sizes)
    splits = stratified_splits(targets, seed=seed)
    assert (splits == stratified_splits(targets, seed=seed)).all()
    for label, size in enumerate(sizes):
        for split in ("val", "test"):
            assert np.sum(splits[targets == label] == split) == max(1, round(0.2 * size))


def test_another_seed_gives_another_split():
    targets = np.repeat([0, 1], 50)
    assert (stratified_splits(targets, seed=0) != stratified_splits(targets, seed=1)).any()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(1, 120), st.integers(0, 5))
@settings(deadline=None, max_examples=50)
def test_a_stratified_draw_is_proportional_to_within_one_row(sizes, n, seed):
    targets = np.repeat(np.arange(len(sizes)), sizes)
    rows = stratified_rows(targets, n, seed)
    assert (np.diff(rows) > 0).all()
    assert len(rows) == min(n, len(targets))
    shares = np.bincount(targets[rows], minlength=len(sizes)) - len(rows) * np.array(sizes) / len(targets)
    assert np.abs(shares).max() <= 1 + 1e-9


def test_given_splits_without_validation_give_up_a_fifth_of_the_training_rows():
    targets = np.tile([0, 1], 25)
    splits = np.repeat(["train", "test"], [40, 10])
    data = make_dataset("t", Modality.TABULAR, np.ones((50, 1)), targets, ("a", "b"), splits=splits)
    assert len(data.rows("val")) == 8
    assert len(data.rows("train")) == 32
    assert data.rows("test").tolist() == list(range(40, 50))
    assert len(data.rows("train", "val", "test")) == 50


def test_the_content_hash_follows_the_content_and_not_the_name():
    same = make_dataset("other name", Modality.TABULAR, TABLE, HALVES, ("a", "b"))
    changed = TABLE.copy()
    changed[3, 1] += 1
    assert table().content_hash == same.content_hash
    assert len({table().content_hash, table(changed).content_hash, table(class_names=("a", "c")).content_hash}) == 3


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_with_count_and_first_row(bad, refusal):
    inputs = TABLE.copy()
    inputs[4, 0] = inputs[7, 1] = bad
    refusal(lambda: table(inputs), "2 of 10", "row 4")


def test_one_class_is_refused(refusal):
    refusal(lambda: table(targets=np.zeros(10, int), class_names=("a",)), "1 class", "at least 2")


def test_a_class_with_one_sample_is_refused_by_name(refusal):
    refusal(lambda: table(targets=np.array([0] * 9 + [1]), class_names=("a", "rare")), "rare", "single sample")


@pytest.mark.parametrize("n_labels", [9, 11])
def test_labels_of_another_length_are_refused_with_both_numbers(n_labels, refusal):
    refusal(lambda: table(targets=np.arange(n_labels) % 2), "10 samples", f"{n_labels} labels")


def test_more_than_a_thousand_classes_are_refused(refusal):
    targets = np.repeat(np.arange(1001), 2)
    refusal(lambda: table(np.ones((2002, 1)), targets, tuple(map(str, range(1001)))), "1001", "1000")


def test_a_label_outside_the_class_names_is_refused(refusal):
    refusal(lambda: table(targets=np.repeat([0, 2], 5)), "0 to 2", "2 class names")


def test_an_unknown_split_is_refused(refusal):
    refusal(lambda: table(splits=np.array(["train", "dev"] * 5)), "'dev'")


@pytest.mark.parametrize("only", ["train", "test"])
def test_splits_need_training_and_test_rows(only, refusal):
    refusal(lambda: table(splits=np.array([only] * 10)), "no row is in the", "split")


def test_negative_sequence_codes_are_refused(refusal):
    refusal(lambda: make_dataset("s", Modality.SEQUENCE, TABLE.astype(int) - 1, HALVES, ("a", "b")), "negative")


def test_category_counts_must_be_one_per_feature(refusal):
    refusal(lambda: table(category_counts=(0, 0, 3)), "3 category counts", "2 features")


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES, Modality.TEXT])
def test_an_array_of_another_shape_is_refused(modality):
    with pytest.raises(DataError, match="expected"):
        make_dataset("t", modality, TABLE, HALVES, ("a", "b"))


def test_an_empty_array_is_refused():
    with pytest.raises(DataError, match="empty"):
        table(np.ones((10, 0)))


def test_the_constructor_itself_checks_lengths():
    data = table()
    with pytest.raises(DataError, match="one of each per sample"):
        LabelledDataset("t", data.modality, data.inputs[:9], data.targets, data.class_names, data.splits, data.uid)
