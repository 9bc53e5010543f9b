import math

import numpy as np
import pytest

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.c2st import C2stSettings, area_within_folds, c2st, leading_components, logistic

DEFAULT = C2stSettings()


def shifted(n, d, seed, by):
    cloud = gaussian(n, d, seed)
    cloud.features[:, 0] += by
    return cloud


def test_a_shift_of_one_reads_the_area_accuracy_and_distance_of_the_best_classifier():
    reading = c2st(gaussian(8000, 4, 0), shifted(8000, 4, 1, 1.0), DEFAULT)
    assert reading.value == pytest.approx(0.7602, abs=0.012)  # Phi(1 / sqrt 2)
    assert reading.detail["accuracy"] == pytest.approx(0.6915, abs=0.012)  # Phi(1 / 2)
    assert reading.detail["proxy_a_distance"] == pytest.approx(0.7658, abs=0.048)
    assert reading.value == pytest.approx(0.7602, abs=4 * reading.standard_error)
    assert not reading.detail["saturated"]


def test_the_jensen_shannon_bound_nearly_reaches_the_divergence_of_two_gaussians():
    reading = c2st(gaussian(8000, 2, 2), shifted(8000, 2, 3, 1.0), DEFAULT)
    z = np.linspace(-12, 13, 40001)
    one, other = np.exp(-(z**2) / 2), np.exp(-((z - 1) ** 2) / 2)
    middle = (one + other) / 2
    divergence = (one * np.log(one / middle) + other * np.log(other / middle)).sum() / (2 * one.sum())
    assert reading.detail["js_lower_bound"] == pytest.approx(divergence, abs=0.012)


def test_without_a_gap_it_reads_one_half_even_with_more_dimensions_than_rows():
    readings = [c2st(gaussian(200, 512, 2 * i), gaussian(200, 512, 2 * i + 1), DEFAULT) for i in range(8)]
    # One reading scatters by about 0.04, so the mean of eight by 0.014.
    assert np.mean([r.value for r in readings]) == pytest.approx(0.5, abs=0.05)
    assert max(r.detail["js_lower_bound"] for r in readings) < 0.02


def test_p_rejects_no_more_often_than_it_says_where_there_is_no_gap():
    p = np.array([c2st(gaussian(60, 4, 2 * i), gaussian(90, 4, 2 * i + 1), DEFAULT).detail["p"] for i in range(250)])
    assert (p < 0.05).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 250)
    assert p.mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(("by", "widest"), [(0.0, 1.25), (0.5, 1.35), (1.0, 1.6)])
def test_the_stated_error_is_not_below_the_scatter_of_fresh_samples(by, widest):
    readings = [c2st(gaussian(80, 4, 2 * i), shifted(80, 4, 2 * i + 1, by), DEFAULT) for i in range(200)]
    ratio = np.mean([r.standard_error for r in readings]) / np.std([r.value for r in readings])
    assert 0.88 < ratio < widest  # the scatter of 200 is itself known to 5 %
    assert readings[0].standard_error == pytest.approx(2**0.5 * readings[0].detail["delong_error"])


def test_p_is_small_where_there_is_a_gap():
    assert c2st(gaussian(200, 5, 0), shifted(200, 5, 1, 1.0), DEFAULT).detail["p"] < 1e-6


def test_separable_sides_saturate_and_say_that_distance_is_no_longer_seen():
    near, far = (c2st(gaussian(60, 5, 0), gaussian(60, 5, 1, shift=by), DEFAULT) for by in (10.0, 1e4))
    assert (near.value, far.value) == pytest.approx((1, 1), rel=1e-12)  # a sum of weighted folds
    assert near.detail["saturated"]
    assert "nothing on how far" in near.detail["note"]
    assert far.detail["p"] < 1e-10
    assert 0.55 < far.detail["js_lower_bound"] <= math.log(2)


def test_a_cloud_and_its_copy_read_exactly_one_half_as_no_row_helps_against_its_double():
    cloud = gaussian(50, 3, 0)
    reading = c2st(cloud, embedding(cloud.features[::-1].copy()), DEFAULT)
    # Equal rows have equal scores to the last bit; what is left is the order of sums over rows and folds.
    assert reading.value == pytest.approx(0.5, rel=1e-12)
    assert reading.detail["accuracy"] == pytest.approx(0.5, rel=1e-12)


