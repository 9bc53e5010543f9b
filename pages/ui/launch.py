"""From a page's choices to run directories; the worker does the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import forms, session
from pages.ui.safe import plain
from xmodal_core import job
from xmodal_core.rundir import RunDir


@dataclass(frozen=True)
class Choice:
    """What a start form gives: one method with its settings, budget and seed."""

    method: str
    settings: dict[str, Any]
    budget: dict[str, int]
    seed: int


@dataclass(frozen=True)
class Plan:
    """What a run directory's specification says, with every default filled in.

    Attributes:
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

    from xmodal_core.run import spec_from_json

    spec = spec_from_json(text)
    method: Any = spec.make_method()
    return Plan(
        spec.method, method.title, spec.target, spec.source, spec.body, spec.seed, asdict(method), tuple(spec.stages())
    )


def choose(methods: Sequence[str], key: str) -> Choice:
    """Widgets for one method, its settings and its budget."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Budget

    left, right = st.columns([3, 1], vertical_alignment="bottom")
    method = left.selectbox(
        "Method",
        methods,
        format_func=lambda name: METHODS[name].title,
        key=f"{key}-method",
        help="The whole road aligns first, then crosses by the curriculum, then refines.",
    )
    with right.popover("Settings", icon=":material/tune:", width="stretch"):
        kind = METHODS[method]
        budget = forms.edit(Budget, f"{key}-budget", only=tuple(f"{stage}_steps" for stage in kind.stages))
        settings = forms.edit(kind, f"{key}-{method}")
        seed = int(st.number_input("Seed", min_value=0, max_value=2**31 - 1, value=0, step=1, key=f"{key}-seed"))
    road = " then ".join(f"{n} steps of {name.removesuffix('_steps')}" for name, n in budget.items())
    st.caption(plain(f"{kind.reference}. {road}."))
    return Choice(method, settings, budget, seed)


def create(choice: Choice, like: Plan | None = None) -> RunDir:
    """A new run directory for a choice, on the selected data or on the data of another run.

    Raises:
        XModalError: the choice is not one that can be run.
    """
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import needs_source
    from xmodal_core.run import RunSpec

    chosen = session.selection()
    target, body, source = (
        (like.target, like.body, like.source)
        if like is not None
        else (session.target_reference(chosen), session.body_reference(chosen), "")
    )
    source = (source or session.source_reference(chosen)) if needs_source(METHODS[choice.method]) else ""
    spec = RunSpec(choice.method, target, body, source, choice.seed, choice.settings, choice.budget)
    return RunDir.create(session.runs_root(), spec.to_json())


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
