"""What every entry of METRICS promises, whoever wrote it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import UNBOUNDED, finish
from xmodal_core.gap.protocol import GapSample, measure

ALL = list(METRICS.values())
TWO_SIDED = [metric for metric in ALL if not metric.target_only]
SEEDS = st.integers(0, 10**6)
FEW = settings(deadline=None, max_examples=10)


def by_name(metrics):
    return pytest.mark.parametrize("metric", metrics, ids=lambda metric: metric.name)


def value(metric, source, target):
    return metric.statistic(source, target, metric.settings_type()).value


def clouds(seed):
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 12))
    source = gaussian(40, d, seed, n_classes=3, separation=2.0)
    return source, gaussian(36, d, seed + 1, n_classes=4, shift=rng.normal(), spread=rng.uniform(0.5, 2))


@by_name(ALL)
def test_every_metric_says_what_it_means_and_what_it_cannot_see(metric):
    for text in (metric.title, metric.unit, metric.meaning, metric.blind_to, metric.reference):
        assert text.strip()
    assert metric.meaning.endswith(".")
    assert metric.blind_to.endswith(".")
    assert metric.n_subsamples >= 20


@by_name(ALL)
def test_every_setting_has_help_and_bounds_that_are_enforced(metric):
    for field in dataclasses.fields(metric.settings_type):
        meta = field.metadata
        assert meta["help"]
        if field.type in (bool, "bool"):
            continue  # refused by type when it is read: test_settings.py
        refused = ["no such choice"] if meta["choices"] else [meta["min"] - 1, meta["max"] + 1]
        for bad in refused:
            with pytest.raises(SettingsError, match=field.name):
                metric.settings_type(**{field.name: bad})


@by_name([metric for metric in TWO_SIDED if metric.identical is not None])
def test_a_cloud_and_itself_show_no_gap(metric):
    cloud = gaussian(80, 5, 0, n_classes=3, separation=2.0)
    assert value(metric, cloud, cloud) <= metric.identical + 1e-6


@by_name(TWO_SIDED)
def test_two_halves_of_one_cloud_read_unlike_a_moved_half(metric):
    cloud = gaussian(400, 5, 1, n_classes=4, separation=2.0)
    one, other = cloud.take(np.arange(200)), cloud.take(np.arange(200, 400))
    moved = embedding(other.features + 2, other.labels)
    halves, gap = value(metric, one, other), value(metric, one, moved)
    if metric.identical is None:  # a coverage falls where a distance rises
        assert abs(gap - halves) > 0.2
    else:
        assert halves - metric.identical < 0.5 * (gap - metric.identical)


@by_name(ALL)
def test_the_same_seed_gives_the_same_number(metric):
    source, target = clouds(5)
    assert value(metric, source, target) == value(metric, source, target)


@by_name([metric for metric in TWO_SIDED if metric.null is not None])
def test_the_permuted_null_is_seeded_and_a_moved_cloud_lies_outside_it(metric):
    source, target = gaussian(60, 4, 0, n_classes=3), gaussian(60, 4, 1, n_classes=3)
    moved = embedding(target.features + 3, target.labels)
    null = metric.null(source, moved, metric.settings_type(), 50, 0)
    assert null.shape == (50,)
    assert np.array_equal(null, metric.null(source, moved, metric.settings_type(), 50, 0))
    assert value(metric, source, moved) > null.max()
    drawn = metric.null(source, target, metric.settings_type(), 50, 0)
    assert drawn.min() - 1e-9 <= value(metric, source, target) <= drawn.max() + 3 * drawn.std()


def edges():
    """Pairs at the ends of what readings can be: a cloud and itself, clouds that share nothing, classes far apart."""
    mixed = gaussian(48, 4, 0, n_classes=3, separation=1.0)
    apart = gaussian(48, 4, 1, n_classes=4, separation=40.0)
    return {"itself": (mixed, mixed), "disjoint": (mixed, apart), "separate": (apart, apart)}


@by_name(ALL)
@pytest.mark.parametrize("pair", edges())
def test_no_interval_reaches_where_no_reading_can_be(metric, pair):
    source, target = edges()[pair]
    low, high = metric.statistic(source, target, metric.settings_type()).bounds
    reading = finish(measure(metric, GapSample(source, target), metric.settings_type()))
    assert low <= reading.interval[0] <= reading.value <= reading.interval[1] <= high


@by_name(ALL)
@given(seed=SEEDS)
@FEW
def test_every_reading_lies_within_its_bounds_and_only_an_evidence_has_none(metric, seed):
    source, target = clouds(seed)
    found = metric.statistic(source, target, metric.settings_type())
    low, high = found.bounds
    assert low - 1e-9 <= found.value <= high + 1e-9
    assert (metric.name == "logme") == (found.bounds == UNBOUNDED)


@by_name([metric for metric in ALL if metric.uses_labels])
def test_one_class_and_five_hundred_classes_are_answered_or_refused_in_one_sentence(metric):
    crowd = gaussian(1000, 6, 0, n_classes=500, separation=1.0)
    lone = gaussian(60, 6, 1)
    for source, target in ((crowd, crowd.take(np.arange(999, -1, -1))), (lone, lone), (lone, crowd)):
        refusal = None
        try:
            answer = value(metric, source, target)
        except DataError as error:
            refusal = str(error)
        assert np.isfinite(answer) if refusal is None else refusal.count(". ") == 0


@by_name([metric for metric in ALL if not metric.uses_labels])
def test_a_metric_that_claims_not_to_use_labels_does_not(metric):
    source, target = clouds(3)
    other = target.relabelled(np.roll(target.labels, 7))
    assert value(metric, source, other) == value(metric, source, target)


@by_name(ALL)
@given(seed=SEEDS)
@FEW
def test_row_order_does_not_matter(metric, seed):
    source, target = clouds(seed)
    rng = np.random.default_rng(seed)
    shuffled = source.take(rng.permutation(len(source))), target.take(rng.permutation(len(target)))
    assert value(metric, *shuffled) == pytest.approx(value(metric, source, target), rel=1e-9, abs=1e-9)


@by_name(ALL)
@given(seed=SEEDS)
@FEW
def test_row_order_does_not_matter_where_rows_repeat(metric, seed):
    rng = np.random.default_rng(seed)
    source = embedding(rng.integers(0, 2, (30, 3)).astype(np.float32), np.arange(30) % 2)
    target = embedding(rng.integers(0, 2, (30, 3)).astype(np.float32), np.arange(30) % 3)
    shuffled = source.take(rng.permutation(30)), target.take(rng.permutation(30))
    assert value(metric, *shuffled) == pytest.approx(value(metric, source, target), rel=1e-9, abs=1e-9)


@by_name(ALL)
@given(seed=SEEDS)
@FEW
def test_names_of_classes_do_not_matter(metric, seed):
    source, target = clouds(seed)
    rng = np.random.default_rng(seed)
    renamed = [
        embedding(e.features, rng.permutation(9)[e.labels], class_names=tuple("abcdefghi")) for e in (source, target)
    ]
    assert value(metric, *renamed) == pytest.approx(value(metric, source, target), rel=1e-9, abs=1e-9)


@by_name([metric for metric in TWO_SIDED if metric.symmetric])
@given(seed=SEEDS)
@FEW
def test_source_and_target_may_change_places(metric, seed):
    source, target = clouds(seed)
    assert value(metric, target, source) == pytest.approx(value(metric, source, target), rel=1e-8, abs=1e-9)


@by_name(ALL)
@given(seed=SEEDS, scale=st.sampled_from([1e-15, 1e-3, 1.0, 1e4, 1e15]), offset=st.sampled_from([0.0, 100.0]))
@FEW
def test_values_are_finite_at_any_scale(metric, seed, scale, offset):
    source, target = ((embedding(((e.features + offset) * scale).astype(np.float32), e.labels)) for e in clouds(seed))
    assert np.isfinite(value(metric, source, target))


@by_name(ALL)
@given(seed=SEEDS)
@FEW
def test_single_and_double_precision_features_agree(metric, seed):
    source, target = clouds(seed)
    doubles = [embedding(e.features.astype(np.float64), e.labels) for e in (source, target)]
    assert value(metric, *doubles) == pytest.approx(value(metric, source, target), rel=1e-12, abs=1e-12)


@by_name(TWO_SIDED)
def test_unequal_widths_are_refused_in_one_sentence(metric):
    words = r"images has 7 features per sample and series has 3, expected equal widths.*embedder or body"
    with pytest.raises(DataError, match=words):
        value(metric, gaussian(30, 7, 0, name="images"), gaussian(30, 3, 0, name="series"))


@by_name([metric for metric in ALL if metric.target_only])
def test_a_metric_of_the_target_alone_does_not_look_at_the_source(metric):
    target = gaussian(40, 3, 1, n_classes=2)
    first, second = (
        metric.statistic(source, target, metric.settings_type()) for source in (gaussian(9, 7, 0), gaussian(30, 3, 4))
    )
    assert first == second


@by_name(ALL)
@pytest.mark.parametrize("number", [np.inf, np.nan])
def test_features_that_are_no_numbers_are_refused_with_how_many_rows_have_them(metric, number):
    good, broken = gaussian(30, 3, 1, n_classes=2), gaussian(30, 3, 0, n_classes=2, name="readings")
    broken.features[[4, 7], 0] = number
    for sides in ((good, broken), (broken, good))[: 1 if metric.target_only else 2]:
        with pytest.raises(DataError, match="readings has 2 of 30 rows with NaN"):
            value(metric, *sides)


@by_name(ALL)
def test_an_empty_side_is_refused(metric):
    with pytest.raises(DataError, match=r"shape \(0, 3\)"):
        value(metric, gaussian(30, 3, 1), gaussian(30, 3, 0).take(np.arange(0)))
