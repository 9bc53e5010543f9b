"""Several methods over several seeds on the same data: what was each worth?"""

import streamlit as st

from pages.ui import board, forms, launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core import job
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.report import SCORE_NAMES
from xmodal_core.verdict import yardstick

USUAL = ("finetune", "orca", "scratch", "stat_matched", "simple")  # one arm for each role of the verdict
SEEDS = tuple(range(10))


def plan_form(data: LabelledDataset) -> list[launch.Choice]:
    """Arms, seeds and budget, as one choice a run."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Budget

    first, second, third = st.columns([3, 3, 1], vertical_alignment="bottom")
    arms = first.multiselect(
        "Arms",
        launch.methods_with(),
        default=USUAL,
        wrap=True,
        key="compare-arms",
        format_func=lambda name: METHODS[name].title.split(":")[0],
        help="The verdict needs full fine-tuning, a crossing method, from scratch, random weights with pretrained "
        "statistics, and a simple baseline.",
    )
    seeds = second.multiselect(
        "Seeds",
        SEEDS,
        default=SEEDS[:3],
        key="compare-seeds",
        help="Every arm runs once a seed; contrasts are paired by seed.",
    )
    with third.popover("Budget", icon=":material/tune:", width="stretch"):
        steps = forms.edit(Budget, "compare-budget")
        same = st.checkbox(
            "Without a curriculum, refine for longer",
            value=True,
            key="compare-equal",
            help="Arms without a curriculum get its steps as steps of refinement, so that every arm "
            "takes the same number of steps on the target's labels.",
        )
    refused = {arm: why for arm in arms if (why := launch.refusal(arm, {}, data))}
    for arm, why in refused.items():
        st.caption(plain(f"Left out: {METHODS[arm].title.split(':')[0]}. {why}", longest=600))
    arms = [arm for arm in arms if arm not in refused]
    budgets = {arm: launch.budget_of(METHODS[arm], steps, same) for arm in arms}
    if arms:
        st.caption(plain("Optimizer steps: " + "; ".join(launch.steps_in_words(arm, budgets[arm]) for arm in arms)))
    return [launch.Choice(arm, {}, budgets[arm], seed) for seed in seeds for arm in arms]


def launch_all(choices: list[launch.Choice]) -> None:
    try:
        for choice in choices:
            launch.start(choice, until=None)
    except XModalError as error:
        show.error(error)
        return
    st.rerun()


def results(target: str, body: str, was_live: bool, margin: float) -> None:
    from xmodal_core.report import export, finished

    runs = board.entries(target, body)
    live = [entry for entry in runs if entry[2].live]
    if bool(live) != was_live:
        st.rerun()
    try:
        done = finished([run for run, _, _ in runs])
        if done:
            gap = session.gap_report()
            found = export([run for run, _, _ in runs], gap and gap.to_json(), board.reuse_of(runs), margin)
            board.summary(done, found)
            with st.container(horizontal=True, vertical_alignment="center"):
                board.download(found, "xmodal-compare")
                session.go_to("report", "Report of everything shown")
        if runs:
            board.states(runs)
        else:
            st.info("No run on this data and body yet. Launch the usual arms above.")
        if live:
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
choices = plan_form(data)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button(f"Launch {len(choices)} runs", type="primary", key="compare-launch", disabled=not choices):
        launch_all(choices)
    st.caption(
        plain(
            f"On {data.name}, body {watch.short(body)}. They queue for the device and go on when this page is closed."
        )
    )
by = yardstick(SCORE_NAMES[data.task])
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
is_live = any(status.live for _, _, status in board.entries(target, body))
st.fragment(results, run_every=2.0 if is_live else None)(target, body, is_live, margin / 100)
