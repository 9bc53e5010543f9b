"""A plan: methods times seeds times learning rates, with the time and the memory that they take."""

import psutil  # type: ignore[import-untyped]
import streamlit as st

from pages.ui import errands, experiment_card, forms, session
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.sources import SOURCES
from xmodal_core.errors import SettingsError
from xmodal_core.experiment.design import RATES, Design, applicable, has_rate
from xmodal_core.experiment.pace import Pace
from xmodal_core.experiment.pacer import Paces, lanes
from xmodal_core.experiment.timetable import Turn, seconds_in_all, seconds_of, turns
from xmodal_core.runs import errand
from xmodal_core.runs.plan import baselines, methods_with, short_title, steps_in_words

TICKED = ("finetune", "scratch", "simple")
SEEDS = tuple(range(5))
MULTIPLES = (0.25, 0.5, 1.0, 2.0, 4.0)
_GB = 1e9


def paces() -> Paces:
    """How long runs take, as far as this workspace has found out."""
    return Paces(session.workspace() / "paces")


def draw(data: LabelledDataset) -> None:
    """What to train, what it takes, and the button that starts it."""
    design = ask(data)
    if design is None:
        return
    every, known = turns(design), paces().of(design)
    st.dataframe(
        table(design, every, known),
        hide_index=True,
        key="plan-table",
        alt=f"{len(design.arms)} methods with their runs, time and memory.",
        height=38 + 35 * len(design.arms),
    )
    now = errand.status(paces().errand)
    st.markdown(plain(in_all(design, every, known), longest=600))
    if now.live:
        errands.follow(paces().errand, "plan-pace")
    else:
        if now.state in ("failed", "lost"):
            errands.ended(now)
        _buttons(design, every, known, data)
    for arm, pace in known.items():
        if pace.failed:
            st.warning(plain(f"{short_title(arm)} failed in its first steps: {pace.failed}", longest=600))


def ask(data: LabelledDataset) -> Design | None:
    """Methods, seeds and learning rates; None where that makes no plan."""
    usual, crossing = baselines(), [name for name in methods_with() if name not in baselines()]
    title = short_title
    first = st.pills(
        "To beat: baselines",
        usual,
        default=[name for name in TICKED if name in usual],
        selection_mode="multi",
        format_func=title,
        key="plan-baselines",
        help="What a way of crossing has to be better than before it is worth its trouble.",
    )
    ways = st.pills(
        "To try: ways of crossing from the source to your data",
        crossing,
        selection_mode="multi",
        format_func=title,
        key="plan-crossing",
    )
    left, middle, right = st.columns([3, 4, 2], vertical_alignment="bottom")
    seeds = left.pills(
        "Repeat with seeds", SEEDS, default=SEEDS[:3], selection_mode="multi", key="plan-seeds", help=_WHY_SEEDS
    )
    rates = middle.pills(
        "Learning rates, times each method's own",
        MULTIPLES if len(data.rows("val")) else (1.0,),
        default=RATES if len(data.rows("val")) else (1.0,),
        selection_mode="multi",
        format_func=lambda rate: f"× {rate:g}",
        key="plan-rates",
        help=_WHY_RATES,
    )
    with right.popover("Steps", icon=":material/tune:", width="stretch"):
        from xmodal_core.methods.base import Budget

        steps = forms.edit(Budget, "plan-budget")
    if not (first or ways) or not seeds or not rates:
        st.info("Choose at least one method, one seed and one learning rate.")
        return None
    return _design((*ways, *first), tuple(sorted(seeds)), tuple(sorted(rates)), steps, data)


_WHY_SEEDS = "The same once more with other draws: one run can be lucky. The first seed chooses among learning rates."
_WHY_RATES = (
    "How large the steps of training are. The validation rows choose for each method, so that none wins by luck."
)


