"""The gap panel: one request, every reading, under one protocol. The Gap page and `gap` both call this.

Cheap readings are taken first and handed on as they come. A metric that refuses the rows is named with its
sentence and takes nothing else down. Where targets are no classes, metrics that need classes are given ORCA's
pseudo-labels, and say so.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.named import load_named
from xmodal_core.embedding import Embedding, Space
from xmodal_core.errors import DataError
from xmodal_core.gap import METRICS
from xmodal_core.gap.against_n import against_n
from xmodal_core.gap.base import GapReading, Metric
from xmodal_core.gap.protocol import GapSample, measure, paired_sample
from xmodal_core.panel.clouds import Clouds, context, drawn_points, embedded_clouds, raw_clouds, same_rows, with_classes
from xmodal_core.panel.report import GapReport, plain_values
from xmodal_core.panel.request import CURVED, GapRequest
from xmodal_core.settings import settings_from


def measure_gap(
    request: GapRequest,
    progress: Callable[[str], None] = lambda _: None,
    on_report: Callable[[GapReport], None] = lambda _: None,
    tick: Callable[[], None] = lambda: None,
) -> GapReport:
    """Embed both sides and take every reading, the cheap ones first.

    Target rows come from its training and validation splits, so that the test rows stay untouched, unless
    every row is asked for or the features are the raw inputs themselves, where nothing will be trained.

    Args:
        request: what to measure.
        progress: called with one line before each part.
        on_report: called with what there is after each reading, from the first one on.
        tick: called between evaluations. Whatever a callback raises ends the measurement.

    Raises:
        XModalError: data, body or settings cannot be used, or do not fit each other.
        DataError: every metric refuses these rows; the first refusal.
    """
    start = time.perf_counter()
    progress("Loading the data")
    target = load_named(request.target, seed=request.seed)
    source = load_named(request.source, n=_source_rows(request), seed=request.seed)
    source, target, pseudo = with_classes(source, target, request.seed)
    progress("Embedding both sides")
    clouds = _clouds(request, source, target, tick)
    progress("Drawing both clouds")
    sample = paired_sample(clouds.source, clouds.target, request.n, request.seed)
    report = _without_readings(request, sample, (source.name, target.name))
    report = replace(report, context=report.context | pseudo)
    first_refusal = None
    for name in sorted(report.metrics, key=lambda name: METRICS[name].cost):
        progress(f"Measuring {METRICS[name].title}")
        try:
            reading = _reading(METRICS[name], request, sample, clouds, tick)
        except DataError as error:
            first_refusal = first_refusal or error
            report = replace(report, refused=report.refused | {name: _one_line(error)})
        else:
            if METRICS[name].uses_labels or METRICS[name].target_only:
                reading = replace(reading, detail={**reading.detail, **pseudo})
            found = report.readings | {name: reading}
            report = replace(report, readings={known: found[known] for known in report.metrics if known in found})
        if report.readings:
            report = replace(report, seconds=_since(start))
            on_report(report)
    if first_refusal is not None and not report.readings:
        raise first_refusal
    for name in report.readings if request.curve else ():
        if name in CURVED:
            progress(f"Measuring {METRICS[name].title} at fewer rows")
            report = replace(report, curves=report.curves | _curve(METRICS[name], request, sample, tick))
    return replace(report, complete=True, seconds=_since(start))


def _without_readings(request: GapRequest, sample: GapSample, names: tuple[str, str]) -> GapReport:
    return GapReport(
        source=names[0],
        target=names[1],
        space=request.space,
        body=request.body if request.space != Space.RAW else "",
        readings={},
        points=drawn_points(sample),
        n=len(sample.target),
        seed=request.seed,
        device=_device(request),
        seconds=0.0,
        metrics=tuple(dict.fromkeys(request.metrics or METRICS)),
        complete=False,
        context=context(sample),
    )


def _reading(
    metric: Metric, request: GapRequest, sample: GapSample, clouds: Clouds, tick: Callable[[], None]
) -> GapReading:
    settings = _settings(metric, request)
    ceiling = None
    if clouds.at_random_embedder is not None and not metric.target_only:
        ceiling = same_rows(clouds.at_random_embedder, sample.target)
    reading = measure(
        metric,
        sample,
        settings,
        ceiling_target=ceiling,
        permutations=request.permutations,
        seed=request.seed,
        tick=tick,
    )
    detail = dict(reading.detail)
    if metric.target_only:
        rows = sample.at_most(metric.max_rows, request.seed)
        for name, other in (("raw_inputs", clouds.raw), ("random_network", clouds.through_random_network)):
            if other is not None:
                tick()
                detail |= _beside(metric, settings, reading.value, rows, name, other)
    return replace(reading, detail=plain_values(detail))


def _beside(
    metric: Metric, settings: Any, value: float, sample: GapSample, name: str, other: Embedding
) -> dict[str, Any]:
    """The same rows without the pretrained network, and what it adds; or why they cannot be measured there."""
    try:
        baseline = metric.statistic(sample.source, same_rows(other, sample.target), settings).value
    except DataError as error:
        return {f"{name}_refused": _one_line(error)}
    return {name: baseline, f"above_{name}": value - baseline}


def _curve(
    metric: Metric, request: GapRequest, sample: GapSample, tick: Callable[[], None]
) -> dict[str, list[dict[str, Any]]]:
    """The metric's curve under its name; nothing where few rows are refused, as with many neighbours."""
    try:
        points = against_n(metric, sample, _settings(metric, request), request.seed, tick)
    except DataError:
        return {}
    return {metric.name: [asdict(point) for point in points]}


def _settings(metric: Metric, request: GapRequest) -> Any:
    return settings_from(metric.settings_type, request.settings.get(metric.name, {}), metric.name)


def _clouds(request: GapRequest, source: LabelledDataset, target: LabelledDataset, tick: Callable[[], None]) -> Clouds:
    if request.space == Space.RAW:
        return raw_clouds(source, target)
    rows = np.arange(len(target)) if request.n is None else target.rows("train", "val")
    return embedded_clouds(
        source, target, rows, body=request.body, space=Space(request.space), seed=request.seed, tick=tick
    )


def _source_rows(request: GapRequest) -> int:
    """Twice n, so that the floor can be measured at the same n as the value."""
    return max(2 * (request.n or 0), 2000)


def _one_line(error: DataError) -> str:
    return " ".join(str(error).split())


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)


def _device(request: GapRequest) -> str:
    if request.space == Space.RAW:
        return "cpu"
    from xmodal_core.model.seeding import describe_device, pick_device

    return describe_device(pick_device())
