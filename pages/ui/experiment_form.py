"""Widgets for the design of an experiment."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.ui import ablations, forms, model, session
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.sources import SOURCES
from xmodal_core.errors import SettingsError
from xmodal_core.experiment.design import RATES, Design, Trial, applicable, quarter_of
from xmodal_core.runs.plan import methods_with, short_title, steps_in_words, usual
from xmodal_core.verdict.roles import ROLES

SEEDS = tuple(range(10))
MULTIPLES = (0.25, 0.5, 1.0, 2.0, 4.0)
THIRD = 3


def ask(data: LabelledDataset) -> Design | None:
    """Arms, seeds, training rows, budgets and learning rates; None where that makes no experiment."""
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
        help="Contrasts are paired by seed; the first one chooses among learning rates.",
    )
    with third.popover("Budget", icon=":material/tune:", width="stretch"):
        how = _how(data)
    beside = ablations.choose(arms)
    asked = model.ask(data, session.body_reference(session.selection()))
    left, right = st.columns(2)
    with left:
        rows = _rows(len(data.rows("train")))
    chosen = session.selection()
    source = session.source_reference(chosen)
    try:
        with right:
            budgets = _budgets(how.steps["curriculum_steps"] + how.steps["refine_steps"])
        whole = Design(
            session.target_reference(chosen),
            session.body_reference(chosen),
            source,
            (*arms, *beside),
            tuple(seeds),
            rows,
            how.rates,
            budgets,
            how.steps,
            how.equal,
            how.stop_early,
            tokens=asked.tokens,
            model=asked.model or None,
        )
    except SettingsError as error:
        st.caption(plain(str(error), longest=600))
        return None
    design, refused = applicable(whole, data, SOURCES.get(source) or session.dataset(source))
    for arm, why in refused.items():
        st.caption(plain(f"Left out: {short_title(arm)}. {why}", longest=600))
    if not design.arms:
        return None
    told = "; ".join(steps_in_words(arm, design.choice(Trial(arm, 1.0)).budget) for arm in design.arms)
    st.caption(plain(f"Optimizer steps: {told}", longest=900))
    return design


@dataclass(frozen=True)
class _How:
    """What stands in the budget's fold; see `Design`."""

    steps: Mapping[str, int]
    equal: bool
    rates: tuple[float, ...]
    stop_early: bool


def _how(data: LabelledDataset) -> _How:
    """Steps, what equal means, learning rates, and whether candidates are stopped."""
    from xmodal_core.methods.base import Budget

    steps = forms.edit(Budget, "compare-budget")
    same = st.checkbox(
        "Without a curriculum, refine for longer",
        value=True,
        key="compare-equal",
        help="Arms without a curriculum get its steps as steps of refinement, and a linear baseline batches of as "
        "many samples as the others, so that every arm sees as many labelled samples. Boosting sees every row in "
        "each round, and the verdict says so.",
    )
    rates = _rates(data)
    early = st.checkbox(
        "Stop what falls behind",
        value=True,
        key="compare-early",
        help="Several ways of crossing compete on the validation rows, many candidates in a third of the steps "
        "first, and one goes on to every seed. Otherwise every arm goes on.",
    )
    return _How(steps, same, rates, early)


def _rates(data: LabelledDataset) -> tuple[float, ...]:
    """Multiples of each arm's own learning rate that are tried."""
    if not len(data.rows("val")):
        st.caption("There are no validation rows to choose among learning rates: every arm keeps its own.")
        return (1.0,)
    return tuple(
        st.multiselect(
            "Learning rates, as multiples of each arm's own",
            MULTIPLES,
            default=list(RATES),
            key="compare-rates",
            format_func=lambda rate: f"{rate:g}",
            help="Every arm tries as many, at the first seed, and the validation rows choose, so that no arm wins by "
            "its rate; four or more are usual. The simple baseline searches by itself.",
        )
        or (1.0,)
    )


def _rows(whole: int) -> tuple[int, ...]:
    """Numbers of training rows to run with, 0 for all of them.

    Args:
        whole: how many there are.
    """
    quarter = quarter_of(whole)
    names = {"all": f"All {whole:,}", "both": f"All, and a quarter ({quarter:,})", "number": "A number"}
    if quarter >= whole:
        return (0,)
    asked = st.segmented_control(
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
        return (0, quarter) if asked == "both" else (0,)
    n = int(st.number_input("Rows to keep", 2, whole, quarter, key="compare-n", width=200))
    return (0 if n == whole else n,)


def _budgets(whole: int) -> tuple[int, ...]:
    """Steps on labels to run with.

    Args:
        whole: of the budget that is asked for.
    """
    few = [n for n in (whole // THIRD**2, whole // THIRD, whole) if n]
    if not few:
        return ()
    names = {"one": f"{whole:,}", "curve": " and ".join(f"{n:,}" for n in few), "numbers": "Numbers"}
    asked = st.segmented_control(
        "Steps on labels",
        list(names),
        default="one",
        required=True,
        key="compare-budgets",
        format_func=names.__getitem__,
        help="Several budgets tell whether the answer depends on how long one trains, and where one arm overtakes "
        "another. Steps of all stages go in proportion, and learning rates are chosen for each.",
    )
    if asked != "numbers":
        return () if asked == "one" else tuple(few)
    text = st.text_input("Steps, with commas", f"{few[0]}, {whole}", key="compare-steps", width=300)
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise SettingsError(f"steps are {text!r}, expected whole numbers with commas; mend them.") from None
