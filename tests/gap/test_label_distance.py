import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from xmodal_core.gap.label_distance import LABEL_KINDS, ClassSample, class_samples, label_distances


def squared_label_distances(source, target, kind):
    sides = [ClassSample(rows) for rows in source], [ClassSample(rows) for rows in target]
    return label_distances(*sides, kind)


def with_moments(mean, deviations, n=40, seed=0):
    """Rows whose sample mean is exactly `mean` and whose covariance is exactly diag(deviations^2)."""
    d = len(mean)
    noise = np.random.default_rng(seed).normal(size=(n, d))
    white = np.linalg.qr(noise - noise.mean(axis=0))[0] * np.sqrt(n - 1)
    return white * deviations + mean


def test_commuting_gaussians_have_their_closed_form():
    a = with_moments([0, 0, 0], np.array([1.0, 2.0, 3.0]), seed=1)
    b = with_moments([1, 2, 2], np.array([2.0, 2.0, 1.0]), n=25, seed=2)
    # |m|^2 = 9, sum (s - t)^2 = 1 + 0 + 4
    for kind in ("gaussian", "diagonal"):
        assert squared_label_distances([a], [b], kind)[0, 0] == pytest.approx(14.0, rel=1e-12)
    assert squared_label_distances([a], [b], "means")[0, 0] == pytest.approx(9.0, rel=1e-12)


@pytest.mark.parametrize("sizes", [(6, 9), (60, 9), (60, 50)])
def test_gaussian_distance_agrees_with_the_matrix_square_root_formula(sizes):
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(sizes[0], 8)) @ rng.normal(size=(8, 8)), rng.normal(size=(sizes[1], 8)) + 0.5
    s, t = np.cov(a.T), np.cov(b.T)
    root = sqrtm(t).real
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ s @ root), 0)).sum()
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * cross
    assert squared_label_distances([a], [b], "gaussian")[0, 0] == pytest.approx(expected, rel=1e-6)


def test_exact_distance_of_points_on_a_line_matches_them_in_order():
    a, b = np.array([[0.0], [1.0], [5.0]]), np.array([[6.0], [0.0], [3.0]])
    assert squared_label_distances([a], [b], "exact")[0, 0] == pytest.approx((0 + 4 + 1) / 3)
    half = np.array([[0.0], [3.0]])  # against three points, as in the transport test
    three = np.array([[0.0], [1.0], [2.0]])
    assert squared_label_distances([half], [three], "exact")[0, 0] == pytest.approx(5 / 6 + 1 / 3)


@pytest.mark.parametrize("kind", LABEL_KINDS)
def test_a_single_sample_is_a_point_mass(kind):
    point, cloud = np.array([[1.0, 0.0]]), with_moments([1.0, 0.0], np.array([2.0, 1.0]), n=30)
    spread = {"gaussian": 5.0, "diagonal": 5.0, "means": 0.0, "exact": 5.0 * 29 / 30}[kind]
    assert squared_label_distances([point], [cloud], kind)[0, 0] == pytest.approx(spread, abs=1e-12)


@given(seed=st.integers(0, 10**6), kind=st.sampled_from(["gaussian", "diagonal", "means"]), size=st.integers(2, 12))
@settings(deadline=None, max_examples=30)
def test_distances_are_symmetric_and_zero_on_the_same_class(seed, kind, size):
    rng = np.random.default_rng(seed)
    classes = [rng.normal(size=(size + c, 5)) + 10 * c for c in range(3)]
    distances = squared_label_distances(classes, classes, kind)
    assert np.all(np.sqrt(np.diag(distances)) < 1e-6)
    np.testing.assert_allclose(distances, distances.T, rtol=1e-9, atol=1e-12)
    swapped = squared_label_distances(classes[:1], classes[1:], kind).T
    np.testing.assert_allclose(swapped, squared_label_distances(classes[1:], classes[:1], kind), rtol=1e-9)


def test_rows_are_grouped_by_ascending_label():
    present, classes = class_samples(np.arange(8.0).reshape(4, 2), np.array([7, 2, 7, 2]))
    assert present.tolist() == [2, 7]
    assert classes[0].rows.tolist() == [[2, 3], [6, 7]]
