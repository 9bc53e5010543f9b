"""The gap panel: one request, every reading, under one protocol. The Gap page and `gap` both call this."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core import __version__
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.named import load_named
from xmodal_core.embedding import Embedding, Scaling, Space, embed
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading, Metric
from xmodal_core.gap.projection import LinearProjection
from xmodal_core.gap.protocol import GapSample, measure, paired_sample
from xmodal_core.settings import settings_from

if TYPE_CHECKING:
    from xmodal_core.model.body import Body
    from xmodal_core.model.crossmodal import CrossModalModel

MAX_ROWS = 100_000
_N_DRAWN = 400  # points per side on the projection


@dataclass(frozen=True)
class GapRequest:
    """What to measure.

    Attributes:
        source, target: an example, a source or a file.
        body: the network that embeds them; not used in the space `raw`.
        space: raw, embedder or body.
        metrics: names in `METRICS`; all when empty.
        settings: per metric, its settings.
        n: rows per side; None takes every row.
        seed: of every draw.

    Raises:
        SettingsError: an unknown space, metric or setting, or an n that cannot be.
    """

    source: str
    target: str
    body: str = "fractal-vit"
    space: str = "embedder"
    metrics: tuple[str, ...] = ()
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    n: int | None = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.space not in tuple(Space):
            raise SettingsError(f"space is {self.space!r}, expected one of {', '.join(Space)}.")
        for name in (*self.metrics, *self.settings):
            if name not in METRICS:
                raise SettingsError(f"metric is {name!r}, expected one of {', '.join(METRICS)}.")
        if self.n is not None and not 2 <= self.n <= MAX_ROWS:
            raise SettingsError(f"n is {self.n}, expected between 2 and {MAX_ROWS}, or all.")
        if not 0 <= self.seed < 2**31:
            raise SettingsError(f"seed is {self.seed}, expected a whole number from 0 to 2147483647.")
        for name, values in self.settings.items():
            settings_from(METRICS[name].settings_type, values, name)

    def key(self) -> str:
        """Name of the result: equal requests to equal code have equal keys."""
        text = json.dumps(asdict(self) | {"version": __version__}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class GapReport:
    """Every reading of one request, with the points of the fixed projection."""

    source: str
    target: str
    space: str
    body: str
    readings: dict[str, GapReading]
    points: dict[str, Any]
    n: int
    seed: int
    device: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object, read back by `from_json`."""
        values = asdict(self)
        values["readings"] = {
            k: asdict(r) | {"interval": r.interval and list(r.interval)} for k, r in self.readings.items()
        }
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "GapReport":
        """The report that `to_json` wrote."""
        readings = {
            name: GapReading(**(r | {"interval": tuple(r["interval"]) if r["interval"] else None}))
            for name, r in values["readings"].items()
        }
        return cls(**(values | {"readings": readings}))


@dataclass(frozen=True, eq=False)
class _Clouds:
    """Embeddings of both sides in one space, and the target's at a random embedder and through a random network."""

    source: Embedding
    target: Embedding
    at_random_embedder: Embedding | None
    through_random_network: Embedding | None
    raw: Embedding | None


def measure_gap(request: GapRequest, progress: Callable[[str], None] = lambda _: None) -> GapReport:
    """Embed both sides and take every reading.

    Target rows come from its training and validation splits, so that the test rows stay untouched, unless
    every row is asked for or the features are the raw inputs themselves, where nothing will be trained.

    Args:
        request: what to measure.
        progress: called with one line before each part.

    Raises:
        XModalError: data, body or settings cannot be used, or do not fit each other.
    """
    start = time.perf_counter()
    progress("Loading the data")
    target = load_named(request.target, seed=request.seed)
    source = load_named(request.source, n=_source_rows(request), seed=request.seed)
    progress("Embedding both sides")
    clouds = _raw_clouds(source, target) if request.space == Space.RAW else _embedded_clouds(request, source, target)
    sample = paired_sample(clouds.source, clouds.target, request.n, request.seed)
    readings = {}
    for name in request.metrics or tuple(METRICS):
        progress(f"Measuring {name}")
        readings[name] = _reading(METRICS[name], request, sample, clouds)
    return GapReport(
        source.name,
        target.name,
        request.space,
        request.body if request.space != Space.RAW else "",
        readings,
        _points(sample),
        len(sample.target),
        request.seed,
        _device(request),
        round(time.perf_counter() - start, 3),
    )


