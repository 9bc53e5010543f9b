import numpy as np
import pytest

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.intrinsic_dimension import intrinsic_dimension


def flat(n, d, width=128, seed=0):
    """A d-dimensional Gaussian in `width` dimensions, turned at random."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(width, width)))
    return rng.normal(size=(n, d)) @ turn[:d]


def test_five_dimensions_in_a_hundred_and_twenty_eight_are_found():
    assert intrinsic_dimension(embedding(flat(2000, 5))) == pytest.approx(5.0, abs=0.4)


@pytest.mark.parametrize(("d", "expected"), [(1, 1.0), (2, 2.0), (20, 16.5)])
def test_one_and_two_dimensions_are_found_and_twenty_read_low(d, expected):
    assert intrinsic_dimension(embedding(flat(1500, d, width=40))) == pytest.approx(expected, rel=0.1)


def test_points_on_a_line_give_the_number_worked_out_by_hand():
    # Gaps 1, 2, 4, ... 2^9: the left end sees 1 and 3, the second point 1 and 2, each later point 2^(i-1)
    # to the left and then 2^(i-1) + 2^(i-2) further left, a ratio of 3/2; 11 points.
    points = np.cumsum([0.0] + [2.0**i for i in range(10)])
    total = np.log(3) + np.log(2) + 9 * np.log(1.5)
    assert intrinsic_dimension(embedding(points[:, None])) == pytest.approx(10 / total)


def test_copies_of_rows_change_nothing():
    points = flat(300, 3, width=10)
    copied = np.concatenate([points, points[:100], points[:50]])
    once = intrinsic_dimension(embedding(points))
    assert intrinsic_dimension(embedding(copied)) == pytest.approx(once, rel=1e-9)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_scale_and_place_change_nothing(scale):
    points = flat(300, 3, width=10)
    expected = intrinsic_dimension(embedding(points))
    assert intrinsic_dimension(embedding((points + 5) * scale)) == pytest.approx(expected, rel=1e-6)


def test_near_copies_far_from_the_origin_keep_their_distances():
    rng = np.random.default_rng(0)
    points = np.concatenate([flat(100, 3, width=10)] * 3)
    points += 1e-7 * rng.normal(size=points.shape)  # squares of these distances are lost next to the norms
    near = intrinsic_dimension(embedding(points + 3.0))
    exact = np.sort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1)[:, 1:3]
    assert near == pytest.approx(299 / np.log(exact[:, 1] / exact[:, 0]).sum(), rel=1e-3)


def test_what_cannot_be_estimated_is_none():
    assert intrinsic_dimension(gaussian(9, 3, 0)) is None
    assert intrinsic_dimension(embedding(np.repeat(np.arange(9.0), 20)[:, None])) is None
    assert intrinsic_dimension(embedding(np.ones((50, 4)))) is None
    corners = np.array(np.meshgrid(*[[0.0, 1.0]] * 5)).reshape(5, -1).T  # every corner has neighbours at 1 and 1
    assert intrinsic_dimension(embedding(corners)) is None


def test_features_that_are_not_finite_are_refused():
    cloud = gaussian(30, 3, 0, name="scans")
    cloud.features[3, 1] = np.nan
    with pytest.raises(DataError, match="scans has 1 of 30 rows"):
        intrinsic_dimension(cloud)