def test_rows_on_both_sides_do_not_pull_the_area_below_one_half():
    # Two thirds of the target are source rows. Spread over the folds they would read well below 1/2.
    values = []
    for i in range(20):
        source = gaussian(60, 20, 2 * i)
        mixed = np.concatenate([source.features[:40], gaussian(20, 20, 2 * i + 1).features])
        values.append(c2st(source, embedding(mixed), DEFAULT).value)
    assert np.mean(values) > 0.47


def test_unequal_sides_weigh_the_same():
    reading = c2st(gaussian(3000, 3, 0), shifted(300, 3, 1, 1.0), DEFAULT)
    assert reading.detail["accuracy"] == pytest.approx(0.6915, abs=0.05)  # 0.909 by always answering "source"
    assert reading.detail["js_lower_bound"] < 0.15


def test_the_classifier_is_the_one_of_a_public_library():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    features, in_target = rng.normal(size=(120, 4)), np.arange(120) >= 50
    features[in_target, 1] += 1
    model = LogisticRegression(C=1 / 3.0, class_weight="balanced", tol=1e-10, max_iter=1000).fit(features, in_target)
    ours = logistic(features, in_target, ridge=3.0)
    assert ours == pytest.approx(np.concatenate([model.intercept_, model.coef_[0]]), abs=1e-5)


def test_the_area_counts_pairs_and_its_error_is_delongs():
    scores = np.array([0.0, 2.0, 3.0, 1.0, 2.0, 5.0, 6.0])
    in_target = np.array([False, False, False, True, True, True, True])
    area, error = area_within_folds(scores, in_target, np.zeros(7, np.int64))
    # Of 12 pairs the target leads in 1 + 1.5 + 3 + 3 = 8.5.
    assert area == pytest.approx(8.5 / 12)
    of_targets, of_sources = np.array([1, 1.5, 3, 3]) / 3, np.array([4, 2.5, 2]) / 4
    assert error == pytest.approx(math.sqrt(of_targets.var(ddof=1) / 4 + of_sources.var(ddof=1) / 3))


def test_rows_are_compared_inside_their_fold_only():
    in_target, fold = np.tile([False, True], 6), np.repeat([0, 1, 2], 4)
    scores = np.random.default_rng(0).normal(size=12)
    shifted_by_fold = area_within_folds(scores + 100 * fold, in_target, fold)
    assert shifted_by_fold == pytest.approx(area_within_folds(scores, in_target, fold))


@pytest.mark.parametrize("rows", [200, 20])
def test_leading_components_span_the_directions_of_largest_variance(rows):
    features = np.random.default_rng(0).normal(size=(rows, 30)) * np.linspace(5, 0.1, 30)
    centred = features - features.mean(axis=0)
    basis = leading_components(centred, 6)
    right = np.linalg.svd(centred, full_matrices=False)[2][:6]
    assert basis.T @ basis == pytest.approx(np.eye(6), abs=1e-10)
    assert basis @ basis.T == pytest.approx(right.T @ right, abs=1e-8)


def test_a_shift_outside_the_source_components_is_missed_and_owned_up_to():
    flat = np.zeros((200, 80), np.float32)
    source, target = embedding(flat.copy()), embedding(flat.copy())
    for seed, cloud in enumerate((source, target)):
        cloud.features[:, :3] = gaussian(200, 3, seed).features
    target.features[:, 70] += 9
    reading = c2st(source, target, DEFAULT)
    assert reading.value < 0.65
    assert reading.detail["n_components"] == 3
    assert reading.detail["target_energy_outside"] > 0.9
    assert reading.detail["source_energy_outside"] < 1e-6


def test_a_side_with_one_distinct_row_is_refused():
    with pytest.raises(DataError, match="1 distinct source and 5 distinct target rows"):
        c2st(embedding(np.ones((4, 2))), gaussian(5, 2, 0), DEFAULT)
