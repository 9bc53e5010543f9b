"""Where a line between levels is zero, each worked out by hand."""

import numpy as np
import pytest

from xmodal_core.verdict.differences import Differences
from xmodal_core.verdict.lines import straight


def by_seed(*points: float) -> Differences:
    return Differences(np.array(points) / 100, None, None, None, 1.0)


def test_two_levels_and_three_seeds_are_fiellers_quadratic() -> None:
    """Means -4 and 4 points, deviations (-1, 0, 1) and (0, 1, -1).

    With t from the first level to the second: mean -4 + 8 t, variance (1 - t)^2 - t (1 - t) + t^2 = 1 - 3 t + 3 t^2,
    and h^2 = 4.30265^2 / 3 times that. With u = t - t^2 zero is not ruled out where 16 - 64 u <= 6.17094 (1 - 3 u), so
    where u >= 0.216084: t from 0.315836 to 0.684164.
    """
    line = straight((100, 1600), (by_seed(-5, -4, -3), by_seed(4, 5, 3)))
    assert line.zeros == pytest.approx((0.5,))
    ((sign, low, high),) = line.changes()
    assert (sign, low, high) == (1, pytest.approx(0.315836, abs=1e-5), pytest.approx(0.684164, abs=1e-5))
    assert line.value(0.5) == pytest.approx(400)  # half way between 100 and 1600 in the logarithm
    assert line.value(low) == pytest.approx(100 * 16**0.315836, rel=1e-4)


def test_seeds_that_move_in_step_leave_a_line_of_constant_width() -> None:
    """Each seed gains 8 points: |8 t - 4| <= 4.30265 / sqrt(3) = 2.48414, so t from 0.189483 to 0.810517."""
    ((_, low, high),) = straight((10, 40), (by_seed(-5, -4, -3), by_seed(3, 4, 5))).changes()
    assert (low, high) == (pytest.approx(0.189483, abs=1e-5), pytest.approx(0.810517, abs=1e-5))


def test_without_spread_the_interval_is_the_point() -> None:
    line = straight((10, 40, 160), (by_seed(-1, -1, -1), by_seed(3, 3, 3), by_seed(5, 5, 5)))
    ((_, low, high),) = line.changes()
    assert (low, high) == (pytest.approx(0.25, abs=1e-6), pytest.approx(0.25, abs=1e-6))


def test_a_difference_that_is_zero_at_a_level_changes_sign_there_or_not() -> None:
    assert straight((1, 2, 3), (by_seed(-1), by_seed(0), by_seed(1))).zeros == (1.0,)
    assert straight((1, 2, 3), (by_seed(1), by_seed(0), by_seed(1))).zeros == ()
    assert straight((1, 2), (by_seed(0), by_seed(0))).zeros == ()


def test_one_seed_rules_nothing_out() -> None:
    assert straight((1, 2), (by_seed(-9), by_seed(9))).stretches == ()


def test_test_rows_widen_the_interval_and_one_level_without_them_takes_them_from_all() -> None:
    """Seeds agree to the point, so that over seeds alone the interval is one; rows disagree."""
    rows = np.array([1.0, 0.0, 0.0, 0.0] * 10)
    ids = np.arange(40, dtype=np.uint64)

    def with_rows(values: np.ndarray) -> Differences:
        return Differences(values.mean(axis=1), values, ids, None, 1.0)

    low, high = with_rows(np.tile(-2 * rows, (3, 1))), with_rows(np.tile(2 * rows, (3, 1)))
    ((_, start, end),) = straight((10, 40), (low, high)).changes()
    assert start < 0.49
    assert end > 0.51
    alone = Differences(high.by_seed, None, None, None, 1.0)
    ((_, start, end),) = straight((10, 40), (low, alone)).changes()
    assert (start, end) == (pytest.approx(0.5, abs=1e-6), pytest.approx(0.5, abs=1e-6))


def test_the_interval_covers_its_place() -> None:
    """True means -3 and 2 points, zero at t = 0.6; five seeds, 1.5 points of spread at each level: 300 draws.

    A miss is an interval without 0.6; of 300 at 5 % more than 27 are as rare as one in a thousand.
    """
    rng = np.random.default_rng(0)
    missed = shown = 0
    for _ in range(300):
        first, second = (0.01 * (mean + 1.5 * rng.standard_normal(5)) for mean in (-3, 2))
        found = straight((10, 40), [Differences(own, None, None, None, 1.0) for own in (first, second)]).changes()
        shown += len(found)
        missed += any(not low <= 0.6 <= high for _, low, high in found)
    assert shown > 150
    assert missed <= 27


def test_arms_that_are_equal_seldom_cross() -> None:
    rng = np.random.default_rng(1)
    draws = 0.01 * rng.standard_normal((300, 3, 4))
    found = [
        straight((1, 2, 4), [Differences(own, None, None, None, 1.0) for own in three]).changes() for three in draws
    ]
    assert sum(map(bool, found)) <= 15
