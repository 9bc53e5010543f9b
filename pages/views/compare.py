"""Several methods over several seeds on the same data: what was each worth?"""

from dataclasses import replace

import streamlit as st

from pages.ui import ablations, board, forms, launch, model, session, show, watch
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.reuse.report import kept_reports
from xmodal_core.runs import job
from xmodal_core.runs.plan import Choice, choice_of, methods_with, short_title, steps_in_words, usual
from xmodal_core.scores import SCORES
from xmodal_core.verdict.design import Design, check_sizes, quarter_of
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.experiment import ROLES

SEEDS = tuple(range(10))
RATES = (0.25, 0.5, 1.0, 2.0, 4.0)


def plan_form(data: LabelledDataset) -> list[Choice]:
    """Arms, seeds, training rows, learning rates and budget, as one choice a run."""
    from xmodal_core.methods.base import Budget

    first, second, third = st.columns([3, 3, 1], vertical_alignment="bottom")
    arms = first.multiselect(
        "Arms",
        methods_with(),
        default=usual(ROLES),
        wrap=True,
        key="compare-arms",
        format_func=short_title,
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
            help="Arms without a curriculum get its steps as steps of refinement, and a linear baseline batches of as "
            "many samples as the others, so that every arm sees as many labelled samples. Boosting sees every row in "
            "each round, and the verdict says so.",
        )
        rates = rates_form()
    asked = model.ask(data, session.body_reference(session.selection()))
    sizes = rows_form(len(data.rows("train")))
    design = Design(applicable([*arms, *ablations.choose(arms)], data, asked), seeds, sizes, rates, steps, same)
    if design.arms:
        told = "; ".join(steps_in_words(arm, design.budget(arm)) for arm in design.arms)
        st.caption(plain(f"Optimizer steps: {told}"))
    return [replace(choice, tokens=asked.tokens, model=asked.model) for choice in design.choices()]


def applicable(arms: list[str], data: LabelledDataset, asked: model.Asked) -> list[str]:
    """The arms that can be run on these data; the others are told with their reason."""
    choices = {arm: choice_of(arm, Choice(arm, tokens=asked.tokens, model=asked.model)) for arm in arms}
    refused = {arm: why for arm, choice in choices.items() if (why := launch.refused(choice, data))}
    for arm, why in refused.items():
        st.caption(plain(f"Left out: {short_title(arm)}. {why}", longest=600))
    return [arm for arm in arms if arm not in refused]


def rates_form() -> list[float]:
    """Multiples of each arm's own learning rate that are tried."""
    return st.multiselect(
        "Learning rates, as multiples of each arm's own",
        RATES,
        default=[1.0],
        key="compare-rates",
        format_func=lambda rate: f"{rate:g}",
        help="Every arm runs once a rate and the validation rows choose, so that no arm wins by its rate; four or more "
        "are usual. The simple baseline searches by itself.",
    ) or [1.0]


def rows_form(whole: int) -> list[int]:
    """Numbers of training rows to run with, 0 for all of them.

    Args:
        whole: how many there are.
    """
    quarter = quarter_of(whole)
    names = {"all": f"All {whole:,}", "both": f"All, and a quarter ({quarter:,})", "number": "A number"}
    if quarter >= whole:
        return [0]
    left, right = st.columns([3, 4], vertical_alignment="bottom")
    asked = left.segmented_control(
        "Training rows",
        list(names),
        default="all",
        required=True,
        key="compare-rows",
        format_func=names.__getitem__,
        help="Two sizes tell how the answer changes with data. Fewer rows are drawn by the seed, classes in "
        "proportion; validation and test rows stay. Runs of other sizes that are there are compared as well.",
    )
    if asked != "number":
        return [0, quarter] if asked == "both" else [0]
    n = int(right.number_input("Rows to keep", 2, whole, quarter, key="compare-n", width=200))
    return [0 if n == whole else n]


def launch_all(choices: list[Choice], data: LabelledDataset) -> None:
    try:
        check_sizes(choices, data)
        for choice in choices:
            launch.start(choice, until=None)
    except XModalError as error:
        show.error(error)
        return
    st.rerun()


def results(target: str, body: str, was_live: bool, margin: float) -> None:
    from xmodal_core.verdict.export import export
    from xmodal_core.verdict.results import finished

    runs = board.entries(target, body)
    live = [entry for entry in runs if entry[2].live]
    if bool(live) != was_live:
        st.rerun()
    try:
        done = finished([run for run, _, _ in runs])
        if done:
            reports = kept_reports(run for run, _, _ in runs)
            found = export([run for run, _, _ in runs], session.gap_report(), reports, margin)
            board.summary(found)
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
        launch_all(choices, data)
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
is_live = any(status.live for _, _, status in board.entries(target, body))
st.fragment(results, run_every=2.0 if is_live else None)(target, body, is_live, margin / 100)
