import numpy as np

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.near_constant import check_near_constant

KINDS = np.arange(200) % 2
NOISE = np.random.default_rng(0).normal(size=200)


def almost(n):
    return np.where(np.arange(200) < n, 1.0, 0.0)


def test_one_row_in_two_hundred_is_told_and_two_are_not():
    (one,) = warnings(check_near_constant, np.column_stack([NOISE, almost(1), almost(2)]), KINDS)
    assert "'b' has" in one.message
    assert "'c'" not in one.message


def test_a_constant_is_no_doubt():
    assert not warnings(check_near_constant, np.column_stack([NOISE, almost(0)]), KINDS)
