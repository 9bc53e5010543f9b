"""Clouds that move and curves beside them, as one block of bytes for the browser, which plays them by itself.

What is sent: four bytes (uint32, little endian) with the length of a JSON header, the header, and after it numbers of
two bytes each, which the header points at by their place (in numbers, not bytes) behind it. Points are quantised to
65,536 steps of the box around all frames of a scene, so a place is off by at most 1/131,070 of the box. A cloud whose
points never move is sent once, however many frames there are. Pictures travel on their own, see `Sheet`: once for all
frames, and for all runs that show the same rows.
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.figures.base import BETWEEN, CLASS_COLOURS, NEUTRAL, SOURCE, TARGET, Mark
from xmodal_core.figures.pictures import pictures, png, sheet

STEPS = 65535  # of a quantised number
BY_SIDE = "side"
SCALE = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")  # Cividis, from 0 to 1
_DARK = {SOURCE.name: "#56B4E9", TARGET.name: "#F28E2B", BETWEEN.name: "#2CC295"}  # the marks on a dark page
_COLUMNS = 16
_SMALLER = ((250, 96), (800, 64), (2000, 32), (np.inf, 24))  # up to so many pictures, pixels of an edge


@dataclass(frozen=True)
class Sheet:
    """Pictures of some rows in one file, in reading order.

    Attributes:
        file: a PNG.
        side: pixels of a picture's edge.
        columns: pictures in a line.
        n: pictures.
        key: names the content.
    """

    file: bytes
    side: int
    columns: int
    n: int
    key: str

    def packed(self) -> bytes:
        """The key in 16 letters, then the file."""
        return self.key.encode() + self.file


def sheet_of(dataset: LabelledDataset, rows: np.ndarray, side: int | None = None) -> Sheet:
    """The pictures of some rows (r,) of a data set, in their order; smaller ones where they are many."""
    side = side or next(pixels for most, pixels in _SMALLER if len(rows) <= most)
    drawn = pictures(dataset, rows, side)
    file = png(sheet(drawn, _COLUMNS)) if len(rows) else b""
    return Sheet(file, side, _COLUMNS, len(rows), hashlib.blake2b(file, digest_size=8).hexdigest())


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points that keep their order through all frames.

    Attributes:
        mark: source, target or intermediate: colour and shape.
        points: places in the plane, (n, 2) where they stand still or (f, n, 2), one cloud a frame.
        uid: names of the n samples.
        labels: names of their classes.
        sheet: their pictures, in the same order; None where there are none.
        class_sheet: a picture of each class of `classes`.
        classes: the classes in the order of the legend; in order of appearance where it is empty.
        values: other numbers in [0, 1] by name, (n,) each, that points can be coloured by.
    """

    mark: Mark
    points: np.ndarray
    uid: Sequence[str]
    labels: Sequence[str]
    sheet: Sheet | None = None
    class_sheet: Sheet | None = None
    classes: Sequence[str] = ()
    values: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = self.points.shape
        if self.points.ndim not in (2, 3) or shape[-1] != 2:
            raise ValueError(f"points of {self.mark.name} are {shape}, expected (n, 2) or (frames, n, 2)")
        lengths = {"uid": len(self.uid), "labels": len(self.labels), **{k: len(v) for k, v in self.values.items()}}
        lengths |= {} if self.sheet is None else {"sheet": self.sheet.n}
        if wrong := {name: n for name, n in lengths.items() if n != shape[-2]}:
            raise ValueError(f"{self.mark.name} has {shape[-2]} points, but {wrong}")
        if self.class_sheet is not None and self.class_sheet.n != len(self.classes):
            raise ValueError(f"{self.class_sheet.n} pictures for {len(self.classes)} classes of {self.mark.name}")

    @property
    def frames(self) -> np.ndarray:
        """Places as (f, n, 2); a single frame where nothing moves."""
        points = self.points if self.points.ndim == 3 else self.points[None]
        return points[:1] if (points == points[:1]).all() else points


@dataclass(frozen=True)
class Line:
    """One curve of a chart: a value at each of some steps."""

    label: str
    steps: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True)
class Chart:
    """A small chart under the common cursor.

    Attributes:
        title: what is drawn; charts of equal titles in two scenes are one chart with the lines of both.
        lines: its curves.
        limits: fixed ends of the axis; None fits them.
    """

    title: str
    lines: Sequence[Line]
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Warned:
    """A step from which on something is wrong, and what, in a sentence."""

    step: int
    text: str


