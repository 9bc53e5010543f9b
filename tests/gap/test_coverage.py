import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.coverage import COVERAGE, CoverageSettings, coverage, expected_coverage

DEFAULT = CoverageSettings()


@pytest.mark.parametrize(("n", "m", "expected"), [(300, 300, 0.969), (400, 200, 0.870)])
@pytest.mark.parametrize("d", [2, 32])
def test_without_a_gap_coverage_and_density_are_what_theory_says(n, m, expected, d):
    assert expected_coverage(n, m, 5) == pytest.approx(expected, abs=1e-3)
    readings = [coverage(gaussian(n, d, 2 * i), gaussian(m, d, 2 * i + 1), DEFAULT) for i in range(6)]
    assert np.mean([r.value for r in readings]) == pytest.approx(expected, abs=0.03)
    assert np.mean([r.detail["density"] for r in readings]) == pytest.approx(1, abs=0.15)


def test_points_on_a_line_read_the_numbers_worked_out_by_hand():
    # k = 1. Source balls: 0 +- 1, 1 +- 1, 4 +- 3. The target 1.5 lies in those of 1 and of 4, 30 and 31 in none.
    source, target = embedding([[0.0], [1.0], [4.0]]), embedding([[1.5], [30.0], [31.0]])
    reading = coverage(source, target, CoverageSettings(k=1))
    assert reading.value == pytest.approx(2 / 3)
    assert reading.detail["density"] == pytest.approx(2 / (1 * 3))
    # Target balls: 1.5 +- 28.5 holds all three source points, 30 +- 1 and 31 +- 1 hold none.
    assert reading.detail["coverage_of_target"] == pytest.approx(1 / 3)
    assert reading.detail["density_of_source"] == pytest.approx(3 / 3)


def test_a_tie_at_the_rim_counts_for_the_share_of_orders_that_let_it_in():
    # Source 0, 1: both balls have radius 1. The target -1 ties with source 1 at the rim of 0's: in half the orders.
    reading = coverage(embedding([[0.0], [1.0]]), embedding([[-1.0], [50.0]]), CoverageSettings(k=1))
    assert reading.value == pytest.approx(0.5 / 2)
    assert reading.detail["density"] == pytest.approx(0.5 / 2)


def test_repeated_rows_do_not_bend_the_expectation():
    rng = np.random.default_rng(0)
    draws = [[embedding(rng.integers(0, 3, (40, 2)).astype(float)) for _ in range(2)] for _ in range(200)]
    readings = [coverage(*pair, DEFAULT) for pair in draws]
    values, densities = ([f(r) for r in readings] for f in (lambda r: r.value, lambda r: r.detail["density"]))
    assert np.mean(values) == pytest.approx(expected_coverage(40, 40, 5), abs=4 * np.std(values) / 200**0.5)
    assert np.mean(densities) == pytest.approx(1, abs=4 * np.std(densities) / 200**0.5)


@given(seed=st.integers(0, 10**6), k=st.integers(1, 4))
@settings(deadline=None, max_examples=10)
def test_without_ties_it_is_the_definition_by_loops(seed, k):
    source, target = gaussian(15, 3, seed), gaussian(11, 3, seed + 1, shift=0.5)
    x, y = source.features.astype(float), target.features.astype(float)
    radius = [np.sort(np.linalg.norm(x - row, axis=1))[k] for row in x]  # the row itself comes first
    inside = np.array([[np.linalg.norm(t - s) < r for t in y] for s, r in zip(x, radius, strict=True)])
    reading = coverage(source, target, CoverageSettings(k=k))
    assert reading.value == pytest.approx(inside.any(axis=1).mean())
    assert reading.detail["density"] == pytest.approx(inside.sum() / (k * 11))


def test_a_gap_makes_it_fall_and_the_two_directions_tell_missing_from_new():
    source = gaussian(300, 4, 0)
    assert coverage(source, gaussian(300, 4, 1, shift=5.0), DEFAULT).value < 0.02
    narrow = coverage(source, gaussian(300, 4, 1, spread=0.2), DEFAULT)  # uses the middle of the source only
    assert narrow.value < 0.5 < 0.9 < narrow.detail["density"]
    half = np.concatenate([gaussian(150, 4, 2).features, gaussian(150, 4, 3, shift=20.0).features])
    novel = coverage(source, embedding(half), DEFAULT)  # covers the source and has something new besides
    assert novel.value > 0.7
    assert novel.detail["coverage_of_target"] < 0.6
    assert "falls" in COVERAGE.meaning


def test_too_few_rows_for_k_neighbours_are_refused():
    with pytest.raises(DataError, match="5 source and 9 target rows, expected more than k = 5"):
        coverage(gaussian(5, 2, 0), gaussian(9, 2, 1), DEFAULT)
