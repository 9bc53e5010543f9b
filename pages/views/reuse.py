"""Knowledge reuse: what a finished run's body still knows of the source, and how far its layers moved."""

from typing import Any

import streamlit as st

from pages.ui import board, evidence, follow, launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import reuse as figures
from xmodal_core.reuse.diagnostics import DIAGNOSTICS
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir

READERS = {"retention": ("kNN", "Retention"), "probe": ("linear probe", "Retention, fresh linear probe")}
LAYERS = {
    "cka": ("CKA with itself at the start", "cka"),
    "mutual_knn": ("Mutual neighbours", "mutual neighbours"),
    "drift": ("Relative drift", "drift"),
}
EMBEDDERS = {"random": "random", "start": "before training", "trained": "trained"}


def measure(run: RunDir) -> None:
    from xmodal_core.reuse.measure import measure_reuse

    with st.spinner("Embedding source and target through every body", show_time=True):
        board.keep_reuse(run, measure_reuse(run))


def retention(report: dict[str, Any], key: str) -> None:
    """Retention by one reader of the source's classes; `key` is "retention" (kNN) or "probe"."""
    r, (reader, title) = report[key], READERS[key]
    low, high = r["after_minus_before_interval"]
    share = "none to keep" if r["retention"] is None else f"{100 * r['retention']:.0f} %"
    meaning = DIAGNOSTICS["retention" if key == "retention" else "probe retention"].meaning
    st.metric(title, share, help=plain(meaning))
    show.figure(
        figures.retention_dots(r, reader=reader),
        f"reuse-{key}",
        f"Accuracy: random weights {r['random']:.3f}, before {r['before']:.3f}, after {r['after']:.3f}.",
        {name: [r[name]] for name in ("random", "before", "after", "chance")},
    )
    st.caption(
        plain(
            f"(after − random) / (before − random). After minus before: {r['after'] - r['before']:+.3f}, "
            f"95 % interval {low:+.3f} to {high:+.3f}."
        )
    )
    neighbours = f", k = {r['k']}" if "k" in r else ""
    st.caption(
        plain(
            f"{r['n_query']} held-out rows of {report['source']} ask {r['n_bank']} others{neighbours}; "
            f"seed {report['seed']}; chance {r['chance']:.3f}."
            + (f" Classes are {report['source_labels']}." if report.get("source_labels") else "")
        )
    )


def layers(report: dict[str, Any]) -> None:
    table = figures.layer_table(report)
    shown = {what: texts for what, texts in LAYERS.items() if what in report["source_inputs"]}
    for column, (what, (title, diagnostic)) in zip(st.columns(len(shown)), shown.items(), strict=True):
        values = report["source_inputs"][what], report["target_inputs"][what]
        with column:
            st.markdown(f"**{title}, layer by layer**")
            alt = f"Last layer: {values[0][-1]:.3f} on source inputs, {values[1][-1]:.3f} on target inputs."
            show.figure(figures.layer_curves(report, what, title), f"reuse-{what}", alt, table)
            st.caption(plain(DIAGNOSTICS[diagnostic].meaning))
    if weights := report.get("weights"):
        told = ", ".join(f"{group} {value:.4f}" for group, value in weights.items())
        st.caption(
            plain(
                f"Weight distance |after − start| / |start| of the body: {told}. Secondary: it grows with "
                "learning rate and steps, and weights in front of a norm can be rescaled without effect.",
                longest=900,
            )
        )


def knowledge(found: dict[str, Any]) -> None:
    """Whether source classes name the target's labels, at three embedders."""
    st.markdown("**Do the source's classes already tell the target's labels?**")
    if found["refused"]:
        st.caption(plain(f"Not measured: {found['refused']}", longest=600))
        return
    rows = []
    for name, r in found["embedders"].items():
        d = r["discrepancy"] or {}
        rows.append(
            {
                "embedder": EMBEDDERS[name],
                "kappa": r["kappa"],
                "p of kappa": r["kappa_p"],
                "U": r["information"],
                "U by chance": r["information_chance"],
                "discrepancy / chance": d.get("relative"),
                "discrepancy, nats": d.get("value"),
                "p of discrepancy": d.get("p"),
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        key="reuse-knowledge",
        alt="Matching of source classes and target labels at three embedders.",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in list(rows[0])[1:]},
    )
    labels = f" Target labels are {found['target_labels']}." if found["target_labels"] else ""
    st.caption(
        plain(
            f"Validation rows (n = {found['n']}) seen by the pretrained body through each embedder; {found['k']} "
            f"source neighbours say which of {found['n_source_classes']} source classes they look like. Half of the "
            f"rows match classes to {found['n_labels']} labels, the other half is scored, both ways. kappa and U: 0 by "
            f"chance, 1 where source classes determine the label.{labels}",
            longest=900,
        )
    )
    for text in sorted({r["undefined"] for r in found["embedders"].values() if r["undefined"]}):
        st.caption(plain(f"The discrepancy is undefined here: {text}", longest=600))


def report_of(run: RunDir) -> None:
    report = board.kept_reuse(run)
    if report is None or "probe" not in report:
        label = "Measure" if report is None else "Measure again, with what has been added since"
        if st.button(label, type="primary", key="reuse-measure"):
            measure(run)
            st.rerun()
    if report is None:
        return
    readers = [key for key in READERS if key in report]
    for column, key in zip(st.columns(len(readers)), readers, strict=True):
        with column:
            retention(report, key)
    if rows := report.get("source_rows"):
        st.caption(plain(f"Source rows: {rows}"))
    layers(report)
    if "knowledge" in report:
        knowledge(report["knowledge"])
    limits()


def limits() -> None:
    with st.expander("What these numbers cannot tell"):
        for diagnostic in DIAGNOSTICS.values():
            st.markdown(
                f"- **{plain(diagnostic.name)}** is blind to this: {plain(diagnostic.blind_to)} "
                f"({plain(diagnostic.reference)})"
            )


def finished_runs() -> list[RunDir]:
    return [r for r in session.runs() if job.status(r).state == "done" and r.result() is not None]


def unfinished(run: RunDir | None) -> None:
    """Say why there is nothing to show, and offer what there is."""
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


st.title("Knowledge reuse")
st.caption("Is the pretrained knowledge still there after training, and do the layers still see samples as they did?")
run = session.open_run()
try:
    if run is None or run.result() is None:
        unfinished(run)
    else:
        st.caption(plain(watch.describe(launch.plan(run), run.path.name)))
        if note := evidence.stage_note(run):
            st.warning(plain(note))
        st.markdown(plain(evidence.reuse_sentence(run), longest=600))
        report_of(run)
        follow.panel(run)
except XModalError as error:
    show.error(error)