def _reading(metric: Metric, request: GapRequest, sample: GapSample, clouds: _Clouds) -> GapReading:
    settings = settings_from(metric.settings_type, request.settings.get(metric.name, {}), metric.name)
    ceiling = None
    if clouds.at_random_embedder is not None and not metric.target_only:
        ceiling = _same_rows(clouds.at_random_embedder, sample.target)
    reading = measure(metric, sample, settings, ceiling_target=ceiling, seed=request.seed)
    if not metric.target_only:
        return reading
    baselines = {"raw_inputs": clouds.raw, "random_network": clouds.through_random_network}
    values = {
        name: metric.statistic(sample.source, _same_rows(other, sample.target), settings).value
        for name, other in baselines.items()
        if other is not None
    }
    return GapReading(**(_fields(reading) | {"detail": {**reading.detail, **values}}))


def _raw_clouds(source: LabelledDataset, target: LabelledDataset) -> _Clouds:
    """The inputs themselves: nothing is scaled, so that values are in the user's own units."""
    sides = embed(source, None, Space.RAW), embed(target, None, Space.RAW)
    widths = [side.features.shape[1] for side in sides]
    if widths[0] != widths[1]:
        raise DataError(
            f"raw inputs have {widths[0]} features in {source.name} and {widths[1]} in {target.name}, expected equal "
            "widths; measure in the space embedder or body."
        )
    return _Clouds(sides[0], sides[1], None, None, None)


def _embedded_clouds(request: GapRequest, source: LabelledDataset, target: LabelledDataset) -> _Clouds:
    """Both sides through the body's network, in source units (scaling fitted on source training rows, frozen)."""
    from xmodal_core.data.dataset import Modality
    from xmodal_core.model.crossmodal import load_body, make_model, source_model
    from xmodal_core.model.seeding import pick_device

    space, device = Space(request.space), pick_device()
    body = load_body(request.body).to(device)
    source_side = source_model(source, body).to(device)
    rows = np.arange(len(target)) if request.n is None else target.rows("train", "val")
    scaling = Scaling.fit(embed(source, source_side, space, source.rows("train")).features)

    def seen_by(model: "CrossModalModel") -> Embedding:
        return scaling.apply(embed(target, model.to(device), space, rows))

    random_body: Body = load_body(request.body, pretrained=False, seed=request.seed + 1)
    return _Clouds(
        source=scaling.apply(embed(source, source_side, space)),
        target=seen_by(make_model(target, body, seed=request.seed)),
        at_random_embedder=seen_by(make_model(target, body, init="random", seed=request.seed + 1)),
        through_random_network=seen_by(make_model(target, random_body, init="random", seed=request.seed + 1)),
        raw=None if target.modality is Modality.TEXT else embed(target, None, Space.RAW, rows),
    )


def _source_rows(request: GapRequest) -> int:
    """Twice n, so that the floor can be measured at the same n as the value."""
    return max(2 * (request.n or 0), 2000)


def _same_rows(other: Embedding, wanted: Embedding) -> Embedding:
    place = {uid: i for i, uid in enumerate(other.uid.tolist())}
    return other.take(np.array([place[uid] for uid in wanted.uid.tolist()]))


def _points(sample: GapSample) -> dict[str, Any]:
    """Both clouds on one fixed linear projection, at most a few hundred points a side."""
    projection = LinearProjection.fit(sample.source.features, sample.target.features)
    source, target = (
        paired_sample(side, side, min(_N_DRAWN, len(side)), 0).source for side in (sample.source, sample.target)
    )
    points: dict[str, Any] = {"explained": list(projection.explained), "horizontal": projection.horizontal}
    for name, side in (("source", source), ("target", target)):
        points[name] = np.round(projection.apply(side.features), 4).tolist()
        points[f"{name}_labels"] = [side.class_names[c] for c in side.labels]
        points[f"{name}_uid"] = side.uid.tolist()
    return points


def _fields(reading: GapReading) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in reading.__dataclass_fields__}


def _device(request: GapRequest) -> str:
    if request.space == Space.RAW:
        return "cpu"
    from xmodal_core.model.seeding import describe_device, pick_device

    return describe_device(pick_device())
