import numpy as np
import pytest

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.duplicates import check_duplicates
from xmodal_core.data.dataset import Modality

RNG = np.random.default_rng(0)
KINDS = RNG.integers(0, 2, 120)
SPLITS = np.array(["train"] * 80 + ["val"] * 20 + ["test"] * 20)


def codes(inputs, **more):
    return [one.code for one in warnings(check_duplicates, inputs, KINDS, splits=SPLITS, **more)]


def test_rows_on_both_sides_are_told_and_rows_on_one_side_are_told_otherwise():
    table = RNG.normal(size=(120, 3))
    assert codes(table) == []
    across, within = table.copy(), table.copy()
    across[100:105], within[:5] = table[:5], table[10:15]
    assert codes(across) == ["duplicates-across-splits"]
    assert codes(within) == ["duplicates"]


def test_one_repeated_row_is_an_accident():
    table = RNG.normal(size=(120, 3))
    table[100] = table[0]
    assert codes(table) == []


@pytest.mark.parametrize("width", [1, 2, 4])
def test_answers_of_few_values_repeat_by_chance(width):
    assert codes(RNG.integers(0, 3, (120, width))) == []


def test_rows_of_many_answers_that_repeat_are_no_chance():
    table = RNG.integers(0, 5, (120, 12))
    table[60:] = table[:60]
    assert codes(table) == ["duplicates-across-splits"]


def test_short_texts_are_said_by_many_and_long_ones_are_copied():
    short = np.array(["good tea", "bad day", "so so"])[RNG.integers(0, 3, 120)]
    assert codes(short, modality=Modality.TEXT) == []
    long = np.array([f"this is the long review of number {i % 60}" for i in range(120)])
    assert codes(long, modality=Modality.TEXT) == ["duplicates-across-splits"]
