"""Intervals over seeds and rows, by hand."""

import math

import numpy as np
import pytest

from xmodal_core.verdict.crossed import by_group, over_seeds, spread_of
from xmodal_core.verdict.intervals import t_quantile


def test_seeds_alone_have_students_interval() -> None:
    """1, 2, 3: t(0.975, 2) = 4.3027, half width 4.3027 / sqrt(3)."""
    assert over_seeds([1.0, 2.0, 3.0]).half == pytest.approx(4.3027 / math.sqrt(3), abs=1e-4)
    assert over_seeds([0.5]).half is None


def test_rows_that_differ_alike_at_every_seed_are_the_rows_spread_and_nothing_else() -> None:
    """Rows 0, 1, 2, 3 at three seeds: nothing over seeds; variance of the mean 5/3 / 4, t(0.975, 3) = 3.1824."""
    found = spread_of(np.tile([0.0, 1.0, 2.0, 3.0], (3, 1)), None, 0.0)
    assert (found.mean, found.of_seeds, found.rest) == (1.5, 0.0, pytest.approx(0.0))
    assert found.of_rows == pytest.approx(5 / 12)
    assert found.half == pytest.approx(3.1824 * math.sqrt(5 / 12), abs=1e-4)


def test_seeds_that_differ_alike_on_every_row_are_students_interval_again() -> None:
    found = spread_of(np.repeat([[1.0], [2.0], [3.0]], 5, axis=1), None, 0.0)
    assert (found.of_rows, found.half) == (0.0, pytest.approx(over_seeds([1, 2, 3]).half))


def test_both_half_widths_are_squared_and_added() -> None:
    """Seeds and rows that add up: 2 seeds at -1 and 1, rows at -3, 0 and 3."""
    found = spread_of(np.array([[-1.0], [1.0]]) + np.array([-3.0, 0.0, 3.0]), None, 0.0)
    over_the_seeds, over_the_rows = t_quantile(1) * math.sqrt(2 / 2), t_quantile(2) * math.sqrt(9 / 3)
    assert found.half == pytest.approx(math.hypot(over_the_seeds, over_the_rows))


def test_what_is_of_single_answers_counts_over_seeds_and_not_over_rows() -> None:
    """The row means are all 0: no row tells the arms apart, however much single answers do."""
    found = spread_of(np.array([[1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0]]), None, 0.0)
    assert (found.mean, found.of_seeds, found.of_rows) == (0.0, 0.0, 0.0)
    noise = np.random.default_rng(0).normal(size=(200, 300))
    found = spread_of(noise, None, 0.0)
    assert found.of_seeds == pytest.approx(1 / 300, rel=0.3)
    assert found.rest == pytest.approx(found.of_seeds, rel=0.3)
    assert found.of_rows == pytest.approx(0.0, abs=3e-4)


def test_rows_that_never_differ_leave_room_for_two_that_might() -> None:
    """Two rows more, one won and one lost: a variance of 2 / (N + 2)^2."""
    found = spread_of(np.zeros((3, 40)), None, 1.0)
    assert found.half == pytest.approx(t_quantile(39) * math.sqrt(2) / 42)
    assert found.half > 0.06  # no claim of equality within a point


def test_a_group_of_equal_rows_counts_as_one() -> None:
    values, groups = np.repeat([[0.0, 1.0, 2.0, 3.0]] * 3, 10, axis=1), np.repeat([7, 3, 9, 1], 10)
    found = spread_of(values, groups, 0.0)
    assert (found.n_rows, found.grouped) == (4, True)
    assert found.half == pytest.approx(spread_of(values[:, ::10], None, 0.0).half)
    assert found.half > 3 * (spread_of(values, None, 0.0).half or 0)


def test_groups_of_unequal_size_keep_the_mean_over_rows() -> None:
    values, groups = np.array([[1.0, 1.0, 1.0, 5.0], [0.0, 2.0, 2.0, 4.0]]), np.array([1, 1, 1, 2])
    grouped = by_group(values, groups)
    assert grouped.shape == (2, 2)
    assert grouped.mean(axis=1) == pytest.approx(values.mean(axis=1))


def test_one_group_says_nothing_of_rows() -> None:
    found = spread_of(np.arange(12.0).reshape(3, 4), np.zeros(4, np.int64), 1.0)
    assert (found.of_rows, found.n_rows) == (None, 0)
