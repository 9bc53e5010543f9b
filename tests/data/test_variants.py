"""Fewer training rows, labels dealt out at random, and what is broken on purpose."""

import numpy as np
import pytest

from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.data.variants import (
    BREAKS,
    broken,
    joined_reference,
    split_reference,
    with_shuffled_labels,
    with_train_rows,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return make_dataset("d", Modality.TABULAR, rng.normal(size=(200, 3)), np.arange(200) % 4, list("abcd"))


def test_fewer_training_rows_keep_classes_in_proportion_and_every_other_row(data):
    fewer = with_train_rows(data, 40, seed=1)
    assert np.bincount(fewer.targets[fewer.rows("train")]).tolist() == [10, 10, 10, 10]
    for split in ("val", "test"):
        assert np.array_equal(fewer.uid[fewer.rows(split)], data.uid[data.rows(split)])
    assert set(fewer.uid) < set(data.uid)
    assert fewer.content_hash != data.content_hash


def test_other_seeds_keep_other_rows_and_the_same_seed_the_same(data):
    kept = [set(with_train_rows(data, 40, seed).uid) for seed in (1, 1, 2)]
    assert kept[0] == kept[1] != kept[2]


def test_more_rows_than_there_are_is_refused(data, refusal):
    n = len(data.rows("train"))
    refusal(lambda: with_train_rows(data, n + 1, 0), "train_rows", str(n + 1), str(n))


def test_shuffling_moves_training_labels_only_and_loses_none(data):
    dealt = with_shuffled_labels(data, seed=0)
    train, rest = data.rows("train"), data.rows("val", "test")
    assert np.array_equal(dealt.targets[rest], data.targets[rest])
    assert sorted(dealt.targets[train]) == sorted(data.targets[train])
    agreement = (dealt.targets[train] == data.targets[train]).mean()
    assert agreement < 0.5  # chance is a quarter
    assert dealt.inputs is data.inputs


def images():
    values = np.arange(20 * 16, dtype=np.float32).reshape(20, 1, 4, 4)
    return make_dataset("i", Modality.IMAGE, values, np.arange(20) % 2, list("ab"))


def test_what_is_broken_is_named_after_how_it_is_broken():
    assert split_reference("digits@noise") == ("digits", "noise")
    assert split_reference("a@b/mine.npz@x10") == ("a@b/mine.npz", "x10")
    for whole in ("digits", "me@home/x.npz", "digits@nothing", "@noise", ""):
        assert split_reference(whole) == (whole, "")
    assert joined_reference("digits", "few") == "digits@few"
    assert joined_reference("digits", "") == "digits"


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_the_same_every_time_and_leaves_the_data_alone(data, name):
    before = data.content_hash
    first, second = broken(data, name), broken(data, name)
    assert first.content_hash == second.content_hash != before
    assert data.content_hash == before
    assert first.name == f"d@{name}"
    assert set(first.uid) <= set(data.uid)


def test_shuffled_everywhere_keeps_the_classes_of_each_split_and_nothing_else(data):
    dealt = broken(data, "shuffled")
    for split in ("train", "val", "test"):
        rows = data.rows(split)
        assert sorted(dealt.targets[rows]) == sorted(data.targets[rows])
        assert (dealt.targets[rows] == data.targets[rows]).mean() < 0.5
    assert dealt.inputs is data.inputs


def test_few_rows_are_twenty_in_the_old_proportions(data):
    few = broken(data, "few")
    assert [len(few.rows(split)) for split in ("train", "val", "test")] == [12, 4, 4]
    assert np.bincount(few.targets[few.rows("train")]).tolist() == [3, 3, 3, 3]
    where = {uid: row for row, uid in enumerate(data.uid)}
    assert all(np.array_equal(few.inputs[i], data.inputs[where[uid]]) for i, uid in enumerate(few.uid))


def test_few_of_few_is_refused(refusal):
    refusal(lambda: broken(images(), "few"), "20 samples", "more than 20")


def test_noise_is_as_large_as_the_signal(data):
    added = broken(data, "noise").inputs - data.inputs
    train = data.inputs[data.rows("train")]
    assert added.std(axis=0) == pytest.approx(train.std(axis=0), rel=0.2)
    assert abs(added.mean()) < 0.15


def test_noise_leaves_half_of_letters_and_categories(refusal):
    codes = np.random.default_rng(0).integers(0, 4, (100, 50))
    letters = make_dataset("s", Modality.SEQUENCE, codes, np.arange(100) % 2, list("ab"))
    kept = (broken(letters, "noise").inputs == codes).mean()
    assert kept == pytest.approx(0.5 + 0.5 / 4, abs=0.03)  # half stay, a quarter of the others is drawn equal
    table = make_dataset("t", Modality.TABULAR, codes[:, :2], np.arange(100) % 2, list("ab"), category_counts=(4, 0))
    noisy = broken(table, "noise").inputs
    assert set(np.unique(noisy[:, 0])) <= {0, 1, 2, 3}
    assert len(np.unique(noisy[:, 1])) > 50


def test_times_ten_is_times_ten_but_for_categories_and_letters(refusal):
    inputs = np.array([[0, 1.5], [1, -2.0]] * 10)
    table = make_dataset("t", Modality.TABULAR, inputs, np.arange(20) % 2, list("ab"), category_counts=(2, 0))
    assert broken(table, "x10").inputs[:2].tolist() == [[0, 15.0], [1, -20.0]]
    letters = make_dataset("s", Modality.SEQUENCE, np.ones((20, 5)), np.arange(20) % 2, list("ab"))
    refusal(lambda: broken(letters, "x10"), "sequence", "no unit")


def test_patches_change_places_whole_and_alike_in_every_sample():
    changed = broken(images(), "permuted").inputs[:, 0]
    order = changed[0].ravel().astype(int)  # the first sample holds its own places
    assert sorted(order) == list(range(16))
    assert (np.diff(changed.reshape(20, 16), axis=0) == 16).all()
    wide = make_dataset("w", Modality.IMAGE, np.arange(20 * 64.0).reshape(20, 1, 8, 8), np.arange(20) % 2, list("ab"))
    moved = broken(wide, "permuted").inputs[0, 0]
    patches = moved.reshape(4, 2, 4, 2).transpose(0, 2, 1, 3).reshape(16, 4)
    assert (patches - patches[:, :1] == [0, 1, 8, 9]).all()  # a patch of two by two pixels is whole
    assert (patches[:, 0] != np.arange(64).reshape(4, 2, 4, 2).transpose(0, 2, 1, 3).reshape(16, 4)[:, 0]).any()


def test_targets_on_cells_move_with_their_cells():
    values = np.random.default_rng(0).normal(size=(20, 1, 4, 4)).astype(np.float32)
    field = make_dataset("f", Modality.FIELD, values, 2 * values, (), task=Task.DENSE)
    changed = broken(field, "permuted")
    assert np.array_equal(changed.targets, 2 * changed.inputs)
    assert not np.array_equal(changed.inputs, field.inputs)


def test_columns_move_with_their_names():
    inputs = np.tile(np.arange(5.0), (20, 1))
    table = make_dataset("t", Modality.TABULAR, inputs, np.arange(20) % 2, list("ab"), feature_names=list("vwxyz"))
    changed = broken(table, "permuted")
    assert "".join(changed.feature_names) != "vwxyz"
    assert ["vwxyz"[int(value)] for value in changed.inputs[0]] == list(changed.feature_names)


def test_words_of_a_text_change_places_or_are_replaced():
    texts = [f"one two three four five six {i}" for i in range(40)]
    data = make_dataset("x", Modality.TEXT, np.array(texts), np.arange(40) % 2, list("ab"))
    moved = broken(data, "permuted").inputs
    assert [sorted(text.split()) for text in moved] == [sorted(text.split()) for text in texts]
    assert (moved != data.inputs).mean() > 0.9
    noisy = broken(data, "noise").inputs
    assert {len(text.split()) for text in noisy} == {7}
    assert (noisy != data.inputs).mean() > 0.9
