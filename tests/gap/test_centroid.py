import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.centroid import CentroidSettings, centroid, centroid_null
from xmodal_core.gap.knn import dealt_sides


def test_two_pairs_of_points_give_the_number_worked_out_by_hand():
    source, target = embedding([[0.0, 0.0], [2.0, 0.0]]), embedding([[4.0, 1.0], [4.0, 5.0]])
    # Means (1, 0) and (4, 3): |.|^2 = 18. Variances (2, 0) and (0, 8): traces 2 and 8, average 5.
    reading = centroid(source, target, CentroidSettings())
    assert reading.value == pytest.approx((18 - 2 / 2 - 8 / 2) / 5)
    # Deviations sqrt 2 and sqrt 8: scale (sqrt 8 - sqrt 2)^2 = 2; per feature 2 + 8 = 10; residual 8.
    assert reading.detail["scale_part"] == pytest.approx(2 / 5)
    assert reading.detail["residual_part"] == pytest.approx(8 / 5)
    assert reading.detail["total"] == pytest.approx((13 + 2 + 8) / 5)
    assert reading.detail["distance"] == pytest.approx(18**0.5)
    one = centroid(source, target, CentroidSettings(top_dimensions=1))
    assert one.detail["top_share"] == pytest.approx(0.5)


def test_the_value_is_zero_on_average_without_a_gap_where_the_plain_distance_is_not():
    readings = [centroid(gaussian(20, 30, 2 * i), gaussian(20, 30, 2 * i + 1), CentroidSettings()) for i in range(300)]
    # Plain: E|difference|^2 / 30 = 2 / 20. Debiased: 0, with standard error 0.1 * sqrt(2 / 30) / sqrt(300) = 0.0015.
    assert np.mean([r.value for r in readings]) == pytest.approx(0.0, abs=0.006)
    assert np.mean([r.detail["distance"] ** 2 / 30 for r in readings]) == pytest.approx(0.1, rel=0.1)
    assert min(r.value for r in readings) < 0


def test_each_part_answers_to_its_own_change():
    source = gaussian(2000, 4, 0)
    moved = embedding(source.features + 1)
    wider = embedding((source.features - source.features.mean(0)) * 3 + source.features.mean(0))
    bent = embedding((source.features - source.features.mean(0)) * [3, 1, 1, 1 / 3] + source.features.mean(0))
    parts = [centroid(source, t, CentroidSettings()).detail for t in (moved, wider, bent)]
    assert parts[0]["mean_part"] == pytest.approx(1.0, rel=0.1)
    assert parts[0]["scale_part"] + parts[0]["residual_part"] < 1e-9
    assert parts[1]["scale_part"] == pytest.approx((3 - 1) ** 2 / ((9 + 1) / 2), rel=1e-6)
    assert parts[1]["residual_part"] < 1e-9
    assert parts[2]["residual_part"] > 5 * abs(parts[2]["mean_part"])


def test_a_gap_carried_by_one_dimension_is_seen_as_such():
    target = gaussian(300, 50, 1)
    target.features[:, 7] += 10
    assert centroid(gaussian(300, 50, 0), target, CentroidSettings(top_dimensions=1)).detail["top_share"] > 0.95


def test_unit_length_view_ignores_the_length_of_rows():
    source, target = gaussian(50, 5, 0, shift=1.0), gaussian(50, 5, 1, shift=1.0)
    settings = CentroidSettings(metric="cosine")
    longer = embedding(target.features * 4)
    assert centroid(source, longer, settings).value == pytest.approx(centroid(source, target, settings).value)


def test_clouds_without_spread_are_refused():
    with pytest.raises(DataError, match="same features in every row"):
        centroid(embedding(np.zeros((3, 2))), embedding(np.ones((3, 2))), CentroidSettings())


def test_one_row_a_side_is_refused():
    with pytest.raises(DataError, match="1 source and 3 target rows"):
        centroid(gaussian(1, 2, 0), gaussian(3, 2, 0), CentroidSettings())


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 9),
    m=st.integers(2, 9),
    metric=st.sampled_from(["euclidean", "cosine"]),
)
@settings(deadline=None, max_examples=15)
def test_a_permuted_value_is_that_of_the_rows_dealt_to_each_side(seed, n, m, metric):
    pooled, view = gaussian(n + m, 3, seed, shift=100.0), CentroidSettings(metric=metric)
    null = centroid_null(pooled.take(np.arange(n)), pooled.take(np.arange(n, n + m)), view, 5, seed)
    for value, side in zip(null, dealt_sides(n, m, 5, seed).T, strict=True):
        dealt = pooled.take(np.flatnonzero(side == 1)), pooled.take(np.flatnonzero(side == 0))
        assert value == pytest.approx(centroid(*dealt, view).value, rel=1e-6, abs=1e-6)


def test_the_permuted_values_of_two_samples_of_one_cloud_average_zero_and_bracket_the_reading():
    source, target = gaussian(100, 6, 0), gaussian(150, 6, 1)
    null = centroid_null(source, target, CentroidSettings(), 999, seed=0)
    assert np.mean(null) == pytest.approx(0, abs=4 * np.std(null) / 999**0.5)
    # Chi-squared with 6 degrees of freedom, less its mean: sd sqrt(2 * 6) (1/100 + 1/150) / 6.
    assert np.std(null) == pytest.approx(12**0.5 * (1 / 100 + 1 / 150) / 6, rel=0.1)
    assert null.min() < centroid(source, target, CentroidSettings()).value < null.max()


def test_a_deal_that_leaves_no_spread_on_either_side_is_large_and_finite():
    side = embedding([[0.0], [1.0]])
    null = centroid_null(side, side, CentroidSettings(), 50, seed=0)
    assert np.isfinite(null).all()
    assert null.max() > 1e6
