"""From a page's choices to run directories; the worker does the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import forms, session, show
from pages.ui.safe import line, plain
from xmodal_core import job
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.rundir import RunDir
from xmodal_core.verdict import BASELINES

_IN_FORM = ("control",)  # asked for beside the method, not among its settings
_ABSENT = object()
_IN_TABLE = ("descriptions", "keep_names")


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


def methods_with(*stages: str) -> list[str]:
    """Methods that have any of these stages, all of them without one: crossing methods first, then baselines."""
    from xmodal_core.methods import METHODS

    having = [name for name, kind in METHODS.items() if not stages or set(stages) & set(kind.stages)]
    return [name for name in having if name not in BASELINES] + [name for name in BASELINES if name in having]


def titled(method: str) -> str:
    """A method in a list: its group and its name."""
    from xmodal_core.methods import METHODS

    return f"{'Baseline' if method in BASELINES else 'Crossing'} · {METHODS[method].title}"


def refusal(method: str, settings: dict[str, Any], data: LabelledDataset) -> str | None:
    """Why a method cannot be run on these data, found before anything is computed; None where it can.

    A method says so itself, by `check(target)` or by the check of its guidance; what only the network can tell is
    told when the worker builds it.
    """
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.stages.guided import Guiding, check_guidance
    from xmodal_core.settings import settings_from

    try:
        chosen: Any = settings_from(METHODS[method], settings, method)
        if isinstance(chosen, Guiding):
            check_guidance(chosen, data)
        elif hasattr(chosen, "check"):
            chosen.check(data)
    except XModalError as error:
        return str(error)
    return None


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
    names = forms.names(kind)
    with right.popover("Settings", icon=":material/tune:", width="stretch"):
        budget = forms.edit(Budget, f"{key}-budget", only=tuple(f"{stage}_steps" for stage in kind.stages))
        inside = tuple(name for name in names if name not in (*_IN_FORM, *_IN_TABLE))
        settings = forms.edit(kind, f"{key}-{method}", only=inside)
        seed = int(st.number_input("Seed", min_value=0, max_value=2**31 - 1, value=0, step=1, key=f"{key}-seed"))
    road = " then ".join(f"{n} steps of {name.removesuffix('_steps')}" for name, n in budget.items())
    st.caption(plain(f"{kind.reference}. {road}."))
    if set(_IN_TABLE) <= set(names):
        settings |= forms.edit(kind, f"{key}-{method}", only=tuple(name for name in _IN_FORM if name in names))
        settings |= class_names_table(data, f"{key}-{method}")
    return Choice(method, settings, budget, seed)


def class_names_table(data: LabelledDataset, key: str) -> dict[str, str]:
    """A table in which classes get descriptions, with what their text is worth; the two settings that come of it."""
    from xmodal_core.semantics.names import check_names, format_descriptions

    if not data.class_names:
        return {}
    given = {
        "class": list(data.class_names),
        "description": [""] * data.n_classes,
        "use anyway": [False] * data.n_classes,
    }
    column = st.column_config
    edited = st.data_editor(
        given,
        key=f"{key}-names",
        hide_index=True,
        disabled=["class"],
        height=min(240, 38 + 35 * data.n_classes),
        column_config={
            "description": column.TextColumn(help="A few words of what the class is", max_chars=200, width="large"),
            "use anyway": column.CheckboxColumn(help="The name means something although it looks as if it did not"),
        },
    )
    texts = [" ".join(str(text or "").split()) for text in edited["description"]]
    kept = [name for name, keep in zip(data.class_names, edited["use anyway"], strict=True) if keep]
    report = check_names(data.class_names, texts, kept)
    n_good = sum(report.usable)
    with st.expander(f"Check of the names: {n_good} of {data.n_classes} can guide", expanded=n_good < data.n_classes):
        words = [", ".join(map(str, flags)) or "a name" for flags in report.flags]
        shown = [line(phrase, 80) for phrase in report.phrases]
        use = ["yes" if usable else "no" for usable in report.usable]
        table = {"class": list(data.class_names), "read as": shown, "found": words, "used": use}
        st.dataframe(table, hide_index=True, height=min(240, 38 + 35 * data.n_classes), key=f"{key}-check")
        if report.note:
            st.caption(plain(report.note))
    described = {name: text for name, text in zip(data.class_names, texts, strict=True) if text}
    return {"descriptions": format_descriptions(described), "keep_names": "\n".join(kept)}


def start_button(choice: Choice, data: LabelledDataset, key: str, about: str) -> bool:
    """The button that starts a run, or the sentence why this method cannot be run here."""
    reason = refusal(choice.method, choice.settings, data)
    if reason is not None:
        st.warning(plain(reason, longest=600))
    return st.button("Start", type="primary", key=f"{key}-start", help=about, disabled=reason is not None)


def create(choice: Choice, like: Plan | None = None) -> RunDir:
    """A new run directory for a choice, on the selected data or on the data of another run.

    Raises:
        XModalError: the choice is not one that can be run, or its method does not apply to the data.
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
    if reason := refusal(choice.method, choice.settings, session.dataset(target)):
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
