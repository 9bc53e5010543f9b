import json
from dataclasses import asdict, dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading, Metric, Statistic, finish
from xmodal_core.gap.interval import t_quantile
from xmodal_core.gap.knn import KNN, KnnSettings, knn
from xmodal_core.gap.protocol import GapSample, measure, paired_sample, percent_of_ceiling


@dataclass(frozen=True)
class NoSettings:
    pass


def metric_of(statistic, n_subsamples=200, target_only=False):
    return Metric(
        "probe", "Probe", "unit", NoSettings, statistic, "meaning", "blind", "reference", n_subsamples, target_only
    )


def measured(*arguments, **changes):
    return finish(measure(*arguments, **changes))


def mean_difference(source, target, settings):
    return Statistic(float(target.features.mean() - source.features.mean()))


@given(n_s=st.integers(2, 120), n_t=st.integers(2, 120), n=st.none() | st.integers(2, 100), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_sides_are_equal_rows_are_drawn_once_and_the_twin_shares_no_row(n_s, n_t, n, seed):
    source, target = gaussian(n_s, 2, 0, n_classes=3, name="s"), gaussian(n_t, 2, 1, n_classes=2, name="t")
    sample = paired_sample(source, target, n, seed)
    expected = (n_s, n_t) if n is None else (min(n, n_s, n_t),) * 2
    assert (len(sample.source), len(sample.target)) == expected
    for side in (sample.source, sample.target):
        assert len(set(side.uid)) == len(side)
    if sample.source_twin is None:
        assert min(expected[0], n_s // 2) < 10
    else:
        assert len(sample.source_twin) == len(sample.floor_source) == min(expected[0], n_s // 2)
        assert not set(sample.source_twin.uid) & set(sample.floor_source.uid)
    if 2 * expected[0] <= n_s and sample.source_twin is not None:
        assert sample.floor_source.uid.tolist() == sample.source.uid.tolist()


def test_classes_keep_their_shares_on_every_side():
    source = embedding(np.zeros((400, 1)), [0] * 300 + [1] * 100)
    sample = paired_sample(source, source, 80, 0)
    for side in (sample.source, sample.target, sample.source_twin):
        assert abs(int((side.labels == 1).sum()) - 20) <= 1


def test_a_short_source_gives_a_floor_of_halves_and_says_how_many_rows():
    source, target = gaussian(90, 2, 0, name="s"), gaussian(80, 2, 1, name="t")
    reading = measured(metric_of(mean_difference), paired_sample(source, target, 80, 0), NoSettings())
    assert reading.n == 80
    assert reading.detail["floor_n"] == 45


def test_every_row_of_both_sides_is_used_when_no_number_is_given():
    source, target = gaussian(61, 2, 0), gaussian(33, 2, 1)
    sample = paired_sample(source, target, None, 0)
    np.testing.assert_array_equal(sample.source.features, source.features)
    np.testing.assert_array_equal(sample.target.features, target.features)
    assert len(sample.source_twin) == 30
    reading = measured(metric_of(mean_difference), sample, NoSettings())
    assert reading.value == pytest.approx(float(target.features.mean() - source.features.mean()))


def test_the_same_seed_draws_the_same_rows_and_another_seed_others():
    source, target = gaussian(100, 2, 0), gaussian(100, 2, 1)
    first, again, other = (paired_sample(source, target, 40, seed) for seed in (3, 3, 4))
    assert first.source.uid.tolist() == again.source.uid.tolist()
    assert first.source_twin.uid.tolist() == again.source_twin.uid.tolist()
    assert first.source.uid.tolist() != other.source.uid.tolist()


def test_fewer_than_two_rows_a_side_are_refused():
    with pytest.raises(DataError, match="Found n = 1 rows per side"):
        paired_sample(gaussian(9, 2, 0), gaussian(9, 2, 1), 1, 0)


@pytest.mark.parametrize("n", [200, 201])
def test_the_interval_of_a_difference_of_means_has_its_textbook_width(n):
    sample = GapSample(gaussian(n, 1, 0, spread=3.0), gaussian(n, 1, 1, spread=4.0))
    reading = measured(metric_of(mean_difference, n_subsamples=2000), sample, NoSettings())
    sides = [sample.source.features, sample.target.features]
    expected = np.sqrt(sum(side.var(ddof=1) / n for side in sides))
    assert reading.detail["standard_error"] == pytest.approx(expected, rel=0.06)
    low, high = reading.interval
    assert (low + high) / 2 == pytest.approx(reading.value)
    assert high - low == pytest.approx(2 * t_quantile(0.975, 1999) * reading.detail["standard_error"])


def test_a_bootstrap_would_bias_the_neighbour_rate_and_subsampling_does_not():
    source, target = gaussian(300, 5, 0), gaussian(300, 5, 1)
    rng = np.random.default_rng(0)

    def rate(rows):
        return knn(source.take(rows), target.take(rows), KnnSettings(k=5)).detail["same_neighbour_rate"]

    full = rate(np.arange(300))
    bootstrap = np.mean([rate(rng.integers(0, 300, 300)) for _ in range(20)])
    subsample = np.mean([rate(rng.permutation(300)[:150]) for _ in range(20)])
    assert full == pytest.approx(0.50, abs=0.03)
    assert bootstrap == pytest.approx(0.60, abs=0.03)
    assert subsample == pytest.approx(0.50, abs=0.03)


def test_no_subsample_holds_a_row_twice_and_each_is_half_of_the_sample():
    seen = []

    def spy(source, target, settings):
        seen.append((source.uid, target.uid))
        return Statistic(float(len(seen)))

    measured(metric_of(spy, n_subsamples=30), GapSample(gaussian(41, 2, 0), gaussian(41, 2, 1)), NoSettings())
    assert len(seen) == 31
    assert all(len(uid) == len(set(uid)) == 20 for pair in seen[1:] for uid in pair)
    assert len({tuple(source) for source, _ in seen}) == 31


def test_too_few_rows_give_a_value_without_an_interval():
    reading = measured(KNN, GapSample(gaussian(19, 2, 0), gaussian(19, 2, 1)), KnnSettings(k=3))
    assert reading.interval is None
    assert reading.floor is None
    assert reading.detail["n_subsamples"] == 0
    assert measured(KNN, GapSample(gaussian(20, 2, 0), gaussian(20, 2, 1)), KnnSettings(k=3)).interval is not None


def test_anchors_are_the_twin_below_and_the_untrained_embedder_above():
    source, near = gaussian(200, 1, 0), gaussian(100, 1, 1, shift=1.0)
    sample = paired_sample(source, near, 100, 0)
    far = embedding(sample.target.features + 3)
    reading = measured(metric_of(mean_difference), sample, NoSettings(), ceiling_target=far)
    assert reading.floor == pytest.approx(float(sample.source_twin.features.mean() - sample.source.features.mean()))
    assert reading.ceiling == pytest.approx(reading.value + 3, rel=1e-5)


def test_a_target_only_metric_has_chance_for_a_floor_and_never_subsamples_the_source():
    seen = []

    def spy(source, target, settings):
        seen.append((len(source), len(target)))
        return Statistic(0.5, {"chance": 0.25})

    sample = GapSample(gaussian(30, 2, 0), gaussian(50, 2, 1))
    reading = measured(metric_of(spy, n_subsamples=5, target_only=True), sample, NoSettings())
    assert reading.floor == 0.25
    assert reading.n == 50
    assert seen == [(30, 50)] + [(30, 25)] * 5


def reading_of(value, floor, ceiling):
    return GapReading(value, "unit", floor, ceiling, None, None, 100, 0, {}, None)


def test_percent_of_ceiling_is_the_place_between_the_anchors():
    assert percent_of_ceiling(reading_of(4.0, 2.0, 10.0)) == 25.0
    assert percent_of_ceiling(reading_of(1.0, 2.0, 10.0)) == -12.5
    assert percent_of_ceiling(reading_of(4.0, 2.0, 2.0)) is None
    assert percent_of_ceiling(reading_of(4.0, None, 2.0)) is None
    assert percent_of_ceiling(reading_of(4.0, 1.0, None)) is None


@pytest.mark.parametrize("name", METRICS)
def test_readings_are_plain_json_and_the_same_for_the_same_seed(name):
    metric = METRICS[name]
    source, target = gaussian(80, 4, 0, n_classes=2, separation=2.0), gaussian(60, 4, 1, n_classes=3, shift=0.5)
    readings = [
        measured(metric, paired_sample(source, target, 40, 5), metric.settings_type(), seed=5) for _ in range(2)
    ]
    texts = [json.dumps(asdict(reading), allow_nan=False) for reading in readings]
    assert texts[0] == texts[1]
    low, high = readings[0].interval
    assert low <= readings[0].value <= high
    assert readings[0].n == 40
    assert readings[0].p == readings[0].detail.get("p")
