"""Knowledge reuse: what a finished run's body still knows of the source, and how far its layers moved."""

import streamlit as st

from pages.ui import follow, launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import reuse as figures
from xmodal_core.reuse import words
from xmodal_core.reuse.diagnostics import DIAGNOSTICS
from xmodal_core.reuse.report import Knowledge, RetentionReading, ReuseReport, kept_reuse
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir

READERS = {  # reader of the source's classes, title, diagnostic
    "retention": ("kNN", "Retention", "retention"),
    "probe": ("linear probe", "Retention, fresh linear probe", "probe retention"),
}
LAYERS = {
    "cka": ("CKA with itself at the start", "cka"),
    "mutual_knn": ("Mutual neighbours", "mutual neighbours"),
    "drift": ("Relative drift", "drift"),
}


def measure(run: RunDir) -> None:
    from xmodal_core.reuse.measure import measure_reuse

    with st.spinner("Embedding source and target through every body", show_time=True):
        run.write_reuse(measure_reuse(run).to_json())


def retention(report: ReuseReport, key: str, reading: RetentionReading) -> None:
    """Retention by one reader of the source's classes."""
    reader, title, diagnostic = READERS[key]
    st.metric(title, words.percent(reading.retention), help=plain(DIAGNOSTICS[diagnostic].meaning))
    show.figure(
        figures.retention_dots(reading, reader=reader),
        f"reuse-{key}",
        f"Accuracy: {words.accuracies(reading)}.",
        {name: [value] for name, value in (reading.by_body() | {"chance": reading.chance}).items()},
    )
    for doubt in words.doubts(reading):
        st.caption(plain(doubt, longest=600))
    st.caption(plain(words.change(reading)))
    st.caption(plain(words.rows(report, reading)))


def layers(report: ReuseReport) -> None:
    table, measured = figures.layer_table(report), report.source_inputs.by_name()
    for column, what in zip(st.columns(len(measured)), measured, strict=True):
        title, diagnostic = LAYERS[what]
        with column:
            st.markdown(f"**{title}, layer by layer**")
            curves = figures.layer_curves(report, what, title)
            show.figure(curves, f"reuse-{what}", words.last_layer(report, what), table)
            st.caption(plain(DIAGNOSTICS[diagnostic].meaning))
    st.caption(plain(words.moved_weights(report.weights), longest=900))


def knowledge(found: Knowledge) -> None:
    """Whether source classes name the target's labels, at three embedders."""
    st.markdown("**Do the source's classes already tell the target's labels?**")
    if found.refused:
        st.caption(plain(f"Not measured: {found.refused}", longest=600))
        return
    table = figures.knowledge_table(found)
    st.dataframe(
        table,
        hide_index=True,
        key="reuse-knowledge",
        alt="Matching of source classes and target labels at three embedders.",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in list(table)[1:]},
    )
    st.caption(plain(words.matched_rows(found), longest=900))
    for text in words.undefined(found):
        st.caption(plain(f"The discrepancy is undefined here: {text}", longest=600))


def report_of(run: RunDir) -> None:
    report = kept_reuse(run)
    if report is None:
        if st.button("Measure", type="primary", key="reuse-measure"):
            measure(run)
            st.rerun()
        return
    readings = report.by_reader()
    for column, (key, reading) in zip(st.columns(len(readings)), readings.items(), strict=True):
        with column:
            retention(report, key, reading)
    st.caption(plain(f"Source rows: {report.source_rows}"))
    layers(report)
    knowledge(report.knowledge)
    limits()


def said_before(run: RunDir) -> None:
    """What has to be known before the numbers: a stage that was another one, and whether reuse is shown at all."""
    from xmodal_core.reuse.note import stage_note
    from xmodal_core.verdict.evidence import reuse_evidence

    if note := stage_note(run):
        st.warning(plain(note))
    st.markdown(plain(reuse_evidence(run, session.runs()), longest=600))


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
        said_before(run)
        report_of(run)
        follow.panel(run)
except XModalError as error:
    show.error(error)
