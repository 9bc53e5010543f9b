from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.reading import Reading
from xmodal_core.data.splitting import by_time, parse_splits, split_rows, split_word
from xmodal_core.errors import DataError


def draft(n: int, **given_to: object) -> Draft:
    inputs, labels = np.zeros((n, 1)), np.zeros(n)
    return Draft("t", "t.csv", Reading(), "", Modality.TABULAR, "", inputs, labels, **given_to)  # type: ignore[arg-type]


def counts(splits: np.ndarray) -> dict[str, int]:
    return {name: int((splits == name).sum()) for name in ("train", "val", "test")}


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("Train", "train"),
        ("training_set", "train"),
        ("X_train", "train"),
        (" VALID ", "val"),
        ("dev", "val"),
        ("Test-Images", "test"),
        ("eval", "test"),
        ("rain", None),
        ("train_or_test", None),
        ("", None),
    ],
)
def test_splits_are_known_by_their_usual_names(word: str, split: str | None) -> None:
    assert split_word(word) == split


def test_the_highest_fold_tests_and_the_one_below_validates() -> None:
    splits, said = parse_splits("t", np.array([0, 1, 2, 3, 4, 0]))
    assert splits.tolist() == ["train", "train", "train", "val", "test", "train"]
    assert "fold 4 tests" in said
    assert parse_splits("t", np.array([0, 1, 1]))[0].tolist() == ["train", "test", "test"]


@pytest.mark.parametrize(
    ("values", "words"),
    [(["train", "reserve"], "'reserve'"), ([0.5, 1.5], "different numbers"), ([7, 7], "1 different")],
)
def test_words_and_numbers_that_are_no_splits_are_refused_with_a_way_out(values: list[object], words: str) -> None:
    with pytest.raises(DataError, match=words) as refused:
        parse_splits("t", np.array(values))
    assert "--read split=none" in str(refused.value)


def test_a_given_split_without_validation_gives_up_a_fifth_of_its_training_rows() -> None:
    given_split = np.array(["train"] * 50 + ["test"] * 50)
    splits, reason = split_rows(draft(100, splits=given_split), np.arange(100) % 2)
    assert counts(splits) == {"train": 40, "val": 10, "test": 50}
    assert "drawn here" in reason
    with pytest.raises(DataError, match="no row is in the test split"):
        split_rows(draft(4, splits=np.array(["train", "val"] * 2)), np.zeros(4))


@given(st.lists(st.integers(0, 6), min_size=2, max_size=60).filter(lambda g: len(set(g)) >= 2))
def test_no_group_is_ever_in_two_splits_where_there_are_three(groups: list[int]) -> None:
    named = np.array(groups)
    splits, _ = split_rows(draft(len(named), groups=named, group="subject"), np.arange(len(named)) % 2)
    assert {"train", "test"} <= set(splits.tolist())
    if len(set(groups)) >= 3:
        for group in set(groups):
            assert len(set(splits[named == group].tolist())) == 1


def test_a_single_group_is_refused() -> None:
    with pytest.raises(DataError, match="same group of 'subject'"):
        split_rows(draft(6, groups=np.zeros(6), group="subject"), np.zeros(6))


def test_classes_are_as_even_as_groups_allow() -> None:
    groups, classes = np.repeat(np.arange(20), 10), np.tile(np.arange(10) % 2, 20)
    splits, _ = split_rows(draft(200, groups=groups, group="subject"), classes)
    assert counts(splits) == {"train": 120, "val": 40, "test": 40}
    assert [int(classes[splits == name].sum()) for name in ("train", "val", "test")] == [60, 20, 20]


def test_earlier_rows_train_and_rows_of_one_moment_stay_together() -> None:
    times = np.array([5, 1, 2, 3, 4, 9, 9, 7, 8, 6])
    splits = by_time(times)
    assert counts(splits) == {"train": 6, "val": 2, "test": 2}
    assert times[splits == "train"].max() < times[splits == "val"].min() < times[splits == "test"].min()
    assert set(splits[times == 9]) == {"test"}


@given(st.lists(st.integers(0, 5), min_size=2, max_size=40))
def test_time_never_goes_back_over_a_split(times: list[int]) -> None:
    moments = np.array(times)
    splits = by_time(moments)
    if len(set(times)) > 1:
        assert (splits == "train").any()
        order = [moments[splits == name] for name in ("train", "val", "test") if (splits == name).any()]
        for earlier, later in pairwise(order):
            assert earlier.max() < later.min()
