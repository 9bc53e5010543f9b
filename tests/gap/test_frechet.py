import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.frechet import FrechetSettings, frechet, gaussian_distance


def measured(source, target, dimensions=64):
    return frechet(source, target, FrechetSettings(dimensions=dimensions))


def normal(n, d, seed):
    return np.random.default_rng(seed).normal(size=(n, d))


def plain(x, y):
    parts = gaussian_distance(x, y)
    return parts.mean + parts.covariance


def test_two_normal_clouds_one_apart_read_one_and_the_plain_value_its_bias_more():
    source, target = gaussian(20_000, 16, 0), gaussian(20_000, 16, 1)
    target.features[:, 3] += 1
    reading = measured(source, target)
    assert reading.detail["plain"] == pytest.approx(1.010, abs=0.03)
    assert reading.value == pytest.approx(1.0, abs=0.03)
    # (2 d + d (d + 1) / 2) / n = 168 / 20000
    assert reading.detail["plain"] - reading.value == pytest.approx(168 / 20_000, rel=0.05)


@pytest.mark.parametrize(("n", "expected", "left"), [(1000, 8.6, 0.12), (4000, 2.15, 0.05)])
def test_without_a_gap_many_dimensions_read_the_known_plain_value_and_little_more_than_its_bias(n, expected, left):
    parts = gaussian_distance(normal(n, 128, 0), normal(n, 128, 1))
    assert parts.mean + parts.covariance == pytest.approx(expected, rel=0.04)
    # Terms beyond 1 / n stay: measured, 0.59 +- 0.14 at 1000 rows (7.8 to a dimension) and 0.05 +- 0.01 at 4000.
    value = parts.mean + parts.covariance - parts.mean_bias - parts.covariance_bias
    assert abs(value) < left * expected
    assert parts.mean_bias + parts.covariance_bias == pytest.approx(8512 / n, rel=0.1)


def test_on_a_line_it_is_the_squared_differences_of_means_and_of_deviations():
    x, y = np.array([[0.0], [2.0]]), np.array([[5.0], [5.0], [11.0]])
    # Means 1 and 7, variances 2 and 12.
    parts = gaussian_distance(x, y)
    assert parts.mean == pytest.approx(36)
    assert parts.covariance == pytest.approx((12**0.5 - 2**0.5) ** 2)
    assert parts.mean_bias == pytest.approx(2 / 2 + 12 / 3)
    # Whitened u^2: (1/2, 1/2) has variance 0; (1/3, 1/3, 4/3) has 2/9. Times mu / 2 over 2 m, mu = sqrt 24.
    assert parts.covariance_bias == pytest.approx(2 / 9 * 24**0.5 / 2 / (2 * 3))


@given(seed=st.integers(0, 10**6), d=st.integers(1, 6))
@settings(deadline=None, max_examples=15)
def test_the_covariance_part_is_that_of_the_matrix_square_root(seed, d):
    rng = np.random.default_rng(seed)
    x, y = (rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) for n in (20, 30))
    s, t = (np.atleast_2d(np.cov(side.T)) for side in (x, y))
    root = sqrtm(s)
    expected = np.trace(s + t - 2 * np.real(sqrtm(root @ t @ root)))
    assert gaussian_distance(x, y).covariance == pytest.approx(expected, rel=1e-6, abs=1e-6 * np.trace(s + t))


@pytest.mark.parametrize("tails", ["normal", "heavy"])
def test_without_a_gap_most_of_the_plain_value_is_taken_off(tails):
    rng = np.random.default_rng(0)

    def draw():
        x = rng.normal(size=(500, 16)) * np.linspace(0.2, 2, 16)
        return embedding(x if tails == "normal" else x * (1 + rng.exponential(size=(500, 1))))

    readings = [measured(draw(), draw()) for _ in range(40)]
    values, plains = [r.value for r in readings], [r.detail["plain"] for r in readings]
    assert min(plains) > 0 > min(values)
    assert abs(np.mean(values)) < 0.12 * np.mean(plains)


def test_with_a_gap_the_bias_is_that_of_the_two_covariances_not_of_one():
    spread = np.linspace(0.3, 2, 16)
    truth = ((1 - spread) ** 2).sum()
    parts = [gaussian_distance(normal(300, 16, 2 * i), normal(300, 16, 2 * i + 1) * spread) for i in range(150)]
    excess = np.mean([p.covariance for p in parts]) - truth
    assert np.mean([p.covariance_bias for p in parts]) == pytest.approx(excess, rel=0.25)


