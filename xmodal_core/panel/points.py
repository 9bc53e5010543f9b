"""Both clouds as points of a plane, with what a figure says about each point."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from xmodal_core.values import JsonValue

SIDES = ("source", "target")
UMAP, CLASS_PLANE = "UMAP", "class plane"  # what an axis is called where the plane is no fixed linear one


@dataclass(frozen=True)
class CloudPoints(JsonValue):
    """One side, a point a row.

    Attributes:
        xy: (n, 2) places in the plane.
        labels: names of the rows' classes.
        uid: names of the rows.
        mixing: in [0, 1], how evenly both sides share the neighbourhood of each row among all rows measured; None
            where that was not measured.
    """

    xy: list[list[float]]
    labels: list[str]
    uid: list[str]
    mixing: list[float] | None = None


@dataclass(frozen=True)
class Points(JsonValue):
    """Both sides in one plane.

    Attributes:
        source, target: the drawn rows of either side.
        explained: share of the scatter along either axis; None where the plane is no linear projection.
        horizontal: what the first axis is.
    """

    source: CloudPoints
    target: CloudPoints
    explained: tuple[float, float] | None
    horizontal: str

    def to_json(self) -> dict[str, object]:
        """A plain JSON object, read back by `from_json`."""
        explained = None if self.explained is None else list(self.explained)
        values: dict[str, object] = {"explained": explained, "horizontal": self.horizontal}
        for name, side in zip(SIDES, (self.source, self.target), strict=True):
            values |= {name: side.xy, f"{name}_labels": side.labels, f"{name}_uid": side.uid}
            if side.mixing is not None:
                values[f"{name}_mixing"] = side.mixing
        return values

    @classmethod
    def from_json(cls, values: Any, where: str = "the points") -> Self:
        """The points that `to_json` wrote.

        Raises:
            RunError: it is another object.
        """
        if isinstance(values, Mapping):
            values = {**values, **{side: _of_side(values, side) for side in SIDES}}
        return super().from_json(values, where)


def _of_side(values: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    """The keys of one side, which its name begins, as those of `CloudPoints`."""
    keys = {"xy": side} | {name: f"{side}_{name}" for name in ("labels", "uid", "mixing")}
    return {name: values[key] for name, key in keys.items() if key in values}
