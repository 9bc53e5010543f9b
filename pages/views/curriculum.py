"""The curriculum: for one sample, which tokens the gate likes, and which are exchanged at the present k."""

from typing import Any

import numpy as np
import streamlit as st

from pages.ui import launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.figures import patches
from xmodal_core.figures import runs as figures
from xmodal_core.figures.base import BETWEEN, SOURCE
from xmodal_core.figures.samples import target_text
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import SCORES

ASKED = {
    Task.CLASSIFICATION: "class",
    Task.MULTILABEL: "labels",
    Task.REGRESSION: "value",
    Task.DENSE: "field",
    Task.SEGMENTATION: "cells",
}
LOSSES = {"target_loss": "target", "mixed_target_loss": "mixed as target", "mixed_source_loss": "mixed as source"}


def draw(run: RunDir, records: list[StepRecord], status: JobStatus) -> None:
    slider, sample = st.columns([3, 2], vertical_alignment="center")
    with slider:
        record = watch.shown_step(run, records, status, "curriculum-step")
    if record is None:
        return
    road = launch.plan(run)
    source, target = session.dataset(road.source), session.dataset(road.target)
    named = launch.classified(road.source), launch.classified(road.target)
    frame = run.read_frame(record["done"])
    with sample:
        chosen = choose_sample(frame, source, target)
    left, middle, right = st.columns(3)
    with left:
        sample_figure(
            source,
            frame["shown_source_rows"][chosen],
            frame["source_scores"][chosen],
            frame["source_chosen"][chosen],
            "taken",
            SOURCE.colour,
            "curriculum-source",
        )
    with middle:
        sample_figure(
            target,
            frame["shown_target_rows"][chosen],
            frame["target_scores"][chosen],
            frame["target_replaced"][chosen],
            "replaced",
            BETWEEN.colour,
            "curriculum-target",
        )
    with right:
        watch.clouds(run, records, record, named[0].class_names, named[1].class_names, height=320)
    k, n_tokens = frame["target_replaced"].shape[1], frame["target_scores"].shape[1]
    st.caption(
        plain(
            f"Step {record['index']}, epoch {record['metrics']['epoch']:.0f}: the {k} source tokens with the "
            f"highest scores replace the {k} of {n_tokens} target tokens with the lowest, in raster order. "
            "Mixing happens on embeddings; the pictures only illustrate it in the samples' own space. "
            f"Seed {road.seed}.",
            longest=600,
        )
    )
    charts(run, records, record, target)
    if record["index"] == record["total"]:
        session.go_to("refine", "Next: refine", primary=True)


def choose_sample(frame: dict[str, np.ndarray], source: LabelledDataset, target: LabelledDataset) -> int:
    pairs = list(zip(frame["shown_target_rows"].tolist(), frame["shown_source_rows"].tolist(), strict=True))

    def name(i: int) -> str:
        own, other = (target_text(data, row, 30) for data, row in zip((target, source), pairs[i], strict=True))
        return f"{i + 1}: target {own} with source {other}"  # options of a select box are no Markdown

    return st.selectbox(
        "Sample",
        range(len(pairs)),
        format_func=name,
        key="curriculum-sample",
        filter_mode=None,
        help="Held-out target rows; pairing with source rows is random, as in PaRe.",
    )


def sample_figure(
    data: LabelledDataset, row: int, scores: np.ndarray, marked: np.ndarray, word: str, colour: str, key: str
) -> None:
    sample = data.inputs[row]
    label = plain(f"{ASKED[data.task]} {target_text(data, row, 40)}")
    st.markdown(f"**{'Source' if word == 'taken' else 'Target'}** · {plain(data.name)} · {label}")
    alt = f"Gate scores of {len(scores)} tokens from {scores.min():.3f} to {scores.max():.3f}; {len(marked)} {word}."
    options: dict[str, Any] = {"marked_as": f"tokens {word}", "colour": colour, "height": 280}
    if data.modality in ("image", "field") and patches.grid_side(len(scores)):
        rgb = patches.as_rgb(sample, float(data.inputs.min()), float(data.inputs.max()))
        show.figure(patches.image_tokens(rgb, scores, marked, **options), key, alt)
        return
    if data.modality in ("series", "sequence"):
        show.figure(patches.series_tokens(np.atleast_2d(sample), scores, marked, **options), key, alt)
        return
    if data.modality == "text":
        st.text(str(sample)[:400])
        st.caption("Tokens are word pieces; those after the end of the sentence are padding.")
        options["height"] = 240
    names = patches.token_names(data.modality, len(scores), data.inputs.shape[1] if data.inputs.ndim > 1 else 0)
    show.figure(patches.token_bars(names, scores, marked, **options), key, alt)


def charts(run: RunDir, records: list[StepRecord], record: StepRecord, target: LabelledDataset) -> None:
    panels = (
        figures.Panel("loss, nats" if target.task in (Task.CLASSIFICATION, Task.SEGMENTATION) else "loss", LOSSES),
        figures.score_panel(SCORES[target.task]),
    )
    names = {"loss": "loss", **LOSSES, "k": "k", **panels[1].lines}
    left, middle, right = st.columns(3)
    with left:
        st.markdown("**Tokens replaced over the steps**")
        show.figure(
            figures.schedule(records, record["total"], record["index"], 250),
            "curriculum-schedule",
            f"k is {record['metrics']['k']:.0f} at step {record['index']} of {record['total']}.",
        )
    with middle:
        figure = figures.curves(records, panels, record["total"], 300, record["index"])
        show.figure(
            figure,
            "curriculum-losses",
            f"Loss {record['metrics']['loss']:.3f} at step {record['index']}.",
            figures.metrics_table(records, names),
        )
    with right:
        st.markdown("**Has the gate learnt to choose?**")
        have = set(run.frame_numbers())
        framed = [r for r in records if r["frame"] and r["done"] in have]
        spreads = [_spread(str(run.path), r["done"]) for r in framed]
        figure = patches.spread_curve([r["index"] for r in framed], spreads, record["total"], 250)
        show.figure(
            figure,
            "curriculum-spread",
            f"Spread of scores, source {spreads[-1][0]:.4f} and target {spreads[-1][1]:.4f}.",
        )
        st.caption(
            "Spread of gate scores within a sample. Dotted: the spread at the first step, when the gate was "
            "still random; scores no wider than that are not importance."
        )


@st.cache_resource(max_entries=5000, show_spinner=False)
def _spread(path: str, done: int) -> tuple[float, float]:
    from pathlib import Path

    frame = RunDir(Path(path)).read_frame(done)
    return patches.spread(frame["source_scores"], frame["target_scores"])


st.title("Curriculum")
run = session.open_run()
if run is not None:
    watch.panel(run, "curriculum", draw)
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
