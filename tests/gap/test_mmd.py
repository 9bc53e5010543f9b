import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.knn import dealt_sides
from xmodal_core.gap.mmd import MmdSettings, discrepancy, mmd, mmd_null, squared_distances
from xmodal_core.gap.nulls import permutation_p

SEEDS = st.integers(0, 10**6)


def one(bandwidth):
    return MmdSettings(bandwidth=bandwidth, kernels="one")


def moved(n, d, seed, shift):
    cloud = gaussian(n, d, seed)
    cloud.features[:, 0] += shift
    return cloud


def test_two_normal_clouds_one_apart_read_the_closed_form():
    # sigma = 2, d = 8: 2 (4 / (4 + 2))^4 (1 - exp(-1 / (2 (4 + 2)))).
    expected = 2 * (4 / 6) ** 4 * (1 - math.exp(-1 / 12))
    assert expected == pytest.approx(0.031587, abs=1e-6)
    values = [mmd(gaussian(100, 8, 2 * i), moved(100, 8, 2 * i + 1, 1.0), one(2.0)).value for i in range(1200)]
    assert np.std(values) / 1200**0.5 < 0.00033  # the tolerance is about three standard errors of this mean
    assert np.mean(values) == pytest.approx(expected, abs=0.0009)


def test_without_a_gap_the_value_averages_zero_and_the_biased_one_its_known_bias():
    readings = [mmd(gaussian(100, 8, 2 * i), gaussian(100, 8, 2 * i + 1), one(2.0)) for i in range(300)]
    bias = 2 * (1 - (2 / 3) ** 4) / 100
    assert bias == pytest.approx(0.01605, abs=1e-5)
    assert np.mean([r.detail["biased"] for r in readings]) == pytest.approx(bias, rel=0.05)
    assert np.mean([r.value for r in readings]) == pytest.approx(0.0, abs=0.0005)
    assert min(r.value for r in readings) < 0


def test_two_points_a_side_give_the_number_worked_out_by_hand():
    source, target = embedding([[0.0], [1.0]]), embedding([[2.0], [4.0]])
    # Squared distances: inside 1 and 4, between 4, 16, 1, 9.
    k = {d: math.exp(-d / 2) for d in (1, 4, 9, 16)}
    between = (k[4] + k[16] + k[1] + k[9]) / 4
    reading = mmd(source, target, one(1.0))
    assert reading.value == pytest.approx(k[1] + k[4] - 2 * between)
    assert reading.detail["biased"] == pytest.approx((1 + k[1]) / 2 + (1 + k[4]) / 2 - 2 * between)


def test_five_kernels_are_the_mean_of_five_single_ones():
    source, target = gaussian(40, 3, 0), gaussian(30, 3, 1, shift=0.5)
    singles = [mmd(source, target, one(1.3 * math.sqrt(s))).value for s in (1 / 4, 1 / 2, 1, 2, 4)]
    assert mmd(source, target, MmdSettings(bandwidth=1.3)).value == pytest.approx(np.mean(singles), rel=1e-12)


def test_the_bandwidth_is_the_median_distance_of_source_rows_whatever_the_target():
    source = embedding([[0.0], [1.0], [3.0]])  # squared distances 1, 4, 9
    for target in (embedding([[0.0], [1.0]]), embedding([[500.0], [-900.0], [4.0]])):
        assert mmd(source, target, MmdSettings()).detail["bandwidth"] == pytest.approx(2.0)
    assert mmd(source, target, MmdSettings(bandwidth=7)).detail["bandwidth"] == 7


@given(seed=SEEDS, n=st.integers(2, 12))
@settings(deadline=None, max_examples=15)
def test_the_median_is_over_pairs_of_different_rows(seed, n):
    source = gaussian(n, 3, seed)
    x = source.features.astype(float)
    pairs = [((x[i] - x[j]) ** 2).sum() for i in range(n) for j in range(i)]
    reading = mmd(source, gaussian(5, 3, 1), MmdSettings())
    assert reading.detail["bandwidth"] == pytest.approx(math.sqrt(np.median(pairs)))


def test_where_most_source_rows_repeat_the_median_is_over_those_apart():
    source = embedding([[1.0, 2.0]] * 9 + [[4.0, 6.0]])
    assert mmd(source, gaussian(5, 2, 0), MmdSettings()).detail["bandwidth"] == pytest.approx(5.0)


def test_a_source_without_spread_is_refused_unless_a_bandwidth_is_set():
    source, target = embedding(np.ones((5, 2))), gaussian(5, 2, 0)
    with pytest.raises(DataError, match="same features in every source row, expected some spread"):
        mmd(source, target, MmdSettings())
    assert mmd(source, target, MmdSettings(bandwidth=1.0)).value > 0


def test_a_kernel_far_narrower_than_any_distance_sees_nothing():
    assert mmd(gaussian(5, 2, 0), gaussian(5, 2, 1), MmdSettings(bandwidth=1e-300)).value == 0


