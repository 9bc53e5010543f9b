"""One sample of a curriculum as the browser plays it: source, target and mix in tiles, at any step or any k."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.ui.safe import line
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.figures import alignment, canvas, curriculum
from xmodal_core.figures.exchange import Tiles, tiles
from xmodal_core.figures.playback import Chart, Scene
from xmodal_core.figures.samples import target_text
from xmodal_core.model.word_pieces import word_pieces
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir

_MOST = 60  # frames
_KEPT = ("shown_target_rows", "shown_source_rows", "source_scores", "target_scores", "source_chosen", "target_replaced")
Frames = list[tuple[int, dict[str, np.ndarray]]]

_exchange = st.components.v2.component("xmodal_exchange", js=canvas.exchange_script(), css=canvas.exchange_style())


def frames_of(run: RunDir, records: Sequence[StepRecord]) -> Frames:
    """(step, frame) of the steps that have one, ascending; sixty at most, with the first and the last."""
    have = set(run.frame_numbers())
    step_of = {r["done"]: r["index"] for r in records if r["frame"] and r["done"] in have}
    numbers = alignment.thinned(sorted(step_of), _MOST)
    return [(step_of[done], _frame(str(run.path), done, run.frame_written(done))) for done in numbers]


@st.cache_resource(max_entries=2000, show_spinner=False)
def _frame(path: str, done: int, written: int) -> dict[str, np.ndarray]:  # noqa: ARG001 - a resumed run writes it again
    frame = RunDir(Path(path)).read_frame(done)
    return {name: frame[name] for name in _KEPT}


def exchange(
    run: RunDir,
    road: Plan,
    frames: Frames,
    sample: int,
    sides: tuple[LabelledDataset, LabelledDataset],
    schedule: Sequence[tuple[int, int]],
    live: bool,
) -> None:
    """Show a sample.

    Args:
        run: of the page.
        road: its plan.
        frames: of `frames_of`, at least one.
        sample: which of the shown ones.
        sides: source and target.
        schedule: (step, k) of every step so far.
        live: more steps are to come.
    """
    first, total = frames[0][1], dict(road.stages)["curriculum"]
    titled = []
    for side, data in zip(("source", "target"), sides, strict=True):
        row = int(first[f"shown_{side}_rows"][sample])
        name = f"{side.capitalize()}: {line(target_text(data, row, 40), 40)}"
        titled.append((name, _tiles(data.content_hash, row, first[f"{side}_scores"].shape[1], road.body, data)))
    told = curriculum.packed(titled[0], titled[1], frames, sample, road.settings, schedule, total)
    step, last = frames[-1]
    k, n = last["target_replaced"].shape[1], last["target_scores"].shape[1]
    alt = f"A source sample, a target sample and their mix; at step {step} of {total}, {k} of {n} tokens are exchanged."
    named = {"name": f"{run.path.name}-{sample}", "alt": alt, "live": live}
    _exchange(key=f"exchange-{run.path.name}", data=told | named)


def with_charts(scene: Scene, more: Sequence[Chart]) -> Scene:
    """The scene with more charts under its cursor."""
    return replace(scene, charts=[*scene.charts, *more])


@st.cache_resource(max_entries=200, show_spinner=False)
def _tiles(content: str, row: int, n_tokens: int, body: str, _data: Any) -> Tiles:  # noqa: ARG001 - the key
    words = word_pieces(body, str(_data.inputs[row]), n_tokens) if _data.modality is Modality.TEXT else ()
    return tiles(_data, row, n_tokens, words)
