"""The readings of one request as a value, and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from xmodal_core.gap.base import GapReading


@dataclass(frozen=True)
class GapReport:
    """The readings of one request, all of them or those taken so far.

    Attributes:
        source, target: names of the data sets.
        space: raw, embedder or body.
        body: what embedded them; empty for raw inputs.
        readings: by metric, in the order of `metrics`.
        points: both clouds on the fixed projection, with labels, uid and the mixing around each point.
        n: rows per side.
        seed: of every draw.
        device: what embedded them.
        seconds: since the request.
        metrics: the requested ones, in the order they are shown in.
        curves: by metric, `CurvePoint`s as plain objects.
        refused: by metric, why these rows cannot be measured by it.
        complete: nothing is left to measure.
        context: what helps to read the numbers and is no gap: the intrinsic dimension of either side, and
            "pseudo_labels" by side where its classes are clusters of other targets.
    """

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
    metrics: tuple[str, ...] = ()
    curves: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    context: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object, read back by `from_json`."""
        return plain_values(asdict(self))

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "GapReport":
        """The report that `to_json` wrote."""
        readings = {
            name: GapReading(**(r | {"interval": tuple(r["interval"]) if r["interval"] else None}))
            for name, r in values["readings"].items()
        }
        return cls(**(values | {"readings": readings, "metrics": tuple(values.get("metrics", readings))}))


def plain_values(value: Any) -> Any:
    """The same as JSON gives it back: lists for tuples and arrays, text for keys."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain_values(item) for key, item in value.items()}
    return [plain_values(item) for item in value] if isinstance(value, list | tuple) else value
