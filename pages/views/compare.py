"""Several methods over several seeds on the same data: what was each worth?"""

from typing import NamedTuple

import streamlit as st

from pages.ui import (
    board,
    experiment_card,
    experiment_form,
    gains,
    pair,
    results,
    run_table,
    session,
    show,
    takeaway,
    trail,
    watch,
)
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.experiment.conduct import planned_runs
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import SCORES
from xmodal_core.verdict.differences import yardstick

MARGIN = "compare-margin"


class Listing(NamedTuple):
    """What there is on the selected data and body."""

    runs: list[board.Entry]
    experiments: list[experiment_card.Entry]

    @property
    def is_moving(self) -> bool:
        """Whether any of it changes without anybody's doing."""
        live = any(status.live for _, _, status in self.runs)
        return live or any(status.live for _, status in self.experiments)

    @property
    def finished(self) -> list[RunDir]:
        """Runs that have a result."""
        return [run for run, _, _ in self.runs if run.result_written()]


def listed(target: str, body: str) -> Listing:
    return Listing(board.entries(target, body), experiment_card.entries(target, body))


def draw(fresh: list[Listing], target: str, body: str, was_moving: bool) -> None:
    """Everything that moves. `fresh` holds what the page has just listed; a poll finds it empty and lists again."""
    found = fresh.pop() if fresh else listed(target, body)
    if found.is_moving != was_moving:
        st.rerun()
    experiment_card.draw(found.experiments)
    margin = st.session_state.get(MARGIN, 0.0) / 100 or None
    experimenting = any(status.live for _, status in found.experiments)
    try:
        if found.finished:
            compared = board.compared(found.finished, margin)
            results.summary(compared)
            with st.container(horizontal=True, vertical_alignment="center"):
                takeaway.draw(compared, found.runs, "xmodal-compare")
                session.go_to("report", "Report of everything shown")
        if found.runs:
            run_table.draw(found.runs)
        elif not experimenting:
            st.info("No run on this data and body yet. Launch the usual arms above.")
        experiment_card.draw_tried(found.experiments)
        if found.finished:
            pair.draw(compared, found.runs)
            gains.draw(margin)
        live = [entry for entry in found.runs if entry[2].live]
        if live and not experimenting:
            st.button(f"Cancel {len(live)} unfinished runs", key="compare-cancel", on_click=cancel_all, args=(live,))
    except XModalError as error:
        show.error(error)


def cancel_all(runs: list[board.Entry]) -> None:
    for run, _, _ in runs:
        job.cancel(run)


def ask_for_more(data: LabelledDataset, body: str) -> None:
    """The design of an experiment, what a difference has to be to matter, and the button that starts it."""
    design = experiment_form.ask(data)
    by = yardstick(SCORES[data.task])
    st.number_input(
        f"Differences up to this do not matter ({by.unit})",
        min_value=0.01,
        max_value=100.0,
        value=100 * by.margin,
        step=0.5,
        key=MARGIN,
        width=320,
        help="Decide it before you look: contrasts are read against it.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Launch" if design is None else f"Launch {planned_runs(design)} runs"
        if st.button(label, type="primary", key="compare-launch", disabled=design is None) and design is not None:
            experiment_card.launch(design, data)
        there = f"On {data.name}, body {watch.short(body)}. "
        st.caption(plain(f"{there}They queue for the device and go on when this page is closed."))


st.title("Compare")
data = session.need_target()
chosen = session.selection()
target, body = session.target_reference(chosen), session.body_reference(chosen)
found = listed(target, body)
with st.expander("Run more methods" if found.runs else "Run the usual methods", expanded=not found.runs):
    ask_for_more(data, body)
show.damaged(board.damaged())
st.fragment(draw, run_every=trail.interval(2.0) if found.is_moving else None)([found], target, body, found.is_moving)
