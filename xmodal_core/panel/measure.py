"""The gap panel: one request, every reading, under one protocol. The Gap page and `gap` both call this.

The clouds come first, then the main readings, then the others, the cheap ones first; a second core takes the costly
ones meanwhile. A metric that refuses the rows is named with its sentence and takes nothing else down. Where targets are
no classes, metrics that need classes are given ORCA's pseudo-labels, and say so.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.understanding import Understanding
from xmodal_core.embedding import Embedding, Space, embed
from xmodal_core.environment import cores, one_blas_thread
from xmodal_core.errors import DataError
from xmodal_core.gap import METRICS
from xmodal_core.gap.against_n import CurvePoint, against_n
from xmodal_core.gap.base import GapReading, Metric, Pausing, T
from xmodal_core.gap.protocol import GapSample, measure, paired_sample
from xmodal_core.model.bodies import check_located
from xmodal_core.model.offered import seen_by_gap
from xmodal_core.model.settings import model_settings
from xmodal_core.model.tokens import check_tokens
from xmodal_core.panel.abreast import Work, abreast
from xmodal_core.panel.clouds import (
    Beside,
    Clouds,
    at_random_embedder,
    context,
    drawn_points,
    load_sides,
    requested_clouds,
    rows_of,
    same_rows,
    through_random_network,
    with_classes,
)
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import CURVED, GapRequest
from xmodal_core.panel.words import MAIN
from xmodal_core.settings import settings_from

DONE = "Done"
_MAIN = "Measuring the main readings"
_EMBEDDER, _NETWORK, _FEWER = "random embedder", "random network", " at fewer rows"  # names of works
MAX_LANES = (
    2  # readings at once: each has matrices of rows by rows, and the longest one alone takes a third of the time
)


@dataclass(frozen=True)
class Progress:
    """Where a measurement is.

    Attributes:
        line: what it does next; `DONE` at the end.
        report: the readings so far, none at first; None before the clouds are drawn.
        target, source: what a reader made of the file of either side; told once, as soon as both are read.
        features: of the drawn rows, source and target; told once, with the first report.
    """

    line: str
    report: GapReport | None = None
    target: Understanding | None = None
    source: Understanding | None = None
    features: tuple[Embedding, Embedding] | None = None


def measure_gap(request: GapRequest, lanes: int | None = None) -> Generator[Progress, None, None]:
    """Embed both sides and take every reading, the cheap ones first.

    Yields before each part, and the same once more before each evaluation within one: to stop, do not go on. The last
    report is the complete one.

    Args:
        request: what to measure.
        lanes: readings at once, which changes no number; as many as cores, up to `MAX_LANES`, when None.

    Raises:
        XModalError: data, body or settings cannot be used, or do not fit each other.
        DataError: every metric refuses these rows; the first refusal.
    """
    start = time.perf_counter()
    yield Progress("Loading the data")
    if request.space != Space.RAW:
        check_located(request.body)
    source, target = load_sides(request)
    check_tokens(request.tokens, request.body, (source, target))
    yield Progress("Embedding both sides", target=target.understanding, source=source.understanding)
    source, target, pseudo = with_classes(source, target, request.seed)
    clouds = yield from _at(Progress("Embedding both sides"), requested_clouds(request, source, target))
    yield Progress("Drawing both clouds")
    with one_blas_thread():  # whatever number of cores or lanes, a reading is the same to the last bit
        sample = paired_sample(clouds.source, clouds.target, request.n, request.seed)
        report = replace(_without_readings(request, sample, source, target, pseudo), seconds=_since(start))
        yield Progress(_MAIN, report, features=_drawn(sample, report))
        beside = Beside()
        works = _beside_works(request, target, sample, clouds, beside) + _works(request, sample, beside, report)
        report = yield from _measured(request, works, report, start, lanes or min(cores(), MAX_LANES))
    yield Progress(DONE, replace(report, complete=True, seconds=_since(start)))


def _drawn(sample: GapSample, report: GapReport) -> tuple[Embedding, Embedding]:
    points = report.points
    return same_rows(sample.source, points.source.uid), same_rows(sample.target, points.target.uid)


def _order(metrics: Sequence[str]) -> list[str]:
    """In which order readings are handed on: the main ones, then the others, the cheap ones first."""
    return sorted(metrics, key=lambda name: (name not in MAIN, METRICS[name].cost))


def _works(request: GapRequest, sample: GapSample, beside: Beside, report: GapReport) -> list[Work[Any]]:
    """A piece a reading and a curve; the longest stand at the end, where another lane begins."""
    names = sorted(_order(report.metrics), key=lambda name: METRICS[name].cost >= METRICS["otdd"].cost)
    after = {name: None if request.space == Space.RAW else _needs(name) for name in names}
    works: list[Work[Any]] = [
        Work(name, _reading(METRICS[name], request, sample, beside), after[name]) for name in names
    ]
    curved = [name for name in report.metrics if name in CURVED and request.curve]
    return works + [Work(f"{name}{_FEWER}", _curve(METRICS[name], request, sample), name) for name in curved]


def _needs(name: str) -> str:
    return _NETWORK if METRICS[name].target_only else _EMBEDDER


def _beside_works(
    request: GapRequest, target: LabelledDataset, sample: GapSample, clouds: Clouds, beside: Beside
) -> list[Work[Any]]:
    """What readings are held against: made first, and only for the rows that are measured."""
    if clouds.scaling is None:
        return []
    scaling, uid = clouds.scaling, sample.target.uid.tolist()

    def embedder() -> Pausing[None]:
        beside.at_random_embedder = yield from at_random_embedder(request, target, uid, scaling)

    def network() -> Pausing[None]:
        beside.through_random_network = yield from through_random_network(request, target, uid, scaling)
        if target.modality is not Modality.TEXT:
            beside.raw = embed(target, None, Space.RAW, rows_of(target, uid))

    names = set(request.metrics or METRICS)
    made = {_EMBEDDER: embedder, _NETWORK: network}
    return [Work(name, work()) for name, work in made.items() if any(_needs(metric) == name for metric in names)]


def _measured(
    request: GapRequest, works: list[Work[Any]], report: GapReport, start: float, lanes: int
) -> Generator[Progress, None, GapReport]:
    """The report with every reading and curve, which are handed on in one order however they end."""
    names = _order(report.metrics)
    curved = [name for name in report.metrics if name in CURVED and request.curve]
    first_refusal = None
    with abreast(works, lanes) as under_way:
        for work in works:
            if work.name in (_EMBEDDER, _NETWORK):
                yield from _at(Progress("Embedding without what was pretrained", report), under_way.result(work.name))
        for name in names:
            now = Progress(f"Measuring {METRICS[name].title}", report)
            try:
                reading = yield from _at(now, under_way.result(name))
            except DataError as error:
                first_refusal = first_refusal or error
                report = replace(report, refused=report.refused | {name: _one_line(error)})
            else:
                report = _with_reading(report, name, reading)
            report = replace(report, seconds=_since(start))
        if first_refusal is not None and not report.readings:
            raise first_refusal
        for name in curved:
            if name in report.readings:
                now = Progress(f"Measuring {METRICS[name].title} at fewer rows", report)
                curve = yield from _at(now, under_way.result(f"{name}{_FEWER}"))
                report = replace(report, curves=report.curves | curve)
    return report


def _at(progress: Progress, work: Pausing[T]) -> Generator[Progress, None, T]:
    """Do one part: the same progress before it and at each of its pauses."""
    while True:
        yield progress
        try:
            next(work)
        except StopIteration as end:
            found: T = end.value
            return found


def _without_readings(
    request: GapRequest,
    sample: GapSample,
    source: LabelledDataset,
    target: LabelledDataset,
    pseudo_labels: dict[str, str],
) -> GapReport:
    return GapReport(
        source=source.name,
        target=target.name,
        space=request.space,
        body=request.body if request.space != Space.RAW else "",
        readings={},
        points=drawn_points(sample),
        n=len(sample.target),
        seed=request.seed,
        device=_device(request),
        tokens=request.tokens,
        seconds=0.0,
        metrics=tuple(dict.fromkeys(request.metrics or METRICS)),
        complete=False,
        context=context(sample, pseudo_labels),
        understanding=target.understanding,
        source_understanding=source.understanding,
        model=_model(request, target),
    )


def _model(request: GapRequest, target: LabelledDataset) -> dict[str, str] | None:
    """How samples of the target become tokens; None for raw inputs."""
    if request.space == Space.RAW:
        return None
    return seen_by_gap(model_settings(request.model), target.modality, target.task)


def _with_reading(report: GapReport, name: str, reading: GapReading) -> GapReport:
    """One more reading, in its place; where it rests on pseudo-labels, it says so."""
    rests_on_labels = METRICS[name].uses_labels or METRICS[name].target_only
    if rests_on_labels and report.context.pseudo_labels:
        reading = replace(reading, detail={**reading.detail, "pseudo_labels": report.context.pseudo_labels})
    found = report.readings | {name: reading}
    return replace(report, readings={known: found[known] for known in report.metrics if known in found})


def _reading(metric: Metric, request: GapRequest, sample: GapSample, beside: Beside) -> Pausing[GapReading]:
    settings = _settings(metric, request)
    ceiling = None
    if beside.at_random_embedder is not None and not metric.target_only:
        ceiling = same_rows(beside.at_random_embedder, sample.target.uid.tolist())
    reading = yield from measure(
        metric,
        sample,
        settings,
        ceiling_target=ceiling,
        permutations=request.permutations,
        class_shares=request.class_shares,
        seed=request.seed,
    )
    detail = dict(reading.detail)
    if metric.target_only:
        rows = sample.at_most(metric.max_rows, request.seed)
        for name, other in (("raw_inputs", beside.raw), ("random_network", beside.through_random_network)):
            if other is not None:
                yield
                detail |= _baseline(metric, settings, reading.value, rows, name, other)
    return replace(reading, detail=_plain(detail))


def _baseline(
    metric: Metric, settings: Any, value: float, sample: GapSample, name: str, other: Embedding
) -> dict[str, float | str]:
    """The same rows without the pretrained network, and what it adds; or why they cannot be measured there."""
    try:
        baseline = metric.statistic(sample.source, same_rows(other, sample.target.uid.tolist()), settings).value
    except DataError as error:
        return {f"{name}_refused": _one_line(error)}
    return {name: baseline, f"above_{name}": value - baseline}


def _curve(metric: Metric, request: GapRequest, sample: GapSample) -> Pausing[dict[str, tuple[CurvePoint, ...]]]:
    """The metric's curve under its name; nothing where few rows are refused, as with many neighbours."""
    try:
        points = yield from against_n(metric, sample, _settings(metric, request), request.seed)
    except DataError:
        return {}
    return {metric.name: tuple(points)}


def _settings(metric: Metric, request: GapRequest) -> Any:
    return settings_from(metric.settings_type, request.settings.get(metric.name, {}), metric.name)


def _one_line(error: DataError) -> str:
    return " ".join(str(error).split())


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)


def _device(request: GapRequest) -> str:
    if request.space == Space.RAW:
        return "cpu"
    from xmodal_core.model.seeding import describe_device, pick_device

    return describe_device(pick_device())


def _plain(value: Any) -> Any:
    """The same as JSON gives it back: lists for tuples and arrays, text for keys."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
