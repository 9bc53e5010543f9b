"""The readings of one request as a value, and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from xmodal_core.gap.against_n import CurvePoint
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.points import Points


@dataclass(frozen=True)
class Context:
    """What helps to read the numbers and is no gap.

    Attributes:
        intrinsic_dimension: of either side; None where it has too few rows.
        pseudo_labels: by side, where its classes come from, if they are clusters of other targets.
    """

    intrinsic_dimension: dict[str, float | None] = field(default_factory=dict)
    pseudo_labels: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object without what is empty, read back by `from_json`."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Context":
        """The context that `to_json` wrote."""
        return cls(dict(values.get("intrinsic_dimension", {})), dict(values.get("pseudo_labels", {})))


@dataclass(frozen=True)
class GapReport:
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
        context: what helps to read the numbers.
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
    curves: dict[str, list[CurvePoint]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    context: Context = field(default_factory=Context)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object, read back by `from_json`."""
        parts = {"points": self.points.to_json(), "context": self.context.to_json()}
        return plain_values(asdict(self) | parts)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "GapReport":
        """The report that `to_json` wrote."""
        readings = {
            name: GapReading(**(r | {"interval": tuple(r["interval"]) if r["interval"] else None}))
            for name, r in values["readings"].items()
        }
        parts = {
            "readings": readings,
            "points": Points.from_json(values["points"]),
            "metrics": tuple(values.get("metrics", readings)),
            "curves": {name: [CurvePoint(**p) for p in points] for name, points in values.get("curves", {}).items()},
            "context": Context.from_json(values.get("context", {})),
        }
        return cls(**(values | parts))


def plain_values(value: Any) -> Any:
    """The same as JSON gives it back: lists for tuples and arrays, text for keys."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain_values(item) for key, item in value.items()}
    return [plain_values(item) for item in value] if isinstance(value, list | tuple) else value
