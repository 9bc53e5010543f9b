import numpy as np
import pytest

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.possible_group import check_possible_group
from xmodal_core.data.reading import Reading

RNG = np.random.default_rng(0)
PEOPLE = np.repeat(RNG.permutation(20), 5)
KINDS = np.repeat(RNG.integers(0, 2, 20), 5)
NOISE = RNG.normal(size=100)


def test_blocks_of_rows_of_one_class_may_be_subjects():
    (one,) = warnings(check_possible_group, np.column_stack([NOISE, PEOPLE]), KINDS)
    assert "each of 20 values of 'b' has its 5 rows" in one.message
    assert one.mends == Reading(group="b")
    assert not warnings(check_possible_group, np.column_stack([NOISE, PEOPLE]), KINDS, category=("b",))


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        (PEOPLE, RNG.integers(0, 2, 100)),  # classes change inside
        (RNG.permutation(PEOPLE), KINDS),  # rows lie apart
        (PEOPLE / 3 + 0.1, KINDS),  # measurements
        (KINDS, KINDS),
    ],
)
def test_other_columns_are_none(values, kinds):
    assert not warnings(check_possible_group, np.column_stack([NOISE, values]), kinds)