def test_a_cloud_and_itself_read_zero_before_the_bias_is_taken_off():
    cloud = gaussian(300, 20, 0)
    reading = measured(cloud, cloud)
    assert reading.detail["plain"] == 0
    assert reading.value == -reading.detail["mean_bias"] - reading.detail["covariance_bias"] < 0


def test_mean_and_covariance_parts_answer_to_their_own_change_and_add_up():
    source = gaussian(2000, 4, 0)
    moved = measured(source, embedding(source.features + 1))
    wider = measured(source, embedding((source.features - source.features.mean(0)) * 3 + source.features.mean(0)))
    assert moved.detail["mean_part"] == pytest.approx(4, rel=0.01)
    assert abs(moved.detail["covariance_part"]) < 0.05
    assert wider.detail["covariance_part"] == pytest.approx((3 - 1) ** 2 * 4, rel=0.05)
    assert abs(wider.detail["mean_part"]) < 0.05
    for reading in (moved, wider):
        parts = reading.detail
        assert reading.value == parts["mean_part"] + parts["covariance_part"]
        assert parts["plain"] == pytest.approx(reading.value + parts["mean_bias"] + parts["covariance_bias"])


def test_there_are_ten_rows_to_a_dimension_on_the_smaller_side():
    source = gaussian(300, 40, 0)
    found = [measured(source, gaussian(m, 40, 1)).detail["dimensions"] for m in (205, 300, 9)]
    assert found == [20, 30, 1]
    assert measured(source, gaussian(205, 40, 1), dimensions=7).detail["dimensions"] == 7
    assert measured(gaussian(300, 3, 0), gaussian(300, 3, 1)).detail["dimensions"] == 3


def test_a_target_outside_the_axes_of_the_source_looks_aligned_and_rho_out_says_so():
    flat = np.ones(30)
    flat[2:] = 1e-3
    source, target = normal(200, 30, 0) * flat, normal(200, 30, 1) * flat
    target[:, 20] += 50
    reading = measured(embedding(source), embedding(target), dimensions=2)
    assert abs(reading.value) < 0.1
    assert reading.detail["rho_out"] > 0.99
    assert reading.detail["source_variance_kept"] > 0.99
    assert measured(embedding(source), embedding(source), dimensions=2).detail["rho_out"] < 0.01


def test_rho_out_is_the_share_worked_out_by_hand():
    # The only axis of the source is the first; about its mean (0, 0, 5) the target has 2 * 1 along it, 2 * 9 across.
    source = embedding(np.array([[x, 0.0, 5.0] for x in (-1, 1)] * 10))
    target = embedding(np.array([[x, 3.0, 5.0] for x in (-1, 1)] * 10))
    reading = measured(source, target, dimensions=1)
    assert reading.detail["rho_out"] == pytest.approx(0.9)
    assert reading.detail["plain"] == pytest.approx(0)


@pytest.mark.parametrize("d", [60, 250])  # fewer and more features than rows
def test_axes_are_the_leading_singular_vectors_of_the_source(d):
    x, y = normal(100, d, 0) / np.arange(1, d + 1), normal(90, d, 1) / np.arange(1, d + 1) + 0.1
    axes = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:9].T
    reading = measured(embedding(x), embedding(y))
    assert reading.detail["dimensions"] == 9
    assert reading.detail["plain"] == pytest.approx(plain(x @ axes, y @ axes), rel=1e-9)


def test_a_flat_source_is_compared_along_the_axes_it_has():
    source, target = normal(200, 30, 0), normal(200, 30, 1)
    source[:, 3:] = 0
    reading = measured(embedding(source), embedding(target))
    assert reading.detail["dimensions"] == 3
    assert reading.detail["rho_out"] == pytest.approx(0.9, abs=0.02)


def test_clouds_in_crossing_planes_are_as_far_as_all_their_variance():
    source, target = normal(300, 4, 0), normal(300, 4, 1)
    source[:, 2:], target[:, :2] = 0, 0
    parts = gaussian_distance(source, target)
    expected = source.var(axis=0, ddof=1).sum() + target.var(axis=0, ddof=1).sum()
    assert parts.covariance == pytest.approx(expected)
    assert np.isfinite(parts.covariance_bias)


def test_a_source_without_spread_is_refused():
    with pytest.raises(DataError, match="same features in every source row, expected some spread"):
        measured(embedding(np.ones((30, 5))), gaussian(30, 5, 0))


def test_one_row_a_side_is_refused():
    with pytest.raises(DataError, match="Found 1 source and 5 target rows"):
        measured(gaussian(1, 2, 0), gaussian(5, 2, 1))
