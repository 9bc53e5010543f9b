import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.linear_probe import LinearProbeSettings, class_ridge, linear_probe

ANY = gaussian(5, 2, 0)


def read(target, **chosen):
    return linear_probe(ANY, target, LinearProbeSettings(**chosen))


def weighted_ridge(x, y, weight, penalty):
    """Slopes and intercept from the normal equations of sum w |y - x W - b|^2 + penalty |W|^2, w adding up to 1."""
    one = np.column_stack([x, np.ones(len(x))])
    ridge = penalty * np.diag([1.0] * x.shape[1] + [0.0])
    solution = np.linalg.solve(one.T @ (weight[:, None] * one) + ridge, one.T @ (weight[:, None] * y))
    return solution[:-1], solution[-1]


@given(seed=st.integers(0, 10**6), d=st.sampled_from([2, 30]))  # fewer, and more, features than rows
@settings(deadline=None, max_examples=6)
def test_the_leave_one_out_error_of_every_penalty_is_that_of_as_many_fits(seed, d):
    rng = np.random.default_rng(seed)
    x, classes = rng.normal(size=(14, d)) + 3, np.array([0] * 7 + [1] * 4 + [2] * 3)
    fit = class_ridge(x, classes, 3)
    y = 2.0 * (classes[:, None] == np.arange(3)) - 1
    weight = 1 / np.bincount(classes)[classes] / 3
    for place in (3, 6, 9):
        error = 0.0
        for i in range(14):
            seen = np.arange(14) != i
            # The weights of the others stay what they were, so they add up to less than 1.
            slopes, intercept = weighted_ridge(x[seen], y[seen], weight[seen], fit.penalties[place])
            error += weight[i] * ((y[i] - x[i] @ slopes - intercept) ** 2).sum()
        assert fit.errors[place] == pytest.approx(error, rel=1e-7)
    assert fit.chosen == fit.errors.argmin()
    slopes, intercept = weighted_ridge(x, y, weight, fit.penalties[fit.chosen])
    assert fit.weights == pytest.approx(slopes, abs=1e-8)
    assert fit.intercept == pytest.approx(intercept, abs=1e-7)


def test_separate_classes_read_one_and_shuffled_labels_about_chance():
    target = gaussian(300, 6, 0, n_classes=4, separation=30.0)
    assert read(target).value == 1.0
    reading = read(embedding(target.features, np.random.default_rng(0).permutation(target.labels)))
    assert reading.value == pytest.approx(0.25, abs=0.08)
    assert reading.detail["chance"] == 0.25
    assert len(reading.detail["penalties"]) == 5


def test_two_gaussians_are_told_apart_as_often_as_the_best_rule_allows():
    rng = np.random.default_rng(0)
    labels = np.arange(4000) % 2
    features = rng.normal(size=(4000, 3))
    features[:, 0] += 2 * labels
    reading = read(embedding(features, labels))
    assert reading.value == pytest.approx(0.8413, abs=0.015)  # Phi(1)


def test_a_checkerboard_is_invisible_to_hyperplanes():
    rng = np.random.default_rng(0)
    features = rng.choice([-1.0, 1.0], size=(400, 2))
    labels = (features[:, 0] * features[:, 1] > 0).astype(int)
    noisy = features + 0.1 * rng.normal(size=features.shape)
    assert read(embedding(noisy, labels)).value == pytest.approx(0.5, abs=0.1)
    product = np.column_stack([noisy, noisy[:, 0] * noisy[:, 1]])
    assert read(embedding(product, labels)).value == 1.0


def test_a_rare_class_counts_as_much_as_a_common_one():
    rng = np.random.default_rng(1)
    labels = (np.arange(400) < 40).astype(int)
    noise = [read(embedding(rng.normal(size=(400, 4)), labels)) for _ in range(12)]
    assert np.mean([r.value for r in noise]) == pytest.approx(0.5, abs=0.05)
    shifted = rng.normal(size=(400, 4))
    shifted[:, 0] += 2 * labels
    # An unweighted fit would call nearly every row common and read about 0.6.
    assert read(embedding(shifted, labels)).value == pytest.approx(0.8413, abs=0.07)
    assert noise[0].detail["majority_share"] == pytest.approx(0.9)


def test_a_class_with_one_sample_is_missed_and_counts():
    features = np.concatenate(
        [gaussian(40, 3, 0).features, gaussian(40, 3, 1, shift=50.0).features, [[0.0, 0.0, -90.0]]]
    )
    reading = read(embedding(features, [0] * 40 + [1] * 40 + [2]))
    assert reading.value == pytest.approx(2 / 3)
    assert reading.detail["smallest_class"] == 1
    assert read(embedding(np.eye(4), [0, 1, 2, 3])).value == 0.0


def test_equal_rows_earn_chance_not_an_accident_of_order():
    assert read(embedding(np.full((20, 3), 0.7), [0] * 10 + [1] * 5 + [2] * 5)).value == pytest.approx(1 / 3)


def test_features_that_say_nothing_more_change_nothing_with_more_features_than_rows():
    target = gaussian(60, 5, 3, n_classes=3, separation=1.5)
    wide = embedding(np.column_stack([target.features, np.full((60, 100), 4.0)]), target.labels)
    # Equal columns are no spread; the order of the rows, and so the folds, stay what they were.
    x = target.features - target.features.mean(axis=0)
    narrow_fit = class_ridge(x, target.labels, 3)
    wide_fit = class_ridge(np.column_stack([x, np.zeros((60, 100))]), target.labels, 3)
    assert wide_fit.weights[:5] == pytest.approx(narrow_fit.weights, abs=1e-9)
    assert wide_fit.errors == pytest.approx(narrow_fit.errors)
    assert read(wide).value == pytest.approx(read(target).value, abs=0.1)


def test_the_standard_error_is_the_scatter_over_samples():
    readings = [read(gaussian(200, 4, seed, n_classes=3, separation=1.5)) for seed in range(60)]
    scatter = np.std([r.value for r in readings], ddof=1)
    assert np.mean([r.standard_error for r in readings]) == pytest.approx(scatter, rel=0.35)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=8)
def test_every_copied_row_has_its_place_whatever_the_order(seed):
    rng = np.random.default_rng(seed)
    base = gaussian(12, 3, seed, n_classes=2)
    rows = rng.integers(0, 12, 60)
    target = embedding(base.features[rows], rng.integers(0, 3, 60))
    order = rng.permutation(60)
    assert read(target.take(order), folds=3).value == pytest.approx(read(target, folds=3).value, abs=1e-12)


def test_rows_of_one_class_are_refused():
    with pytest.raises(DataError, match="scans has rows of one class"):
        read(gaussian(10, 2, 0, name="scans"))
