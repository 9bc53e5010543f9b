"""A stage of a run as a scene of the player, read from its frames; each frame is read once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from pages.ui import launch, player
from xmodal_core.data.dataset import LabelledDataset, stratified_rows
from xmodal_core.figures import alignment
from xmodal_core.figures.base import BETWEEN, SOURCE, TARGET
from xmodal_core.figures.playback import Cloud, Scene
from xmodal_core.figures.runs import Panel, axis_end, from_the_start
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir

_AXES = ("first axis of the fixed projection", "second axis")
_SHOWN = ("source_points", "source_labels", "source_rows", "target_points", "target_rows", "mixed_points")


def scene(run: RunDir, records: Sequence[StepRecord], panels: Sequence[Panel], title: str = "") -> Scene | None:
    """The clouds of every step that has a frame, with the curves of the stage; None where no step has one yet.

    Args:
        run: it has a source.
        records: of one stage.
        panels: the charts.
        title: told above the plane, where two runs stand side by side.
    """
    have = set(run.frame_numbers())
    step_of = {r["done"]: r["index"] for r in records if r["frame"] and r["done"] in have}
    numbers = alignment.thinned(sorted(step_of))
    if not numbers:
        return None
    frames = [_frame(str(run.path), done, run.frame_written(done)) for done in numbers]
    return Scene(
        _clouds(run, frames),
        [step_of[done] for done in numbers],
        alignment.charts(from_the_start(records), panels),
        title,
        _AXES,
        alignment.warned(records),
        until=axis_end(records, records[-1]["total"]),
    )


def _clouds(run: RunDir, frames: Sequence[dict[str, np.ndarray]]) -> list[Cloud]:
    road, first = launch.plan(run), frames[0]
    source, target = launch.classified(road.source), launch.classified(road.target)
    rows = {"source": _source_rows(source, first), "target": first["target_rows"]}
    clouds = []
    for mark, side, data in ((SOURCE, "source", source), (TARGET, "target", target), (BETWEEN, "mixed", target)):
        if f"{side}_points" not in first:
            continue
        points = np.stack([frame[f"{side}_points"] for frame in frames])
        found = rows["target" if side == "mixed" else side]
        if found is None:
            names = [data.class_names[c] for c in first["source_labels"]]
            clouds.append(Cloud(mark, points, [f"{data.name}, point {i}" for i in range(len(names))], names))
        else:
            clouds.append(player.cloud(mark, data, found, points))
    return clouds


def _source_rows(source: LabelledDataset, frame: dict[str, np.ndarray]) -> np.ndarray | None:
    """Rows of the source that a frame shows; frames of earlier versions do not tell, and None where it is not certain.

    They were drawn then as they are now, so the draw is repeated and held against the labels.
    """
    if "source_rows" in frame:
        return frame["source_rows"]
    labels = frame["source_labels"]
    rows = source.rows("val", "test")
    rows = rows[stratified_rows(source.strata[rows], len(labels), seed=0)]
    return rows if np.array_equal(source.targets[rows], labels) else None


@st.cache_resource(max_entries=5000, show_spinner=False)
def _frame(path: str, done: int, written: int) -> dict[str, np.ndarray]:  # noqa: ARG001 - a resumed run writes it again
    frame = RunDir(Path(path)).read_frame(done)
    return {name: frame[name] for name in _SHOWN if name in frame}
