"""Several methods over several seeds on the same data: what was each worth?"""

import streamlit as st

from pages.ui import board, experiment_card, experiment_form, session, show, watch
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.experiment.conduct import planned_runs
from xmodal_core.experiment.design import Design, check_rows
from xmodal_core.runs import job
from xmodal_core.scores import SCORES
from xmodal_core.verdict.differences import yardstick


def launch(design: Design, data: LabelledDataset) -> None:
    try:
        check_rows(design, data)
        experiment_card.start(design)
    except XModalError as error:
        show.error(error)
        return
    st.rerun()


def is_moving(runs: list[board.Entry], experiments: list[experiment_card.Entry]) -> bool:
    """Whether any of them changes without anybody's doing."""
    return any(status.live for _, _, status in runs) or any(status.live for _, status in experiments)


def results(target: str, body: str, was_moving: bool, margin: float) -> None:
    runs, experiments = board.entries(target, body), experiment_card.entries(target, body)
    live = [entry for entry in runs if entry[2].live]
    if is_moving(runs, experiments) != was_moving:
        st.rerun()
    experiment_card.draw(experiments)
    try:
        done = [run for run, _, _ in runs if run.result_written()]
        if done:
            found = board.compared(done, margin)
            board.summary(found)
            with st.container(horizontal=True, vertical_alignment="center"):
                board.download(found, "xmodal-compare")
                session.go_to("report", "Report of everything shown")
        if runs:
            board.states(runs)
        elif not any(status.live for _, status in experiments):
            st.info("No run on this data and body yet. Launch the usual arms above.")
        if live and not any(status.live for _, status in experiments):
            st.button(f"Cancel {len(live)} unfinished runs", key="compare-cancel", on_click=cancel_all, args=(live,))
    except XModalError as error:
        show.error(error)


def cancel_all(runs: list[board.Entry]) -> None:
    for run, _, _ in runs:
        job.cancel(run)


st.title("Compare")
data = session.need_target()
chosen = session.selection()
target, body = session.target_reference(chosen), session.body_reference(chosen)
design = experiment_form.ask(data)
with st.container(horizontal=True, vertical_alignment="center"):
    label = "Launch" if design is None else f"Launch {planned_runs(design)} runs"
    if st.button(label, type="primary", key="compare-launch", disabled=design is None) and design is not None:
        launch(design, data)
    st.caption(
        plain(
            f"On {data.name}, body {watch.short(body)}. They queue for the device and go on when this page is closed."
        )
    )
by = yardstick(SCORES[data.task])
margin = st.number_input(
    f"Differences up to this do not matter ({by.unit})",
    min_value=0.01,
    max_value=100.0,
    value=100 * by.margin,
    step=0.5,
    key="compare-margin",
    width=320,
    help="Decide it before you look: contrasts are read against it.",
)
moving = is_moving(board.entries(target, body), experiment_card.entries(target, body))
st.fragment(results, run_every=2.0 if moving else None)(target, body, moving, margin / 100)
