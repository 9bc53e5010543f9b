import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import DataError
from xmodal_core.gap.projection import MEAN_DIFFERENCE, PRINCIPAL_AXES, LinearProjection


def cloud(n, d, seed, shift=0.0, stretch=None):
    return np.random.default_rng(seed).normal(size=(n, d)) * (1 if stretch is None else stretch) + shift


def test_known_axes_are_found_with_lengths_in_within_deviations():
    stretch = np.array([2.0, 1.0, 5.0, 1.0])
    source, target = cloud(3000, 4, 0, stretch=stretch), cloud(3000, 4, 1, [20, 0, 0, 0], stretch)
    frozen = LinearProjection.fit(source, target)
    assert frozen.horizontal == MEAN_DIFFERENCE
    np.testing.assert_allclose(frozen.axes, [[1, 0, 0, 0], [0, 0, 1, 0]], atol=0.05)
    assert frozen.unit == pytest.approx(2.0, rel=0.05)
    assert frozen.separation == pytest.approx(10.0, rel=0.05)
    # Scatter along x: 4 + (20 / 2)^2 = 104, along y 25, elsewhere 2.
    assert frozen.explained == pytest.approx((104 / 131, 25 / 131), rel=0.05)
    gap = frozen.apply(target).mean(axis=0) - frozen.apply(source).mean(axis=0)
    np.testing.assert_allclose(gap, [10, 0], atol=0.5)
    np.testing.assert_allclose(frozen.apply(source).mean(axis=0), [0, 0], atol=1e-5)


@given(n=st.integers(2, 30), d=st.integers(1, 60), seed=st.integers(0, 999), shift=st.sampled_from([0.0, 3.0]))
@settings(deadline=None, max_examples=40)
def test_axes_are_orthonormal_lengths_never_grow_and_shares_are_shares(n, d, seed, shift):
    source, target = cloud(n, d, seed), cloud(n + 1, d, seed + 1, shift)
    frozen = LinearProjection.fit(source, target)
    gram = frozen.axes @ frozen.axes.T
    flat = d == 1 or np.all(frozen.axes[1] == 0)
    np.testing.assert_allclose(gram, np.diag([1.0, 0.0 if flat else 1.0]), atol=1e-9)
    points = frozen.apply(source)
    assert points.shape == (n, 2)
    assert points.dtype == np.float32
    drawn = np.linalg.norm(points[0] - points[1]) * frozen.unit
    assert drawn <= np.linalg.norm(source[0] - source[1]) * (1 + 1e-5)
    assert all(-1e-12 <= share <= 1 + 1e-12 for share in frozen.explained)
    assert sum(frozen.explained) <= 1 + 1e-9


def test_two_samples_of_one_cloud_fall_back_to_principal_axes_and_say_so():
    stretch = np.array([1.0, 4.0, 2.0])
    frozen = LinearProjection.fit(cloud(500, 3, 0, stretch=stretch), cloud(500, 3, 1, stretch=stretch))
    assert frozen.horizontal == PRINCIPAL_AXES
    np.testing.assert_allclose(frozen.axes, [[0, 1, 0], [0, 0, 1]], atol=0.15)
    assert abs(frozen.separation) < 0.3


@pytest.mark.parametrize("seed", range(5))
def test_more_features_than_rows_do_not_make_a_gap_out_of_nothing(seed):
    source, target = cloud(40, 2000, 2 * seed), cloud(40, 2000, 2 * seed + 1)
    frozen = LinearProjection.fit(source, target)
    # On the rows that chose it, the mean-difference axis would separate the sides by several deviations.
    own = target.mean(axis=0) - source.mean(axis=0)
    own /= np.linalg.norm(own)
    assert (target.mean(axis=0) - source.mean(axis=0)) @ own > 5
    assert abs(frozen.separation) < 1.0


def test_identical_clouds_fall_back_too():
    source = cloud(50, 4, 0)
    frozen = LinearProjection.fit(source, source)
    assert frozen.horizontal == PRINCIPAL_AXES
    np.testing.assert_array_equal(frozen.apply(source), frozen.apply(source))


def test_one_feature_has_an_empty_second_axis():
    frozen = LinearProjection.fit(cloud(50, 1, 0), cloud(50, 1, 1, -9.0))
    assert frozen.axes.tolist() == [[-1.0], [0.0]]
    assert frozen.explained == pytest.approx((1.0, 0.0))
    assert not frozen.apply(cloud(5, 1, 2))[:, 1].any()


def test_constant_features_give_a_point_not_an_error():
    frozen = LinearProjection.fit(np.full((6, 3), 4.0), np.full((6, 3), 4.0))
    assert not frozen.apply(np.full((2, 3), 4.0)).any()


def test_the_target_lies_to_the_right_and_the_sign_of_y_does_not_flip_with_row_order():
    source, target = cloud(200, 6, 0, stretch=np.arange(1, 7)), cloud(200, 6, 1, -4.0)
    frozen = LinearProjection.fit(source, target)
    assert frozen.apply(target)[:, 0].mean() > frozen.apply(source)[:, 0].mean()
    turned = LinearProjection.fit(source[::-1], target[::-1])
    assert turned.axes[1] @ frozen.axes[1] > 0.9


def test_projection_is_linear_frozen_and_survives_json():
    source, target = cloud(60, 5, 0), cloud(60, 5, 1, 2.0)
    frozen = LinearProjection.fit(source, target)
    restored = LinearProjection.from_json(json.loads(json.dumps(frozen.to_json())))
    np.testing.assert_array_equal(restored.apply(target), frozen.apply(target))
    middle = frozen.apply((source + target) / 2)
    np.testing.assert_allclose(middle, (frozen.apply(source) + frozen.apply(target)) / 2, atol=1e-5)
    np.testing.assert_array_equal(LinearProjection.fit(source, target).axes, frozen.axes)
    with pytest.raises(AttributeError):
        frozen.unit = 2.0


def test_another_width_is_refused():
    frozen = LinearProjection.fit(cloud(9, 3, 0), cloud(9, 3, 1))
    with pytest.raises(DataError, match=r"shape \(4, 5\), expected \(n, 3\)"):
        frozen.apply(np.zeros((4, 5)))
    with pytest.raises(DataError, match=r"\(9, 3\) and \(9, 4\)"):
        LinearProjection.fit(cloud(9, 3, 0), cloud(9, 4, 1))