def test_the_value_does_not_depend_on_the_unit_of_the_features():
    source, target = gaussian(50, 4, 0), gaussian(50, 4, 1, shift=1.0)
    larger = [embedding(side.features * 1000) for side in (source, target)]
    assert mmd(*larger, MmdSettings()).value == pytest.approx(mmd(source, target, MmdSettings()).value, rel=1e-4)


def test_a_change_of_spread_alone_is_seen():
    source, same, wide = gaussian(300, 4, 0), gaussian(300, 4, 1), gaussian(300, 4, 1, spread=2.0)
    assert mmd(source, wide, MmdSettings()).value > 20 * abs(mmd(source, same, MmdSettings()).value)


def test_distances_inside_a_side_keep_their_digits_where_the_sides_lie_far_apart():
    x, y = (np.random.default_rng(i).normal(size=(6, 3)) for i in range(2))
    near, far = squared_distances(x, y), squared_distances(x + 1e6, y - 1e6)
    for block in range(2):
        np.testing.assert_allclose(far[block], near[block], rtol=1e-8)
    np.testing.assert_allclose(near[2], ((x[:, None] - y) ** 2).sum(-1), rtol=1e-12)
    assert (squared_distances(x, x)[2].diagonal() == 0).all()


def unbiased(x, y):
    k = [np.exp(-((a[:, None] - b) ** 2).sum(-1) / 2) for a, b in ((x, x), (y, y), (x, y))]
    inside = [(m.sum() - len(m)) / (len(m) * (len(m) - 1)) for m in k[:2]]
    return sum(inside) - 2 * k[2].mean()


@given(seed=SEEDS, n=st.integers(20, 25), m=st.integers(20, 25))
@settings(deadline=None, max_examples=5)
def test_the_standard_error_is_that_of_leaving_out_each_row(seed, n, m):
    source, target = gaussian(n, 2, seed), gaussian(m, 2, seed + 1, shift=1.0)
    x, y = source.features.astype(float), target.features.astype(float)
    without_s = np.array([unbiased(np.delete(x, i, 0), y) for i in range(n)])
    without_t = np.array([unbiased(x, np.delete(y, i, 0)) for i in range(m)])
    variance = (n - 1) * without_s.var() + (m - 1) * without_t.var()
    assert mmd(source, target, one(1.0)).standard_error == pytest.approx(math.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize(("shift", "low", "high"), [(0.5, 0.85, 1.2), (0.0, 1.0, 1.6)])
def test_the_standard_error_is_the_scatter_of_repeated_readings_and_no_less_without_a_gap(shift, low, high):
    readings = [mmd(gaussian(60, 4, 2 * i), gaussian(60, 4, 2 * i + 1, shift=shift), MmdSettings()) for i in range(300)]
    said = math.sqrt(np.mean([r.standard_error**2 for r in readings]))
    assert low < said / np.std([r.value for r in readings]) < high


def test_few_rows_have_no_standard_error():
    assert mmd(gaussian(19, 2, 0), gaussian(40, 2, 1), MmdSettings()).standard_error is None


@given(seed=SEEDS, n=st.integers(2, 9), m=st.integers(2, 9), kernels=st.sampled_from(["one", "five"]))
@settings(deadline=None, max_examples=15)
def test_a_permuted_value_is_that_of_the_rows_dealt_to_each_side(seed, n, m, kernels):
    pooled, frozen = gaussian(n + m, 3, seed), MmdSettings(bandwidth=1.5, kernels=kernels)
    null = mmd_null(pooled.take(np.arange(n)), pooled.take(np.arange(n, n + m)), frozen, 5, seed)
    for value, side in zip(null, dealt_sides(n, m, 5, seed).T, strict=True):
        dealt = pooled.take(np.flatnonzero(side == 1)), pooled.take(np.flatnonzero(side == 0))
        assert value == pytest.approx(mmd(*dealt, frozen).value, abs=1e-12)


def test_the_permutation_p_value_rejects_a_true_null_about_as_often_as_it_says():
    def p(i):
        source, target = gaussian(30, 3, 2 * i), gaussian(30, 3, 2 * i + 1)
        null = mmd_null(source, target, MmdSettings(), 99, seed=i)
        return permutation_p(null, mmd(source, target, MmdSettings()).value)

    assert 0.02 <= np.mean([p(i) <= 0.05 for i in range(300)]) <= 0.09


def test_a_kernel_of_ones_shows_no_discrepancy():
    result = discrepancy(np.ones((4, 4)), np.ones((3, 3)), np.ones((4, 3)))
    assert (result.unbiased, result.biased) == (0, 0)


def test_one_row_a_side_is_refused():
    with pytest.raises(DataError, match="Found 1 source and 5 target rows"):
        mmd(gaussian(1, 2, 0), gaussian(5, 2, 1), MmdSettings())
