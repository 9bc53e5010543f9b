"""Both clouds as points of a plane, with what a figure says about each point."""

from dataclasses import dataclass
from typing import Any

SIDES = ("source", "target")


@dataclass(frozen=True)
class CloudPoints:
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
class Points:
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

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object, read back by `from_json`."""
        explained = None if self.explained is None else list(self.explained)
        values: dict[str, Any] = {"explained": explained, "horizontal": self.horizontal}
        for name, side in zip(SIDES, (self.source, self.target), strict=True):
            values |= {name: side.xy, f"{name}_labels": side.labels, f"{name}_uid": side.uid}
            if side.mixing is not None:
                values[f"{name}_mixing"] = side.mixing
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Points":
        """The points that `to_json` wrote."""
        source, target = (
            CloudPoints(values[name], values[f"{name}_labels"], values[f"{name}_uid"], values.get(f"{name}_mixing"))
            for name in SIDES
        )
        shares = values["explained"]
        explained = None if shares is None else (float(shares[0]), float(shares[1]))
        return cls(source, target, explained, values["horizontal"])
