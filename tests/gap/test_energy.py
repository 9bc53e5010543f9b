import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.energy import EnergySettings, energy, energy_null
from xmodal_core.gap.knn import dealt_sides

SEEDS = st.integers(0, 10**6)


def measured(source, target):
    return energy(source, target, EnergySettings())


def test_two_points_a_side_give_the_number_worked_out_by_hand():
    # Between 1, 5, 1, 3: mean 2.5. Inside: 2 and 4.
    reading = measured(embedding([[0.0], [2.0]]), embedding([[1.0], [5.0]]))
    assert reading.value == pytest.approx(2 * 2.5 - 2 - 4)
    assert reading.detail["biased"] == pytest.approx(2 * 2.5 - 2 / 2 - 4 / 2)
    assert reading.detail["between"] == pytest.approx(2.5)
    assert (reading.detail["inside_source"], reading.detail["inside_target"]) == (pytest.approx(2), pytest.approx(4))


def test_two_normal_samples_one_apart_on_a_line_read_the_closed_form():
    # x - y is N(1, 2): E|.| = 2 / sqrt(pi) exp(-1/4) + erf(1/2). Inside: 2 / sqrt(pi).
    expected = 2 * (2 / math.sqrt(math.pi) * (math.exp(-1 / 4) - 1) + math.erf(1 / 2))
    assert expected == pytest.approx(0.54181, abs=1e-5)
    values = [measured(gaussian(100, 1, 2 * i), gaussian(100, 1, 2 * i + 1, shift=1.0)).value for i in range(1200)]
    error = np.std(values) / math.sqrt(1200)
    assert error < 0.006
    assert np.mean(values) == pytest.approx(expected, abs=3 * error)


@given(seed=SEEDS, n=st.integers(2, 15), m=st.integers(2, 15))
@settings(deadline=None, max_examples=25)
def test_on_a_line_the_biased_value_is_twice_the_squared_distance_of_the_distribution_functions(seed, n, m):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-5, 5, (n, 1)).astype(float), rng.normal(1, 3, (m, 1))
    steps = np.sort(np.concatenate([x, y]).ravel())
    f, g = ((side <= steps).mean(axis=0) for side in (x, y))
    area = (((f - g) ** 2)[:-1] * np.diff(steps)).sum()
    assert measured(embedding(x), embedding(y)).detail["biased"] == pytest.approx(2 * area, abs=1e-9)


def test_without_a_gap_the_value_averages_zero_where_the_biased_one_does_not():
    readings = [measured(gaussian(50, 5, 2 * i), gaussian(50, 5, 2 * i + 1)) for i in range(200)]
    values = [r.value for r in readings]
    assert np.mean(values) == pytest.approx(0.0, abs=4 * np.std(values) / math.sqrt(200))
    # Each side's mean counts n zeros among n^2 distances: biased - unbiased = (inside_s + inside_t) / n.
    for r in readings[:5]:
        inside = r.detail["inside_source"] + r.detail["inside_target"]
        assert r.detail["biased"] - r.value == pytest.approx(inside / 50)


def test_the_value_is_in_the_unit_of_the_features():
    source, target = gaussian(30, 3, 0), gaussian(40, 3, 1, shift=1.0)
    larger = [embedding(side.features * 8) for side in (source, target)]
    assert measured(*larger).value == pytest.approx(8 * measured(source, target).value, rel=1e-12)


def test_turning_both_clouds_changes_nothing():
    source, target = gaussian(30, 4, 0), gaussian(40, 4, 1, shift=1.0)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    turned = [embedding(side.features.astype(float) @ turn) for side in (source, target)]
    assert measured(*turned).value == pytest.approx(measured(source, target).value, rel=1e-10)


def test_far_apart_it_grows_like_twice_the_distance():
    source, target = gaussian(50, 2, 0), gaussian(50, 2, 1)
    near, far = (measured(source, embedding(target.features + np.array([by, 0]))).value for by in (1000, 3000))
    assert far - near == pytest.approx(2 * 2000, rel=1e-3)


def test_the_standard_error_is_the_scatter_of_repeated_readings():
    readings = [measured(gaussian(60, 4, 2 * i), gaussian(60, 4, 2 * i + 1, shift=0.5)) for i in range(300)]
    said = math.sqrt(np.mean([r.standard_error**2 for r in readings]))
    assert said == pytest.approx(np.std([r.value for r in readings]), rel=0.15)


@given(seed=SEEDS, n=st.integers(2, 9), m=st.integers(2, 9))
@settings(deadline=None, max_examples=15)
def test_a_permuted_value_is_that_of_the_rows_dealt_to_each_side(seed, n, m):
    pooled = gaussian(n + m, 3, seed)
    sides = pooled.take(np.arange(n)), pooled.take(np.arange(n, n + m))
    null = energy_null(*sides, EnergySettings(), 5, seed)
    for value, side in zip(null, dealt_sides(n, m, 5, seed).T, strict=True):
        dealt = pooled.take(np.flatnonzero(side == 1)), pooled.take(np.flatnonzero(side == 0))
        assert value == pytest.approx(measured(*dealt).value, abs=1e-10)


def test_one_row_a_side_is_refused():
    with pytest.raises(DataError, match="Found 5 source and 1 target rows"):
        measured(gaussian(5, 2, 0), gaussian(1, 2, 1))
