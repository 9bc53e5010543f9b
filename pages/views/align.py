"""Alignment: the target's cloud moves onto the source's, and what that does to the held-out rows."""

from typing import Any

import streamlit as st

from pages.ui import launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import runs as figures
from xmodal_core.job import JobStatus
from xmodal_core.rundir import RunDir

METHODS = ("orca_pare", "orca", "pare", "finetune")
PANELS = (
    figures.Panel("training objective, not a distance", {"objective": "objective"}),
    figures.Panel("held-out OTDD", {"heldout_otdd": "OTDD"}),
    figures.Panel("held-out rows", {"heldout_knn_index": "kNN index", "heldout_knn_accuracy": "kNN accuracy"}),
)
NAMES = {name: label for panel in PANELS for name, label in panel.lines.items()}


def new_run() -> None:
    choice = launch.choose(METHODS, "align")
    if st.button("Start", type="primary", key="align-start", help="Creates the run and takes its first step"):
        try:
            run = launch.start(choice)
        except XModalError as error:
            show.error(error)
            return
        session.select(run=run.path.name)
        st.rerun()


def draw(run: RunDir, records: list[dict[str, Any]], status: JobStatus) -> None:
    record = watch.shown_step(run, records, status, "align-step")
    if record is None:
        return
    road = launch.plan(run)
    data, source = session.dataset(road.target), session.dataset(road.source)
    left, right = st.columns([1, 1])
    with left:
        watch.clouds(run, records, record, source.class_names, data.class_names, ghost=True)
        st.caption(
            "One linear projection, fitted before the first step; axes are the same at every step. Distances in "
            "the plane are not the metric."
        )
    with right:
        show.figure(
            figures.curves(records, PANELS, record["total"], 400, record["index"]),
            "align-curves",
            _in_words(records),
            figures.metrics_table(records, NAMES),
        )
        n = int(record["metrics"]["heldout_n"])
        st.caption(
            plain(
                f"Held-out readings on n = {n} rows a side; seed {road.seed}; "
                f"objective {road.settings['objective']}, computed on batches."
            )
        )
    if figures.has_collapsed(records):
        st.warning("The objective fell while held-out kNN accuracy fell by more than 0.1: possible class collapse.")
    if status.state != "failed" and record["index"] == record["total"] and road.span("curriculum"):
        session.go_to("curriculum", "Next: the curriculum", primary=True)
    elif record["index"] == record["total"]:
        session.go_to("refine", "Next: refine", primary=True)


def _in_words(records: list[dict[str, Any]]) -> str:
    first, last = records[0]["metrics"], records[-1]["metrics"]
    moves = (f"{label} {first[name]:.3g} to {last[name]:.3g}" for name, label in NAMES.items())
    return f"From step {records[0]['index']} to {records[-1]['index']}: {', '.join(moves)}."


st.title("Align")
run = session.open_run()
if run is None:
    data = session.need_target()
    if "run" in st.query_params:
        st.warning("The address names a run that is not in this workspace; start one here.")
    st.caption(
        plain(
            f"{data.name}: {len(data.rows('train'))} training rows, {data.n_classes} classes. Only the "
            "embedder trains in this stage; the pretrained body stays as it is."
        )
    )
    new_run()
else:
    watch.panel(run, "align", draw)
    with st.expander("Start another run", key="align-new", on_change="rerun") as another:
        if another.open:
            new_run()
