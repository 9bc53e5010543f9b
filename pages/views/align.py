"""Alignment: the target's cloud moves onto the source's, and what that does to the held-out rows."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.data.pseudo import describe_labels
from xmodal_core.figures import runs as figures
from xmodal_core.figures.samples import counts_in_words
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir

PANELS = (
    figures.Panel("training objective, not a distance", {"objective": "objective"}),
    figures.Panel("held-out OTDD", {"heldout_otdd": "OTDD"}),
    figures.Panel("held-out rows", {"heldout_knn_index": "kNN index", "heldout_knn_accuracy": "kNN accuracy"}),
)
META_PANEL = figures.Panel("meta-gradient over plain gradient", {"meta_ratio": "ratio"})
DISTORTION_PANEL = figures.Panel(
    "entropies of held-out answers, nats",
    {
        "heldout_distortion": "distortion",
        "heldout_distortion_chance": "distortion, labels permuted",
        "heldout_answer_entropy": "all answers",
    },
)
OF_SOME = (META_PANEL, DISTORTION_PANEL)  # drawn where a method reads them


def draw(run: RunDir, records: list[StepRecord], status: JobStatus) -> None:
    record = watch.shown_step(run, records, status, "align-step")
    if record is None:
        return
    road = launch.plan(run)
    data, source = launch.classified(road.target), launch.classified(road.source)
    read = {name for r in records for name in r["metrics"]}
    panels = (*PANELS, *(panel for panel in OF_SOME if read & panel.lines.keys()))
    names = {name: label for panel in panels for name, label in panel.lines.items()}
    drawn = figures.from_the_start(records)
    left, right = st.columns([1, 1])
    with left:
        watch.clouds(run, records, record, source.class_names, data.class_names, ghost=True)
        st.caption(
            "One linear projection, fitted before the first step; axes are the same at every step. Distances in "
            "the plane are not the metric."
        )
    with right:
        show.figure(
            figures.curves(drawn, panels, record["total"], 100 * len(panels) + 100, record["index"]),
            "align-curves",
            _in_words(drawn, names),
            figures.metrics_table(drawn, names),
        )
        n = int(record["metrics"]["heldout_n"])
        objective = road.settings.get("objective", f"of {road.title.split(':')[0]}")
        labels = describe_labels(session.dataset(road.target), data.targets)
        st.caption(
            plain(
                f"Held-out readings on n = {n} rows a side; seed {road.seed}; "
                f"objective {objective}, computed on batches." + (f" Classes are {labels}." if labels else "")
            )
        )
    meta_gradient(records, record)
    distortion(records, record)
    if figures.has_collapsed(records):
        st.warning("The objective fell while held-out kNN accuracy fell by more than 0.1: possible class collapse.")
    if status.state != "failed" and record["index"] == record["total"] and road.span("curriculum"):
        session.go_to("curriculum", "Next: the curriculum", primary=True)
    elif record["index"] == record["total"]:
        session.go_to("refine", "Next: refine", primary=True)


def meta_gradient(records: list[StepRecord], record: StepRecord) -> None:
    """Say when looking ahead did nothing: the run is then another method under a name of its own."""
    _, ratios = figures.column(records, "meta_ratio")
    if not ratios or record["index"] != record["total"]:
        return
    from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING, equals_pretraining

    if equals_pretraining(ratios):
        st.warning(plain(EQUALS_PRETRAINING))


def distortion(records: list[StepRecord], record: StepRecord) -> None:
    """Say what became of feature-label distortion up to the shown step; a fall that is a collapse is no progress."""
    steps = [r["metrics"] for r in records if r["index"] <= record["index"]]
    if "head_accuracy" not in steps[0]:
        return
    from xmodal_core.methods.stages.progress import said

    sentence, is_fine = said(steps)
    if sentence:
        (st.caption if is_fine else st.warning)(plain(sentence))
    _, n = figures.column(records, "distortion_n")
    asked = f" and answers n = {n[0]:.0f} held-out target rows" if n else ""
    accuracy = steps[0]["head_accuracy"]
    st.caption(plain(f"The source head names the class of {accuracy:.0%} of held-out source rows{asked}."))


def _in_words(records: Sequence[figures.Record], names: dict[str, str]) -> str:
    moves = []
    for name, label in names.items():
        _, values = figures.column(records, name)
        if values:
            moves.append(f"{label} {values[0]:.3g} to {values[-1]:.3g}")
    return f"From step {records[0]['index']} to {records[-1]['index']}: {', '.join(moves)}."


st.title("Align")
run = session.open_run()
if run is None:
    data = session.need_target()
    if "run" in st.query_params:
        st.warning("The address names a run that is not in this workspace; start one here.")
    st.caption(
        plain(
            f"{data.name}: {len(data.rows('train'))} training rows, {counts_in_words(data)}. The embedder trains in "
            "this stage; the pretrained body stays as it is."
        )
    )
    launch.new_run("align", first="orca_pare")
else:
    watch.panel(run, "align", draw)
    with st.expander("Start another run", key="align-new", on_change="rerun") as another:
        if another.open:
            launch.new_run("align", first="orca_pare")
