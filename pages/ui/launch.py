"""Widgets for a choice of run, and the buttons that make run directories of it; the worker does the rest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.ui import classroom, forms, model, names, session, show
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.sources import SOURCES
from xmodal_core.errors import RunError, SettingsError, XModalError
from xmodal_core.runs import job
from xmodal_core.runs.plan import Choice, Plan, methods_with, plan_of, refusal, specification, titled
from xmodal_core.runs.rundir import RunDir

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec


def plan(run: RunDir) -> Plan:
    """The plan of a run.

    Raises:
        XModalError: its specification is damaged or not one that can be run.
    """
    try:
        text = (run.path / "spec.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{run.path.name} has no spec.json that can be read; remove its folder.") from error
    return _plan(text)


@st.cache_resource(max_entries=200, show_spinner=False)
def _plan(text: str) -> Plan:
    from xmodal_core.runs.spec import spec_from_json

    return plan_of(spec_from_json(text))


def specified(choice: Choice, like: Plan | None = None) -> "RunSpec":
    """The run of a choice, on the data and body of another run or on the selected ones.

    Raises:
        XModalError: the choice is not one that can be run.
    """
    chosen = session.selection()
    if like is not None:
        return specification(choice, like.target, like.body, like.source or session.source_reference(chosen))
    body, source = session.body_reference(chosen), session.source_reference(chosen)
    return specification(choice, session.target_reference(chosen), body, source)


def refused(choice: Choice, data: LabelledDataset) -> str | None:
    """Why a choice cannot be run on the selected data; None where it can."""
    try:
        return _refused(specified(choice), data)
    except XModalError as error:
        return str(error)


def _refused(spec: "RunSpec", data: LabelledDataset) -> str | None:
    source = (SOURCES.get(spec.source) or session.dataset(spec.source)) if spec.source else None
    return refusal(spec, data, source)


def choose(methods: Sequence[str], key: str, data: LabelledDataset, first: str = "") -> Choice:
    """Widgets for one method, its settings and its budget.

    Args:
        methods: names on offer.
        key: prefix of the widget keys.
        data: the target, for what a method asks about it.
        first: the name that is chosen at the start.
    """
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Budget
    from xmodal_core.methods.stages.loss import loss_settings_beside

    left, right = st.columns([3, 1], vertical_alignment="bottom")
    method = left.selectbox(
        "Method",
        methods,
        index=methods.index(first) if first in methods else 0,
        format_func=titled,
        key=f"{key}-method",
        help="Crossing methods use the source or the class names; baselines are what they have to beat.",
    )
    kind = METHODS[method]
    offered = forms.names(kind)
    with right.popover("Settings", icon=":material/tune:", width="stretch"):
        budget = forms.edit(Budget, f"{key}-budget", only=tuple(f"{stage}_steps" for stage in kind.stages))
        elsewhere = (*names.BESIDE, *names.IN_TABLE, *loss_settings_beside(data.task))
        inside = tuple(name for name in offered if name not in elsewhere)
        settings = forms.edit(kind, f"{key}-{method}", only=inside)
        seed = int(st.number_input("Seed", min_value=0, max_value=2**31 - 1, value=0, step=1, key=f"{key}-seed"))
    road = " then ".join(f"{n} steps of {name.removesuffix('_steps')}" for name, n in budget.items())
    st.caption(plain(f"{kind.reference}. {road}."))
    asked = model.ask(data, session.body_reference(session.selection())) if kind.has_body else model.Asked()
    if set(names.IN_TABLE) <= set(offered):
        settings |= forms.edit(kind, f"{key}-{method}", only=tuple(name for name in names.BESIDE if name in offered))
        settings |= names.table(data, f"{key}-{method}")
    guidance = names.guidance(kind, data, f"{key}-{method}")
    return Choice(method, settings, budget, seed, guidance, tokens=asked.tokens, model=asked.model)


def start_button(choice: Choice, data: LabelledDataset, key: str, about: str, primary: bool = True) -> bool:
    """The button that starts a run, or the sentence why this method cannot be run here."""
    reason = refused(choice, data)
    if reason is not None:
        st.warning(plain(reason, longest=600))
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    return st.button("Start", type=kind, key=f"{key}-start", help=about, disabled=reason is not None)


@st.cache_resource(max_entries=20, show_spinner=False)
def classified(reference: str) -> LabelledDataset:
    """The data set of this reference with classes: pseudo-classes where its targets are none."""
    data = session.dataset(reference)
    return _classified(data.content_hash, data.name, data)


@st.cache_resource(max_entries=8, show_spinner=False)
def _classified(content: str, name: str, _data: LabelledDataset) -> LabelledDataset:  # noqa: ARG001 - the key
    from xmodal_core.data.pseudo import pseudo_classified

    return pseudo_classified(_data)


def start(choice: Choice, until: int | None = 1, like: Plan | None = None) -> RunDir:
    """Create a run on the selected data, or on those of another run, and let it go to a step; to its end when None.

    Raises:
        XModalError: the choice is not one that can be run, or its method does not apply to the data.
    """
    spec = specified(classroom.hold_choice(choice), like)
    if reason := _refused(spec, session.dataset(spec.target)):
        raise SettingsError(reason)
    run = RunDir.create(session.runs_root(), spec.to_json())
    job.go(run, spec.total_steps() if until is None else until)
    return run


def new_run(stage: str, first: str) -> None:
    """Choose a method that has the stage, `first` standing first, and start it."""
    data = session.need_target()
    choice = choose(methods_with(stage), stage, data, first=first)
    if start_button(choice, data, stage, "Creates the run and takes its first step"):
        try:
            run = start(choice)
        except XModalError as error:
            show.error(error)
            return
        session.select(run=run.path.name)
        st.rerun()
