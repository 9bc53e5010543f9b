import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import DataError
from xmodal_core.gap.transport import exact, optimal_cost, optimal_coupling
from xmodal_core.gap.transport.solve import check_size


def uniform(cost):
    return [np.full(n, 1 / n) for n in cost.shape]


def brute_force(cost):
    n = len(cost)
    return min(cost[np.arange(n), list(order)].mean() for order in itertools.permutations(range(n)))


@given(seed=st.integers(0, 10**6), scale=st.sampled_from([1e-6, 1.0, 1e8]))
@settings(deadline=None, max_examples=30)
def test_the_assignment_is_the_best_of_all_permutations(seed, scale):
    cost = np.random.default_rng(seed).random((5, 5)) * scale
    plan = optimal_coupling(cost)
    assert plan.mass @ cost[plan.rows, plan.columns] == pytest.approx(brute_force(cost), rel=1e-12)
    assert plan.lower == pytest.approx(brute_force(cost), rel=1e-9)
    assert optimal_cost(cost) == pytest.approx(brute_force(cost), rel=1e-12)


def test_unequal_sides_split_mass_as_worked_out_by_hand():
    # Points 0 and 3 against 0, 1, 2: mass 1/3 stays at 0, 1/6 goes 0 -> 1, 1/6 goes 3 -> 1, 1/3 goes 3 -> 2.
    cost = (np.array([0.0, 3.0])[:, None] - np.array([0.0, 1.0, 2.0])) ** 2
    plan = optimal_coupling(cost)
    expected = (1 + 4) / 6 + 1 / 3
    assert plan.solver == "network simplex"
    assert plan.mass @ cost[plan.rows, plan.columns] == pytest.approx(expected, rel=1e-12)
    assert plan.lower == pytest.approx(expected, rel=1e-12)
    assert optimal_cost(cost) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_tiny_and_huge_costs_are_solved_as_well_as_plain_ones(scale):
    cost = np.random.default_rng(4).random((12, 9))
    scaled = optimal_coupling(cost * scale)
    assert scaled.lower / scale == pytest.approx(optimal_coupling(cost).lower, rel=1e-9)
    assert scaled.mass @ cost[scaled.rows, scaled.columns] == pytest.approx(optimal_coupling(cost).lower, rel=1e-9)


def test_both_solvers_agree_on_equal_sides():
    cost = np.random.default_rng(0).random((40, 40)) ** 3
    assert optimal_coupling(cost).lower == pytest.approx(exact._network_simplex(cost, *uniform(cost)).lower, rel=1e-9)


def test_the_dual_bound_is_feasible_even_for_a_wrong_assignment():
    cost = np.random.default_rng(1).random((6, 6))
    wrong = np.roll(optimal_coupling(cost).columns, 1)
    lower = exact._dual_value(cost, exact._potential(cost, wrong, np.zeros(6)))
    assert lower <= brute_force(cost) + 1e-12 < cost[np.arange(6), wrong].mean()


def test_one_far_outlier_and_constant_costs_do_not_break_the_warm_start():
    cost = np.random.default_rng(2).random((50, 50))
    cost[0] += 1e12
    assert optimal_cost(cost) == pytest.approx(exact._network_simplex(cost, *uniform(cost)).lower, rel=1e-9)
    assert optimal_cost(np.full((4, 4), 2.5)) == 2.5
    assert optimal_cost(np.zeros((1, 1))) == 0.0


def test_a_network_simplex_that_stops_early_is_refused(monkeypatch):
    monkeypatch.setattr(exact, "_MAX_PIVOTS", 1)
    with pytest.raises(DataError, match="30 x 31 samples stopped before the optimum"):
        optimal_coupling(np.random.default_rng(0).random((30, 31)))


def test_a_matrix_too_large_to_solve_is_refused_with_its_size():
    with pytest.raises(DataError, match=r"20001 x 20000 samples needs 400 million costs.*choose fewer rows per side"):
        check_size(20_001, 20_000)
