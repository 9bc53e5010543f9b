"""Knowledge reuse: what was kept, what the target uses, what random weights would give; everything else in folds."""

import streamlit as st

from pages.ui import errands, follow, launch, run_choice, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import reuse as figures
from xmodal_core.reuse import background, words
from xmodal_core.reuse.beside import beside
from xmodal_core.reuse.diagnostics import DIAGNOSTICS
from xmodal_core.reuse.report import Knowledge, RetentionReading, ReuseReport, kept_reuse
from xmodal_core.runs import errand, job
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
TABS = (
    "Two ways of asking",
    "Layer by layer",
    "Do source classes name your labels?",
    "Does your data use it?",
    "Along the run",
    "What this cannot tell",
)


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


def readers(report: ReuseReport) -> None:
    st.caption(
        "The source's classes are read twice: by the nearest neighbours of a sample, and by a small classifier that is "
        "trained anew on the frozen network."
    )
    readings = report.by_reader()
    for column, (key, reading) in zip(st.columns(len(readings)), readings.items(), strict=True):
        with column:
            retention(report, key, reading)
    st.caption(plain(f"Source rows: {report.source_rows}"))


def layers(report: ReuseReport) -> None:
    st.caption("The same samples through the network as it began and as it ended: how much each layer changed.")
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
    st.caption("If samples of one of your classes always look like the same class of the source, that class names it.")
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


def used(run: RunDir) -> None:
    """Whether reuse is shown at all; the verdict speaks."""
    from xmodal_core.verdict.evidence import reuse_evidence

    with st.spinner("Comparing the finished runs", show_time=True):
        st.markdown(plain(reuse_evidence(run, session.runs()), longest=600))
    st.caption("Knowledge that is kept need not be used: a run that trains only the embedder keeps all of it.")


def limits() -> None:
    for diagnostic in DIAGNOSTICS.values():
        st.markdown(
            f"- **{plain(diagnostic.name)}** is blind to this: {plain(diagnostic.blind_to)} "
            f"({plain(diagnostic.reference)})"
        )


def folded(run: RunDir, report: ReuseReport) -> None:
    """Everything else, in tabs of which only the open one is drawn."""
    contents = (
        lambda: readers(report),
        lambda: layers(report),
        lambda: knowledge(report.knowledge),
        lambda: used(run),
        lambda: follow.panel(run),
        limits,
    )
    for tab, draw in zip(st.tabs(TABS, key="reuse-tab", on_change="rerun"), contents, strict=True):
        if tab.open:
            with tab:
                draw()


def report_of(run: RunDir) -> None:
    """The answer in one sentence and one picture, or the way there."""
    measuring = background.errand_of(run)
    now, report = errand.status(measuring), kept_reuse(run)
    if now.live:
        st.markdown("**Asking the network what it still knows.**")
        errands.follow(measuring, "reuse")
        return
    errands.ended(now)
    if report is None:
        st.markdown(
            "**What does the network still know after training on your data?** To find out, it is shown old samples "
            "that no training has seen, beside the network before training and one of random weights."
        )
        if st.button("Measure", type="primary", key="reuse-measure"):
            background.measure(run)
            st.rerun()
        st.caption("It takes half a minute to a few minutes, in the background.")
        return
    from xmodal_core.reuse.note import stage_note

    found = beside(run, session.runs())
    st.subheader(plain(words.kept_sentence(report)), anchor=False)
    alt = f"{words.recognised(report)} {words.target_sentence(found)}"
    show.figure(figures.kept_ruler(report, found), "reuse-kept", alt, figures.kept_table(report, found))
    st.markdown(plain(words.recognised(report), longest=600))
    st.markdown(plain(words.target_sentence(found), longest=600))
    if note := stage_note(run):
        st.warning(plain(note))
    folded(run, report)


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
    if finished := run_choice.finished_runs():
        if run is None:
            st.markdown("**Which run shall be asked?** Choose a finished one.")
        run_choice.draw(finished, None, "reuse-pick")
    elif run is None:
        st.info("No run is finished yet. Train one, then come back.")
        session.go_to("align", "Start a run", primary=True)


def heading(run: RunDir) -> None:
    """Which run is looked at, and a way to another one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(watch.describe(launch.plan(run), run.path.name)))
        others = [one for one in run_choice.finished_runs() if one.path != run.path]
        if others:
            with st.popover("Another run", key="reuse-another"):
                run_choice.draw([run, *others], run, "reuse-pick")


st.title("Knowledge reuse")
run = session.open_run()
try:
    if run is None or run.result() is None:
        st.caption("Is the pretrained knowledge still there after training, and does your data make use of it?")
        unfinished(run)
    elif not launch.plan(run).has_body:
        heading(run)
        st.info(
            plain(
                f"{launch.plan(run).title} has no pretrained network, so there is no old knowledge to keep. Choose "
                "another run."
            )
        )
    else:
        heading(run)
        report_of(run)
except XModalError as error:
    show.error(error)
