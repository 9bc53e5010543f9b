"""From a page's choices to run directories; the worker does the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import forms, names, session, show
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.sources import SOURCES
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict import BASELINES

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec

_ABSENT = object()


@dataclass(frozen=True)
class Choice:
    """What a start form gives: one run to be.

    Attributes:
        guidance: settings of guidance by class names beside the method; None without it.
        train_rows: training rows to keep; 0 keeps them all.
    """

    method: str
    settings: dict[str, Any]
    budget: dict[str, int]
    seed: int
    guidance: dict[str, Any] | None = None
    train_rows: int = 0


@dataclass(frozen=True)
class Plan:
    """What a run directory's specification says, with every default filled in.

    Attributes:
        title: the method's, with what a run has beside it.
        stages: name and number of steps of each stage that has any, in order.
    """

    method: str
    title: str
    target: str
    source: str
    body: str
    seed: int
    settings: dict[str, Any]
    stages: tuple[tuple[str, int], ...]
    train_rows: int = 0

    @property
    def total(self) -> int:
        """Steps of all stages."""
        return sum(n for _, n in self.stages)

    def span(self, stage: str) -> tuple[int, int] | None:
        """First and last step of a stage in the run's own count from 1; None where the run has no such stage."""
        before = 0
        for name, n in self.stages:
            if name == stage:
                return before + 1, before + n
            before += n
        return None


def plan(run: RunDir) -> Plan:
    """The plan of a run.

    Raises:
        XModalError: its specification is damaged or not one that can be run.
    """
    return _plan((run.path / "spec.json").read_text(encoding="utf-8"))


@st.cache_resource(max_entries=200, show_spinner=False)
def _plan(text: str) -> Plan:
    from dataclasses import asdict

    from xmodal_core.runs.spec import spec_from_json

    spec = spec_from_json(text)
    method: Any = spec.make_method()
    beside = [f"guided by {spec.guidance.get('control', 'names')}"] if spec.guidance is not None else []
    beside += ["shuffled labels"] if spec.shuffle_labels else []
    title = method.title + (f" ({', '.join(beside)})" if beside else "")
    settings, stages = asdict(method), tuple(spec.stages())
    return Plan(spec.method, title, spec.target, spec.source, spec.body, spec.seed, settings, stages, spec.train_rows)


def methods_with(*stages: str) -> list[str]:
    """Methods that have any of these stages, all of them without one: crossing methods first, then baselines."""
    from xmodal_core.methods import METHODS

    having = [name for name, kind in METHODS.items() if not stages or set(stages) & set(kind.stages)]
    return [name for name in having if name not in BASELINES] + [name for name in BASELINES if name in having]


def titled(method: str) -> str:
    """A method in a list: its group and its name."""
    from xmodal_core.methods import METHODS

    return f"{'Baseline' if method in BASELINES else 'Crossing'} · {METHODS[method].title}"


def refusal(choice: Choice, data: LabelledDataset, like: Plan | None = None) -> str | None:
    """Why a choice cannot be run on these data, found before anything is computed; None where it can.

    It is the question that a worker asks before it loads a body. What only the network can tell is told when the
    worker builds it.

    Args:
        choice: what would be run.
        data: the target.
        like: a run whose source and body are taken; those that are selected without one.
    """
    from xmodal_core.methods.stages.given import Given, check_given
    from xmodal_core.model.facts import body_facts

    try:
        spec = _specification(choice, like)
        # a source that ships need not be drawn for the question
        source = (SOURCES.get(spec.source) or session.dataset(spec.source)) if spec.source else None
        given = Given(data, source, body_facts(spec.body))
        check_given(spec.make_method(), given)
        if (guiding := spec.make_guidance()) is not None:
            guiding.check(given)
    except XModalError as error:
        return str(error)
    return None


