"""Clouds of a gap report, and those of a run's alignment, with the samples' pictures where the data are there."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.figures.alignment import warned
from xmodal_core.figures.base import SOURCE, TARGET, Mark
from xmodal_core.figures.playback import Chart, Cloud, Line, Scene, sheet_of
from xmodal_core.figures.runs import column, from_the_start
from xmodal_core.panel.points import CloudPoints, Points
from xmodal_core.runs.rundir import RunDir

MOST_FRAMES, MOST_POINTS = 60, 600  # of a report: a file that is sent by mail
_AXES = ("first axis of the fixed projection", "second axis")


def gap_scene(points: Points, source: LabelledDataset | None, target: LabelledDataset | None) -> Scene:
    """Both clouds of a gap report; a sample shows itself where its data set is given."""
    clouds = [_still(SOURCE, points.source, source), _still(TARGET, points.target, target)]
    return Scene(clouds, axes=(points.horizontal, "second axis"))


def align_scene(run: RunDir, source: LabelledDataset | None, target: LabelledDataset | None) -> Scene | None:
    """How a run's alignment moved the clouds, with its curves under the same cursor; None without frames.

    Args:
        run: any run.
        source: whose samples are shown.
        target: the same, as the run saw it: None where it trained on fewer rows.
    """
    records = [record for record in run.read_steps()[0] if record["stage"] == "align"]
    have = set(run.frame_numbers())
    shown = [record for record in records if record["done"] in have]
    if not shown:
        return None
    kept = [shown[i] for i in _spread(len(shown), MOST_FRAMES)]
    frames = [run.read_frame(record["done"]) for record in kept]
    clouds = [
        _moving(mark, side, frames, data)
        for mark, side, data in ((SOURCE, "source", source), (TARGET, "target", target))
    ]
    told = from_the_start(records)
    charts = [
        Chart(title, [Line(label, *read)])
        for title, label, name in (
            ("training objective, not a distance", "objective", "objective"),
            ("held-out OTDD", "OTDD", "heldout_otdd"),
            ("accuracy of neighbours on held-out rows", "accuracy", "heldout_knn_accuracy"),
        )
        if (read := column(told, name))[0]
    ]
    steps = [int(record["index"]) for record in kept]
    return Scene(clouds, steps, charts, axes=_AXES, warned=warned(records))


def _still(mark: Mark, side: CloudPoints, data: LabelledDataset | None) -> Cloud:
    rows = _spread(len(side.xy), MOST_POINTS)
    uid, labels = [side.uid[i] for i in rows], [side.labels[i] for i in rows]
    place = {} if data is None else {name: row for row, name in enumerate(data.uid.tolist())}
    found = [place[name] for name in uid if name in place]
    sheet = sheet_of(data, np.array(found)) if data is not None and len(found) == len(uid) and uid else None
    return Cloud(mark, np.array([side.xy[i] for i in rows], np.float32).reshape(-1, 2), uid, labels, sheet)


def _moving(mark: Mark, side: str, frames: Sequence[dict[str, np.ndarray]], data: LabelledDataset | None) -> Cloud:
    first = frames[0]
    points = np.stack([frame[f"{side}_points"] for frame in frames])
    classes = () if data is None else data.class_names
    labels = [classes[i] if 0 <= i < len(classes) else f"class {i}" for i in first[f"{side}_labels"].tolist()]
    rows = first.get(f"{side}_rows")
    shown = data if rows is not None and data is not None and len(rows) and rows.max() < len(data) else None
    if shown is None or rows is None:
        return Cloud(mark, points, [f"{side} {i}" for i in range(points.shape[1])], labels)
    return Cloud(mark, points, shown.uid[rows].tolist(), labels, sheet_of(shown, rows))


def _spread(n: int, most: int) -> list[int]:
    """At most so many of n places, the first and the last among them."""
    return list(range(n)) if n <= most else np.unique(np.linspace(0, n - 1, most).round().astype(int)).tolist()
