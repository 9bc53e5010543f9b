"""Whom an interval is about, how wide a few subsamples make it, and where it ends."""

import math

import numpy as np
import pytest

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import Metric, Statistic, finish
from xmodal_core.gap.interval import Scatter, scatter, t_quantile
from xmodal_core.gap.otdd import OtddSettings
from xmodal_core.gap.protocol import GapSample, measure
from xmodal_core.gap.target_knn import TargetKnnSettings


def spread_of(statistic, target, class_shares, n_subsamples=400):
    """Scatter of a statistic of the target's rows alone."""
    metric = Metric("share", "Share", "unit", object, statistic, "m", "b", "r", n_subsamples, target_only=True)

    def evaluate(source, rows):
        yield
        return metric.statistic(source, rows, None)

    return finish(scatter(evaluate, metric, target, target, class_shares, 0))


def share_of_first_class(source, target, settings):
    return Statistic(float((target.labels == 0).mean()))


@pytest.mark.parametrize("n", [300, 301])
def test_sampled_shares_scatter_as_a_binomial_and_fixed_ones_not_at_all(n):
    target = embedding(np.zeros((n, 1)), (np.arange(n) >= 60).astype(int))
    p = 60 / n
    sampled, fixed = (spread_of(share_of_first_class, target, shares) for shares in ("sampled", "fixed"))
    assert sampled.standard_error == pytest.approx(math.sqrt(p * (1 - p) / n), rel=0.08)
    assert fixed.standard_error < 0.2 * sampled.standard_error  # a row more or less by rounding
    assert (sampled.class_shares, fixed.class_shares) == ("sampled", "fixed")


def test_a_reading_without_labels_moves_with_the_shares_of_classes_too():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 200)
    target = embedding(rng.normal(size=(400, 1)) + 6.0 * labels[:, None], labels)

    def mean(source, target, settings):
        return Statistic(float(target.features.mean()))

    textbook = float(target.features.std(ddof=1)) / 20  # of all 400 rows; within classes it is 1 / 20
    assert spread_of(mean, target, "sampled").standard_error == pytest.approx(textbook, rel=0.08)
    assert spread_of(mean, target, "fixed").standard_error == pytest.approx(1 / 20, rel=0.15)


def test_where_a_small_class_may_go_missing_its_share_is_kept_and_that_is_said():
    target = embedding(np.zeros((40, 1)), [0] * 36 + [1] * 4)

    def of_both(source, target, settings):
        if len(np.unique(target.labels)) < 2:
            raise DataError("one class")
        return Statistic(0.0)

    assert spread_of(of_both, target, "sampled").class_shares == "fixed"
    assert spread_of(of_both, target.take(np.arange(36)), "sampled") == Scatter()


def test_twenty_subsamples_have_nineteen_degrees_of_freedom():
    assert t_quantile(0.975, 19) == pytest.approx(2.093, abs=5e-4)
    assert t_quantile(0.95, 7) == pytest.approx(1.895, abs=5e-4)
    assert t_quantile(0.975, None) == pytest.approx(1.960, abs=5e-4)
    found = spread_of(share_of_first_class, gaussian(60, 1, 0, n_classes=2), "sampled", n_subsamples=20)
    assert (found.n_subsamples, found.freedom) == (20, 19)
    low, high = found.interval(0.5, (-math.inf, math.inf), 60)
    assert high - low == pytest.approx(2 * 2.093 * found.standard_error, rel=1e-3)


def test_an_interval_ends_where_readings_end_and_holds_its_value_whatever_was_rounded():
    wide = Scatter(0.1, 20, 19, "sampled")
    assert wide.interval(0.95, (0.0, 1.0), 60) == (pytest.approx(0.95 - 0.2093, abs=1e-4), 1.0)
    assert wide.interval(0.0, (0.0, math.inf), 60) == (0.0, pytest.approx(0.2093, abs=1e-4))
    low, _ = wide.interval(-1e-17, (0.0, math.inf), 60)
    assert low == -1e-17
    assert Scatter().interval(0.5, (0.0, 1.0), 60) is None


@pytest.mark.parametrize("name", ["knn", "c2st", "coverage", "target_knn"])
def test_a_reading_at_its_end_is_not_certain_for_want_of_a_row_that_says_otherwise(name):
    source = gaussian(60, 4, 0, n_classes=3, separation=40.0)
    far = embedding(source.features + 100, source.labels)
    metric = METRICS[name]
    bounds = metric.statistic(source, far, metric.settings_type()).bounds
    reading = finish(measure(metric, GapSample(source, far), metric.settings_type()))
    assert reading.value == pytest.approx(0.0 if name == "coverage" else 1.0)
    low, high = reading.interval
    assert high - low == pytest.approx(3 / 60 * (bounds[1] - bounds[0]))


def test_a_cloud_is_not_nearer_to_itself_than_zero_and_no_accuracy_is_above_one():
    cloud = gaussian(80, 5, 0, n_classes=3, separation=1.0)
    itself = finish(measure(METRICS["otdd"], GapSample(cloud, cloud), OtddSettings()))
    assert itself.detail["standard_error"] > 0
    assert itself.interval[0] == itself.value == 0
    apart = gaussian(40, 5, 0, n_classes=4, separation=4.0)
    accuracy = finish(measure(METRICS["target_knn"], GapSample(apart, apart), TargetKnnSettings()))
    assert accuracy.value + 2.045 * accuracy.detail["standard_error"] > 1 == accuracy.interval[1]
