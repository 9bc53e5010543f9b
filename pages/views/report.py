"""Everything that is known about the selected data on one page, read-only, with how to repeat it."""

from collections import Counter

import streamlit as st

from pages.ui import board, card, one_file, panel, predictions, results, session, show, takeaway, triage
from pages.ui.safe import plain
from xmodal_core import __version__
from xmodal_core.data.dataset import SPLITS, LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.figures.samples import counts_in_words
from xmodal_core.model.words import of_report
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.words import readings_table, space_note
from xmodal_core.report.sections import SAMPLE_SIDE, sample_pictures
from xmodal_core.reuse import words as reuse_words
from xmodal_core.reuse.report import kept_reports


def describe_data(data: LabelledDataset) -> None:
    st.header("Data")
    rows = Counter(data.splits.tolist())
    st.markdown(
        plain(
            f"{data.name}: {data.modality}, {len(data)} samples of shape {data.inputs.shape[1:]}, "
            f"{counts_in_words(data)}; {', '.join(f'{rows[s]} {s}' for s in SPLITS)}. "
            f"Content {data.content_hash}."
        )
    )
    st.caption(plain(data.origin or "Origin not stated."))
    images, names = sample_pictures(data)
    captions = [plain(name, 40) for name in names]
    st.image(list(images), caption=captions, width=SAMPLE_SIDE, alt=[f"A sample of {name}" for name in names])
    if data.understanding is not None:
        with st.expander("What was understood", expanded=bool(data.understanding.warnings)):
            card.understanding_card(data.understanding)


def describe_gap(gap: GapReport | None) -> None:
    st.header("Gap")
    if gap is None:
        st.caption("Not measured on this address.")
        session.go_to("gap", "Measure the gap")
        return
    panel.hero(gap)
    with st.expander("Every reading"):
        st.dataframe(readings_table(gap.readings), hide_index=True, key="report-gap", alt="Gap readings.")
    body = f" of {gap.body}" if gap.body else ""
    parts = [f"at most {gap.tokens} tokens a sample"] if gap.tokens else []
    parts += [how] if (how := of_report(gap.body, gap.model)) else []
    where = ", ".join([f"in the space {gap.space}{body}", *parts])
    st.caption(
        plain(
            f"{gap.source} to {gap.target} {where}; n = {gap.n} rows a side, seed {gap.seed}, {gap.device}. "
            f"{space_note(gap.space)}",
            longest=1000,
        )
    )
    triage.card(gap)


def describe_runs(runs: list[board.Entry]) -> None:
    st.header("What the runs show")
    done = [result for run, _, _ in runs if (result := run.result()) is not None]
    if not done:
        st.caption(f"{len(runs)} runs on this data and body, none finished.")
        session.go_to("compare", "Launch runs")
        return
    reports = kept_reports(run for run, _, _ in runs)
    found = board.compared([run for run, _, _ in runs])
    results.summary(found)
    for name, report in reports.items():
        st.markdown(plain(reuse_words.summary(name, report)))
    versions = {f"{package} {version}" for result in done for package, version in result.versions.items()}
    devices = sorted({result.device for result in done})
    st.caption(plain(f"Devices: {', '.join(devices)}. Versions: {', '.join(sorted(versions))}."))
    takeaway.draw(found, runs, "xmodal-report")
    kept = [run for run, _, status in runs if status.state == "done" and run.predictions.is_file()]
    if kept:
        st.markdown("**What a run says of every row**")
        names = {run.path.name: run for run in kept}
        name = st.selectbox("Run", list(names), key="report-run")
        predictions.downloads(names[name], "report-predictions")


st.title("Report")
data = session.need_target()
chosen = session.selection()
runs = board.entries(session.target_reference(chosen), session.body_reference(chosen))
gap = board.gap_of_selection()
st.caption(
    plain(
        f"XModal Lab {__version__}. Selected: {data.name}, source {session.source_reference(chosen)}, body "
        f"{session.body_reference(chosen)}."
    )
)
try:
    with st.container(horizontal=True, vertical_alignment="center", key="report-share"):
        one_file.offer(runs, "xmodal-report")
        one_file.offer_link()
        st.caption("Or print this page: navigation is left out, and no figure is cut.")
    describe_runs(runs)
    describe_data(data)
    describe_gap(gap)
    if lines := board.commands(runs, gap):
        st.header("The same again, from the command line")
        st.code(lines, language="bash", wrap_lines=True)
except XModalError as error:
    show.error(error)
show.damaged(board.damaged())
