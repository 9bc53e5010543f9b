import numpy as np
import pytest

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.row_numbers import check_row_numbers
from xmodal_core.data.reading import Reading

KINDS = np.arange(60) % 2
NOISE = np.random.default_rng(0).normal(size=60)


@pytest.mark.parametrize(
    ("values", "n"),
    [
        (np.arange(60), 1),
        (np.arange(60) + 1000, 1),
        (np.delete(np.arange(80), np.arange(0, 80, 4)), 1),  # every fourth row is gone
        (np.random.default_rng(1).permutation(60), 1),
        (np.arange(60) * 0.1, 1),
        (60 - np.arange(60) / 3, 1),
        (np.arange(60) * 10 + 10, 1),
        (np.random.default_rng(1).permutation(60) * 7, 1),
        (np.random.default_rng(1).permutation(60) * 0.5, 0),  # fractions in no order may be measurements
        (np.random.default_rng(1).integers(0, 200, 60) * 10, 0),  # rounded
        (np.arange(60.0) ** 1.1, 0),
        (np.sort(NOISE), 0),
        (np.random.default_rng(1).integers(0, 200, 60), 0),
    ],
)
def test_numbers_in_even_steps_that_count_rows_are_told(values, n):
    assert len(warnings(check_row_numbers, np.column_stack([NOISE, values]), KINDS)) == n


def test_it_is_left_out_or_kept_as_a_number():
    table = np.column_stack([NOISE, np.arange(60)])
    assert warnings(check_row_numbers, table, KINDS)[0].mends == Reading(drop=("b",))
    assert not warnings(check_row_numbers, table, KINDS, number=("b",))