@dataclass(frozen=True, eq=False)
class Scene:
    """What one plane shows, and the curves that belong to it.

    Attributes:
        clouds: drawn in this order.
        steps: a number for each frame, ascending; empty for a still.
        charts: curves over steps.
        title: of the scene, where two stand side by side.
        axes: what across and up are.
        warned: drawn on the charts and said in words.
        links: (p, 2) rows of the first and the second cloud that a coupling joins.
        weights: (p,) in [0, 1], how strongly.
        until: where the axis of the charts ends at least.
        same_scale: whether both axes have one scale, so that lengths can be compared.
    """

    clouds: Sequence[Cloud]
    steps: Sequence[int] = ()
    charts: Sequence[Chart] = ()
    title: str = ""
    axes: tuple[str, str] = ("", "")
    warned: Warned | None = None
    links: np.ndarray | None = None
    weights: np.ndarray | None = None
    until: int = 0
    same_scale: bool = True

    def __post_init__(self) -> None:
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError("steps of a scene ascend, each once")
        expected = max(1, len(self.steps))
        for cloud in self.clouds:
            if cloud.points.ndim == 3 and len(cloud.points) != expected:
                raise ValueError(f"{cloud.mark.name} has {len(cloud.points)} frames for {expected} step(s)")

    @property
    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners (2,) of the box around every point of every frame."""
        points = [cloud.points.reshape(-1, 2) for cloud in self.clouds if cloud.points.size]
        every = np.concatenate(points) if points else np.zeros((1, 2))
        low, high = every.min(axis=0).astype(float), every.max(axis=0).astype(float)
        return low, np.where(high > low, high, low + 1)


@dataclass
class _Numbers:
    """Two-byte numbers behind the header, each part with its place."""

    parts: list[np.ndarray] = field(default_factory=list)
    length: int = 0

    def put(self, values: np.ndarray) -> int:
        part = np.ascontiguousarray(values, dtype="<u2").ravel()
        self.parts.append(part)
        self.length += part.size
        return self.length - part.size


def pack(scenes: Sequence[Scene], **view: Any) -> bytes:
    """The scenes as the bytes that the module's docstring describes.

    Args:
        scenes: one, or two that share a cursor.
        **view: how it is shown at first; JSON values.
    """
    numbers = _Numbers()
    header = {
        "scenes": [_scene(scene, numbers) for scene in scenes],
        "neutral": NEUTRAL,
        "class_colours": CLASS_COLOURS,
        "scale": SCALE,
        "view": view,
    }
    head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    head += b" " * (-(len(head) + 4) % 4)
    return b"".join((struct.pack("<I", len(head)), head, *(part.tobytes() for part in numbers.parts)))


def sheets(scenes: Sequence[Scene]) -> list[Sheet]:
    """All sheets that the scenes show, each once."""
    found = [s for scene in scenes for cloud in scene.clouds for s in (cloud.sheet, cloud.class_sheet)]
    return list({s.key: s for s in found if s is not None and s.file}.values())


def quantised(values: np.ndarray, low: np.ndarray | float, high: np.ndarray | float) -> np.ndarray:
    """Numbers between low and high as whole numbers from 0 to `STEPS`."""
    return np.round((np.clip(values, low, high) - low) / (np.asarray(high) - low) * STEPS).astype(np.uint16)


def _scene(scene: Scene, numbers: _Numbers) -> dict[str, Any]:
    low, high = scene.box
    told: dict[str, Any] = {
        "title": scene.title,
        "axes": scene.axes,
        "steps": list(map(int, scene.steps)),
        "low": low.tolist(),
        "high": high.tolist(),
        "same_scale": scene.same_scale,
        "until": scene.until,
        "clouds": [_cloud(cloud, low, high, numbers) for cloud in scene.clouds],
        "charts": [_chart(chart) for chart in scene.charts],
    }
    if scene.warned is not None:
        told["warned"] = {"step": scene.warned.step, "text": scene.warned.text}
    if scene.links is not None and len(scene.links):
        weights = np.ones(len(scene.links)) if scene.weights is None else scene.weights
        told["links"] = {
            "n": len(scene.links),
            "pairs": numbers.put(scene.links),
            "weights": numbers.put(quantised(weights, 0.0, 1.0)),
        }
    return told


def _cloud(cloud: Cloud, low: np.ndarray, high: np.ndarray, numbers: _Numbers) -> dict[str, Any]:
    frames = cloud.frames
    classes = list(dict.fromkeys([*cloud.classes, *cloud.labels]))
    code = {name: i for i, name in enumerate(classes)}
    mark = cloud.mark
    told: dict[str, Any] = {
        "name": mark.name,
        "glyph": mark.glyph,
        "symbol": mark.symbol,
        "colour": mark.colour,
        "dark": _DARK[mark.name],
        "n": frames.shape[1],
        "frames": len(frames),
        "points": numbers.put(quantised(frames, low, high)),
        "uid": list(map(str, cloud.uid)),
        "classes": list(map(str, classes)),
        "labels": numbers.put(np.array([code[name] for name in cloud.labels], dtype=np.uint16)),
        "values": {name: numbers.put(quantised(v, 0.0, 1.0)) for name, v in cloud.values.items()},
    }
    for name, kept in (("sheet", cloud.sheet), ("class_sheet", cloud.class_sheet)):
        if kept is not None and kept.file:
            told[name] = {"key": kept.key, "side": kept.side, "columns": kept.columns}
    return told


def _chart(chart: Chart) -> dict[str, Any]:
    lines = [
        {
            "label": line.label,
            "steps": list(map(int, line.steps)),
            "values": [float(v) if np.isfinite(v) else None for v in line.values],
        }
        for line in chart.lines
    ]
    return {"title": chart.title, "lines": lines, "limits": chart.limits}


def unpack(packed: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """What the browser reads: the header, and the two-byte numbers (m,) uint16 that it points at."""
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length]), np.frombuffer(packed, "<u2", offset=4 + length)
