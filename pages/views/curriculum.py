"""The curriculum: on one sample, what is exchanged at every step or at any k; three clouds and what the gate learnt."""

from typing import Any

import numpy as np
import streamlit as st

from pages.ui import exchange, launch, player, replay, session, watch
from pages.ui.safe import line, plain
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.errors import XModalError
from xmodal_core.figures import curriculum
from xmodal_core.figures import runs as figures
from xmodal_core.figures.samples import target_text
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import SCORES

LOSSES = {"target_loss": "target", "mixed_target_loss": "mixed as target", "mixed_source_loss": "mixed as source"}
HEIGHT = 300  # pixels of the clouds


def draw(run: RunDir, records: list[StepRecord], status: JobStatus) -> None:
    """One sample with what is exchanged, then the three clouds; both played by the browser."""
    frames = exchange.frames_of(run, records)
    if not frames:
        st.caption("The first step is on its way." if status.live else "No step has been taken yet.")
        return
    road = launch.plan(run)
    source, target = session.dataset(road.source), session.dataset(road.target)
    schedule = [(r["index"], int(r["metrics"]["k"])) for r in records]
    said, choice = st.columns([5, 3], vertical_alignment="center")
    n_target = frames[0][1]["target_scores"].shape[1]
    said.markdown(plain(curriculum.in_plain_words(schedule, n_target, records[-1]["total"]), longest=600))
    with choice:
        sample = choose_sample(frames[0][1], source, target)
    exchange.exchange(run, road, frames, sample, (source, target), schedule, status.live)
    clouds(run, records, frames, target, status)
    if records[-1]["index"] == records[-1]["total"]:
        session.go_to("refine", "Next: refine", primary=True)


def choose_sample(frame: dict[str, np.ndarray], source: LabelledDataset, target: LabelledDataset) -> int:
    pairs = list(zip(frame["shown_target_rows"].tolist(), frame["shown_source_rows"].tolist(), strict=True))

    def name(i: int) -> str:
        own, other = (target_text(data, row, 30) for data, row in zip((target, source), pairs[i], strict=True))
        return line(f"{i + 1}: target {own} with source {other}")

    return st.selectbox(
        "Sample",
        range(len(pairs)),
        format_func=name,
        key="curriculum-sample",
        filter_mode=None,
        label_visibility="collapsed",
        help="Held-out target rows; pairing with source rows is random, as in PaRe.",
    )


def clouds(
    run: RunDir,
    records: list[StepRecord],
    frames: list[tuple[int, dict[str, np.ndarray]]],
    target: LabelledDataset,
    status: JobStatus,
) -> None:
    """Source, target and mix over the steps, the losses, and whether the gate has learnt to choose."""
    is_classes = target.task in (Task.CLASSIFICATION, Task.SEGMENTATION)
    panels = (figures.Panel("loss, nats" if is_classes else "loss", LOSSES), figures.score_panel(SCORES[target.task]))
    scene = replay.scene(run, records, panels)
    if scene is None:
        return
    overlaps = [(r["index"], r["metrics"]["gate_overlap"]) for r in records if "gate_overlap" in r["metrics"]]
    gate = curriculum.gate_charts(frames, overlaps)
    names = {"loss": "loss", **LOSSES, "k": "k", **panels[1].lines}
    loss = records[-1]["metrics"]["loss"]
    player.player(
        f"curriculum-{run.path.name}",
        exchange.with_charts(scene, gate),
        alt=f"The clouds of source, target and mix over the steps; loss {loss:.3f} at step {records[-1]['index']}.",
        table=figures.metrics_table(records, names),
        height=HEIGHT,
        live=status.live,
    )


def notes(run: RunDir, records: list[StepRecord], status: JobStatus) -> None:  # noqa: ARG001 - as the panel calls it
    """What is honest to read from the pictures."""
    if not records:
        return
    road = launch.plan(run)
    rule = road.settings.get("rule", "gate")
    how: dict[str, Any] = {
        "gate": "the k source tokens with the highest scores replace the k target tokens with the lowest",
        "gate_inverted": "the k source tokens with the highest scores replace the k target tokens with the highest",
        "random": "k source tokens drawn at random replace k target tokens drawn at random",
    }
    st.caption(
        plain(
            f"Here {how[rule]}, in raster order; in training noise is added to the scores. Mixing happens on "
            "embeddings; the pictures only illustrate it in the samples' own space. Scores no wider apart than those "
            f"of the first step, when the gate was still random, are not importance. Seed {road.seed}.",
            longest=700,
        )
    )


def with_a_curriculum(run: RunDir) -> RunDir:
    """The run itself, or, where its method has no curriculum, the newest on the same target that shows one; said."""
    road = road_of(run)
    if road is None or road.span("curriculum"):
        return run
    for other in session.runs():
        beside = road_of(other)
        if beside and beside.target == road.target and beside.span("curriculum") and other.frame_numbers():
            own = f"Run {run.path.name} ({road.title.split(':')[0]}) has no curriculum; "
            st.caption(line(f"{own}this is {beside.title.split(':')[0]} on the same data.", 200))
            return other
    return run


def road_of(run: RunDir) -> Plan | None:
    try:
        return launch.plan(run)
    except XModalError:
        return None


st.title("Curriculum")
run = session.open_run()
if run is not None:
    watch.panel(with_a_curriculum(run), "curriculum", draw, below=notes)
    with st.expander("Start another run", key="curriculum-new", on_change="rerun") as another:
        if another.open:
            launch.new_run("curriculum", first="pare")
elif session.need_target():
    if "run" in st.query_params:
        st.warning("The address names a run that is not in this workspace; start one here.")
    st.caption(
        "No run is open. A curriculum trains on samples some of whose tokens come from the source, fewer and fewer."
    )
    launch.new_run("curriculum", first="pare")