def _specification(choice: Choice, like: Plan | None) -> "RunSpec":
    """The run of a choice, on the data and body of another run or on the selected ones."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import needs_source
    from xmodal_core.runs.spec import RunSpec

    chosen = session.selection()
    target, body, source = (
        (like.target, like.body, like.source)
        if like is not None
        else (session.target_reference(chosen), session.body_reference(chosen), "")
    )
    source = (source or session.source_reference(chosen)) if needs_source(METHODS[choice.method]) else ""
    return RunSpec(
        choice.method,
        target,
        body,
        source,
        choice.seed,
        choice.settings,
        choice.budget,
        choice.guidance,
        choice.train_rows,
    )


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
        inside = tuple(name for name in offered if name not in (*names.BESIDE, *names.IN_TABLE))
        settings = forms.edit(kind, f"{key}-{method}", only=inside)
        seed = int(st.number_input("Seed", min_value=0, max_value=2**31 - 1, value=0, step=1, key=f"{key}-seed"))
    road = " then ".join(f"{n} steps of {name.removesuffix('_steps')}" for name, n in budget.items())
    st.caption(plain(f"{kind.reference}. {road}."))
    if set(names.IN_TABLE) <= set(offered):
        settings |= forms.edit(kind, f"{key}-{method}", only=tuple(name for name in names.BESIDE if name in offered))
        settings |= names.table(data, f"{key}-{method}")
    return Choice(method, settings, budget, seed, names.guidance(kind, data, f"{key}-{method}"))


def start_button(choice: Choice, data: LabelledDataset, key: str, about: str) -> bool:
    """The button that starts a run, or the sentence why this method cannot be run here."""
    reason = refusal(choice, data)
    if reason is not None:
        st.warning(plain(reason, longest=600))
    return st.button("Start", type="primary", key=f"{key}-start", help=about, disabled=reason is not None)


def create(choice: Choice, like: Plan | None = None) -> RunDir:
    """A new run directory for a choice, on the selected data or on the data of another run.

    Raises:
        XModalError: the choice is not one that can be run, or its method does not apply to the data.
    """
    spec = _specification(choice, like)
    if reason := refusal(choice, session.dataset(spec.target), like):
        raise SettingsError(reason)
    return RunDir.create(session.runs_root(), spec.to_json())


@st.cache_resource(max_entries=20, show_spinner=False)
def classified(reference: str) -> LabelledDataset:
    """The data set of this reference with classes: pseudo-classes where its targets are none."""
    from xmodal_core.data.pseudo import pseudo_classified

    return pseudo_classified(session.dataset(reference))


def shared_settings(method: str, like: Plan) -> dict[str, Any]:
    """Settings that another run was given and this method has too, where both have the same default."""
    import dataclasses

    from xmodal_core.methods import METHODS

    kinds: list[Any] = [METHODS[method], METHODS[like.method]]
    own, theirs = ({f.name: f.default for f in dataclasses.fields(kind)} for kind in kinds)
    same = [name for name, value in own.items() if theirs.get(name, _ABSENT) == value]
    return {name: like.settings[name] for name in same if like.settings[name] != own[name]}


def start(choice: Choice, until: int | None = 1, like: Plan | None = None) -> RunDir:
    """Create a run and let it go to a step; to its end when None.

    Raises:
        XModalError: the choice is not one that can be run.
    """
    run = create(choice, like)
    job.go(run, plan(run).total if until is None else until)
    return run


def steps_in_words(method: str, budget: dict[str, int]) -> str:
    """A budget as a sum, for instance `orca 30 align + 285 refine = 315`."""
    parts = " + ".join(f"{n} {name.removesuffix('_steps')}" for name, n in budget.items())
    return f"{method} {parts} = {sum(budget.values())}" if len(budget) > 1 else f"{method} {parts}"


def budget_of(method: type, steps: dict[str, int], equal: bool) -> dict[str, int]:
    """The part of a budget that a method has stages for.

    Args:
        method: of `METHODS`.
        steps: `align_steps`, `curriculum_steps` and `refine_steps`.
        equal: a method without a curriculum refines for the curriculum's steps as well.
    """
    own = {f"{stage}_steps": steps[f"{stage}_steps"] for stage in method.stages}
    if equal and "curriculum_steps" not in own:
        own["refine_steps"] += steps["curriculum_steps"]
    return own


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
