"""The report as one file: an HTML page that needs neither this server nor a network."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.ui import board, session
from xmodal_core.report.bundle import RUNS
from xmodal_core.report.contents import gather
from xmodal_core.report.page import report_page
from xmodal_core.runs.rundir import RunDir


def offer(runs: Sequence[board.Entry], name: str) -> None:
    """The button; nothing where there is neither a finished run nor a gap.

    Args:
        runs: those on the page.
        name: of the file, without a suffix.
    """
    finished = [run for run, _, status in runs if status.state == "done"]
    if not finished and board.gap_of_selection() is None:
        return
    st.download_button(
        "Download as one HTML file",
        partial(_page, finished),
        f"{name}.html",
        "text/html",
        key="report-file",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        help="About 5 MB, of which 4.8 are the script that keeps figures alive. It opens without a network: figures, "
        "samples under the pointer, and alignment played back.",
    )


def _page(runs: Sequence[RunDir]) -> str:
    gap = board.measured(board.gap_of_selection())
    return report_page(gather(runs, gap, load=session.dataset), RUNS)
