"""The readings of one request as a value, and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xmodal_core.data.understanding import Understanding
from xmodal_core.gap.against_n import CurvePoint
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.points import Points
from xmodal_core.values import JsonValue


@dataclass(frozen=True)
class Context(JsonValue):
    """What helps to read the numbers and is no gap.

    Attributes:
        intrinsic_dimension: of either side; None where it has too few rows.
        pseudo_labels: by side, where its classes come from, if they are clusters of other targets; else None.
    """

    intrinsic_dimension: Mapping[str, float | None] = field(default_factory=dict)
    pseudo_labels: Mapping[str, str] | None = None


@dataclass(frozen=True)
class GapReport(JsonValue):
    """The readings of one request, all of them or those taken so far.

    Attributes:
        source, target: names of the data sets.
        space: raw, embedder or body.
        body: what embedded them; empty for raw inputs.
        readings: by metric, in the order of `metrics`.
        points: both clouds on a fixed linear projection.
        n: rows per side.
        seed: of every draw.
        device: what embedded them.
        seconds: since the request.
        metrics: the requested ones, in the order they are shown in.
        curves: by metric, its value against n, ascending in n.
        refused: by metric, why these rows cannot be measured by it.
        complete: nothing is left to measure.
        tokens: most tokens of a sample that were asked for; None for the usual number.
        context: what helps to read the numbers.
        model: settings of the target's embedder, nothing left to `auto`; empty for text, which enters through the
            body's own layer, None for raw inputs and in reports that were written before there were any. No reading
            knows a readout: the space `body` is the mean token (of a causal body the last), whatever a predictor reads.
        understanding, source_understanding: what a reader made of the target's and the source's file; None for data
            that ship.
    """

    source: str
    target: str
    space: str
    body: str
    readings: dict[str, GapReading]
    points: Points
    n: int
    seed: int
    device: str
    seconds: float
    metrics: tuple[str, ...] = ()
    curves: dict[str, tuple[CurvePoint, ...]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    tokens: int | None = None
    context: Context = field(default_factory=Context)
    understanding: Understanding | None = None
    source_understanding: Understanding | None = None
    model: Mapping[str, str] | None = None
