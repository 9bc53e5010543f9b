"""Knowledge reuse: what a finished run's body still knows of the source, and how far its layers moved."""

from typing import Any

import streamlit as st

from pages.ui import board, launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core import job
from xmodal_core.errors import XModalError
from xmodal_core.figures import reuse as figures
from xmodal_core.reuse import DIAGNOSTICS
from xmodal_core.rundir import RunDir


def measure(run: RunDir) -> None:
    from xmodal_core.reuse_report import measure_reuse

    with st.spinner("Embedding source and target through three bodies", show_time=True):
        board.keep_reuse(run, measure_reuse(run))


def retention(report: dict[str, Any]) -> None:
    r = report["retention"]
    low, high = r["after_minus_before_interval"]
    share = "none to keep" if r["retention"] is None else f"{100 * r['retention']:.0f} %"
    left, right = st.columns([1, 2], vertical_alignment="center")
    with left:
        st.metric("Retention", share, help=plain(DIAGNOSTICS["retention"].meaning))
        st.caption(
            plain(
                f"(after − random) / (before − random). After minus before: {r['after'] - r['before']:+.3f}, "
                f"95 % interval {low:+.3f} to {high:+.3f}."
            )
        )
        st.caption(
            plain(
                f"{r['n_query']} held-out rows of {report['source']} ask {r['n_bank']} others, k = {r['k']}; "
                f"seed {report['seed']}; chance {r['chance']:.3f}."
                + (f" Classes are {report['source_labels']}." if report.get("source_labels") else "")
            )
        )
    with right:
        show.figure(
            figures.retention_dots(r),
            "reuse-retention",
            f"Accuracy: random weights {r['random']:.3f}, before {r['before']:.3f}, after {r['after']:.3f}.",
            {name: [r[name]] for name in ("random", "before", "after", "chance")},
        )


def layers(report: dict[str, Any]) -> None:
    table = figures.layer_table(report)
    left, right = st.columns(2)
    for column, what, title in ((left, "cka", "CKA with itself before"), (right, "drift", "Relative drift")):
        values = report["source_inputs"][what], report["target_inputs"][what]
        with column:
            st.markdown(f"**{title}, layer by layer**")
            alt = f"Last layer: {values[0][-1]:.3f} on source inputs, {values[1][-1]:.3f} on target inputs."
            show.figure(figures.layer_curves(report, what, title), f"reuse-{what}", alt, table)
            st.caption(plain(DIAGNOSTICS[what].meaning))


def limits() -> None:
    with st.expander("What these numbers cannot tell"):
        for diagnostic in DIAGNOSTICS.values():
            st.markdown(
                f"- **{plain(diagnostic.name)}** is blind to this: {plain(diagnostic.blind_to)} "
                f"({plain(diagnostic.reference)})"
            )


def finished_runs() -> list[RunDir]:
    return [r for r in session.runs() if job.status(r).state == "done" and r.result() is not None]


st.title("Knowledge reuse")
st.caption("Is the pretrained knowledge still there after training, and do the layers still see samples as they did?")
run = session.open_run()
try:
    if run is None or run.result() is None:
        if run is not None:
            st.info(
                plain(
                    f"This run is not finished: {watch.sentence(job.status(run), launch.plan(run))} "
                    "Knowledge reuse is measured on the final weights."
                )
            )
            session.go_to("refine", "Go on to the end", primary=True)
        elif "run" in st.query_params:
            st.warning("The address names a run that is not in this workspace.")
        else:
            st.info("No run is open; finish one, or choose a finished one.")
        if finished := finished_runs():
            picked = st.selectbox(
                "Finished runs",
                finished,
                key="reuse-pick",
                index=None,
                format_func=lambda r: watch.describe(launch.plan(r), r.path.name),
            )
            if picked is not None:
                session.select(run=picked.path.name)
                st.rerun()
        elif run is None:
            session.go_to("align", "Start a run", primary=True)
    else:
        st.caption(plain(watch.describe(launch.plan(run), run.path.name)))
        report = board.kept_reuse(run)
        if report is None and st.button("Measure", type="primary", key="reuse-measure"):
            measure(run)
            st.rerun()
        if report is not None:
            retention(report)
            layers(report)
            limits()
except XModalError as error:
    show.error(error)
