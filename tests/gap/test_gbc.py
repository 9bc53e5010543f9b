import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.gbc import GbcSettings, gbc

ANY = gaussian(5, 2, 0)


def read(target, **chosen):
    return gbc(ANY, target, GbcSettings(**chosen))


def two_gaussians(n, distance, spread=1.0, d=2, seed=0):
    """Two classes along the first axis, `distance` apart, the second with another standard deviation."""
    labels = np.arange(n) % 2
    features = np.random.default_rng(seed).normal(size=(n, d)) * np.where(labels, spread, 1.0)[:, None]
    features[:, 0] += distance * labels
    return embedding(features, labels)


def test_two_gaussians_two_apart_overlap_by_the_closed_form():
    reading = read(two_gaussians(40_000, 2.0))
    assert reading.detail["sum_over_pairs"] == pytest.approx(-2 * np.exp(-0.5), abs=0.01)  # -1.2131
    assert reading.value == pytest.approx(-np.exp(-0.5), abs=0.005)


def test_two_gaussians_of_unequal_spread_overlap_by_the_closed_form():
    # One dimension, standard deviations 1 and 3 at one place: sqrt(2 * 1 * 3 / (1 + 9)).
    assert read(two_gaussians(20_000, 0.0, spread=3.0, d=1)).value == pytest.approx(-np.sqrt(0.6), abs=0.01)


def test_four_points_on_a_line_are_judged_as_counted_by_hand():
    # Classes at 0, 2 and 4, 6: means 1 and 5, variances 2 and 2, so B = 16 / 2 / 8 = 1.
    reading = read(embedding([[0.0], [2.0], [4.0], [6.0]], [0, 0, 1, 1]), borrowed_rows=0)
    assert reading.value == pytest.approx(-np.exp(-1))
    assert reading.detail["sum_over_pairs"] == pytest.approx(-2 * np.exp(-1))


def test_the_number_of_classes_does_not_move_the_mean_over_pairs():
    # Corners of a simplex: all pairs are equally far apart.
    values = []
    for k in (2, 8):
        labels = np.arange(16_000) % k
        features = 2.0 / np.sqrt(2) * np.eye(8)[labels] + np.random.default_rng(0).normal(size=(16_000, 8))
        values.append(read(embedding(features, labels)).value)
    assert values == pytest.approx([-np.exp(-0.5)] * 2, abs=0.02)


def test_far_classes_read_zero_and_equal_classes_about_minus_one():
    assert read(two_gaussians(200, 100.0)).value == pytest.approx(0.0, abs=1e-12)
    assert read(two_gaussians(2000, 0.0)).value == pytest.approx(-1.0, abs=0.01)


def test_features_that_do_not_vary_overlap_fully():
    assert read(embedding(np.full((20, 3), 0.7), np.arange(20) % 2)).value == -1.0


def test_classes_collapsed_to_points_do_not_overlap():
    assert read(embedding(np.eye(3)[np.arange(30) % 3], np.arange(30) % 3)).value == pytest.approx(0.0, abs=1e-12)


def test_a_class_of_one_row_takes_the_pooled_variance_and_is_named():
    features = [[0.0], [2.0], [4.0], [6.0], [1.0]]
    target = embedding(features, [0, 0, 1, 1, 2], class_names=("cat", "dog", "owl"))
    reading = read(target, borrowed_rows=0)
    # The owl sits on the cats' mean with the variance of both: it overlaps them fully and the dogs as cats do.
    assert reading.detail["sum_over_pairs"] == pytest.approx(-2 * (1 + 2 * np.exp(-1)))
    assert reading.detail["single_row_classes"] == ["owl"]
    assert reading.detail["classes_below_20_rows"] == ["cat", "dog", "owl"]
    assert set(reading.detail["worst_pair"]) == {"cat", "owl"}


def test_borrowed_rows_pull_a_tight_class_towards_the_pooled_variance():
    target = embedding([[-1.0], [1.0], [-3.0], [3.0]], [0, 0, 1, 1])  # variances 2 and 18, pooled 10
    v = np.array([2 + 10, 18 + 10]) / 2
    expected = np.sqrt(2 * np.sqrt(v.prod()) / v.sum())
    assert read(target, borrowed_rows=1).value == pytest.approx(-expected)
    assert read(target, borrowed_rows=0).value == pytest.approx(-np.sqrt(2 * 6 / 20))


def test_fewer_components_than_the_classes_need_hide_their_distance():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    features = rng.normal(size=(400, 2)) * [20.0, 1.0] + np.outer(labels, [0.0, 8.0])
    assert read(embedding(features, labels), components=1).value < -0.9
    assert read(embedding(features, labels), components=2).value > -0.01


@given(seed=st.integers(0, 10**6), d=st.sampled_from([2, 40]))
@settings(deadline=None, max_examples=10)
def test_rotation_and_scale_change_nothing(seed, d):
    target = gaussian(30, d, seed, n_classes=3, separation=2.0)
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    turned = embedding(target.features.astype(float) @ turn * 7.0 + 1.0, target.labels)
    assert read(turned).value == pytest.approx(read(target).value, rel=1e-6, abs=1e-9)
    assert -1 <= read(target).value <= 0


def test_fewer_than_two_classes_with_two_rows_are_refused(refusal):
    target = embedding(np.arange(5.0)[:, None], [0, 0, 0, 1, 2], name="scans")
    refusal(lambda: read(target), "scans has 1 classes with at least 2 rows", "use more rows per class")
    with pytest.raises(DataError, match="rows of one class"):
        read(gaussian(10, 2, 0))