def _design(
    arms: tuple[str, ...],
    seeds: tuple[int, ...],
    rates: tuple[float, ...],
    steps: dict[str, int],
    data: LabelledDataset,
) -> Design | None:
    chosen = session.selection()
    source = session.source_reference(chosen)
    try:
        target, body = session.target_reference(chosen), session.body_reference(chosen)
        whole = Design(target, body, source, arms, seeds, rates=rates, steps=steps)
        design, refused = applicable(whole, data, SOURCES.get(source) or session.dataset(source))
    except SettingsError as error:
        st.caption(plain(str(error), longest=600))
        return None
    for arm, why in refused.items():
        st.caption(plain(f"Left out: {short_title(arm)}. {why}", longest=600))
    return design if design.arms else None


def table(design: Design, every: list[Turn], known: dict[str, Pace]) -> list[dict[str, object]]:
    """A row a method: its runs, what one of them takes, and all of them."""
    rows: list[dict[str, object]] = []
    for arm in design.arms:
        own = [turn for turn in every if {trial.arm for trial in turn.trials} == {arm}]
        times = [seconds_of(turn, design, known) for turn in own]
        told = [time for time in times if time is not None]
        whole = max(told, default=None)
        rows.append(
            {
                "method": short_title(arm),
                "runs": _runs(design, arm, own),
                "steps of a run": steps_in_words("", _budget(design, arm)).strip(),
                "time of a run": _time(whole, known.get(arm)),
                "memory": _memory(known.get(arm)),
                "time in all": _time(sum(told) if len(told) == len(times) else None, known.get(arm)),
            }
        )
    return rows


def _budget(design: Design, arm: str) -> dict[str, int]:
    from xmodal_core.experiment.design import Trial

    return dict(design.choice(Trial(arm, 1.0)).budget)


def _runs(design: Design, arm: str, own: list[Turn]) -> str:
    rates = len(design.rates) if has_rate(arm) else 1
    said = f"{len(own)}: {len(design.seeds)} seeds" if len(design.seeds) > 1 else f"{len(own)}: 1 seed"
    return f"{said}, {rates} learning rates" if rates > 1 else said


def _time(seconds: float | None, pace: Pace | None) -> str:
    if pace is not None and pace.failed:
        return "fails"
    return "not known yet" if seconds is None else f"≈ {errands.in_words(seconds)}"


def _memory(pace: Pace | None) -> str:
    if pace is None or pace.failed:
        return "not known yet" if pace is None else "fails"
    gpu = f" + {pace.gpu_memory / _GB:.1f} GB on the GPU" if pace.gpu_memory else ""
    return f"{pace.memory / _GB:.1f} GB{gpu}"


def in_all(design: Design, every: list[Turn], known: dict[str, Pace]) -> str:
    """What the plan takes in all, where it runs and what is free there."""
    at_once, free = lanes(), psutil.virtual_memory().available / _GB
    seconds = seconds_in_all(every, design, known, at_once)
    side = f", {at_once} at a time" if at_once > 1 else ""
    takes = "how long it takes is not known yet" if seconds is None else f"about {errands.in_words(seconds)}"
    needs = at_once * max((pace.memory for pace in known.values()), default=0) / _GB
    memory = f" It needs up to {needs:.1f} GB of memory." if needs else ""
    short = " That is more than is free: fewer methods at a time, or a smaller body." if needs > free else ""
    return (
        f"{len(every)} runs{side}: {takes}.{memory}{short} {session.device_caption().capitalize()}, {free:.1f} GB of "
        "memory free."
    )


def _buttons(design: Design, every: list[Turn], known: dict[str, Pace], data: LabelledDataset) -> None:
    seconds = seconds_in_all(every, design, known, lanes())
    about = "" if seconds is None else f" ≈ {errands.in_words(seconds)}"
    unknown = [arm for arm in design.arms if arm not in known or known[arm].failed]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(plain(f"Launch {len(every)} runs{about}"), type="primary", key="plan-launch"):
            experiment_card.launch(design, data)
        if unknown and st.button("Estimate time and memory", key="plan-estimate", help=_WHY_ESTIMATE):
            paces().measure(design)
            st.rerun()


_WHY_ESTIMATE = "Takes two steps of every method in the background, some seconds each; what is found is kept."
