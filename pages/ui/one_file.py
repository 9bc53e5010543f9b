"""The report as one file: an HTML page that needs neither this server nor a network."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.ui import board, session, show, visiting
from xmodal_core.errors import XModalError
from xmodal_core.report.bundle import RUNS
from xmodal_core.report.contents import gather
from xmodal_core.report.page import report_page
from xmodal_core.runs.rundir import RunDir

_TOKEN = "report-link-token"


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


def offer_link() -> None:
    """A link by which somebody else looks at this page and changes nothing; nothing where one only looks oneself.

    The token is made when it is asked for: a link that nobody wanted leaves no door open.
    """
    if session.is_read_only():
        return
    with st.popover("Share a link to look", icon=":material/link:", key="report-link"):
        st.markdown("Whoever opens the link sees this report and the whole workspace, and can change nothing in it.")
        if st.button("Make the link", key="report-link-make"):
            try:
                st.session_state[_TOKEN] = session.link_to_look()
            except (OSError, XModalError) as error:
                show.error(XModalError(f"The link could not be made: {error}."))
        if token := st.session_state.get(_TOKEN):
            about = "Copies the address of this page as others may open it"
            visiting.copy_link("report-link-copy", "Copy the link to look", about, {"view": token, "ws": ""})
            st.caption("It works for whoever can reach this server, as long as the workspace is there.")


def _page(runs: Sequence[RunDir]) -> str:
    gap = board.measured(board.gap_of_selection())
    return session.without_place(report_page(gather(runs, gap, load=session.dataset), RUNS))
