"""What is planned: a run before it is a directory, and what a specification will do.

Importing this takes no torch, which the methods need: they are looked up when they are asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.sources import Source
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.runs.ablations import ABLATIONS, MARK, Ablation, ablation_of, method_of

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec

Settings = Mapping[str, Any]
Stages = Sequence[tuple[str, int]]  # name and number of steps of each stage that has any, in order

_ABSENT = object()


@dataclass(frozen=True)
class Choice:
    """A method and how it is to be trained, before anything is said of data and body.

    Attributes:
        guidance: settings of guidance by class names beside the method; None without it.
        train_rows: training rows to keep; 0 keeps them all.
        tokens: most tokens of a sample; None for the usual number. A method without a body gets none.
        model: settings of the model; {} for the usual ones. A method without a body gets none.
    """

    method: str
    settings: Settings = field(default_factory=dict)
    budget: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    guidance: Settings | None = None
    train_rows: int = 0
    tokens: int | None = None
    model: Settings = field(default_factory=dict)


def choice_of(arm: str, like: Choice | None = None) -> Choice:
    """A method or an ablation by its name, as a choice.

    Args:
        arm: name of a method or an ablation.
        like: what else is chosen, whatever its method; what makes the ablation goes before it. None for the defaults.

    Raises:
        SettingsError: there is no such arm.
    """
    from xmodal_core.methods import METHODS

    like, ablation = like or Choice(arm), ABLATIONS.get(arm)
    if ablation is None and arm not in METHODS:
        near = ", ".join(get_close_matches(arm, ABLATIONS, n=3, cutoff=0.0))
        raise SettingsError(
            f"method is {arm!r}, expected one of {', '.join(METHODS)}, or an ablation such as {near}; the command "
            "ablations lists them."
        )
    if ablation is None:
        return replace(like, method=arm)
    settings, budget = {**like.settings, **ablation.settings}, {**like.budget, **ablation.budget}
    return replace(like, method=ablation.method, settings=settings, budget=budget)


@dataclass(frozen=True)
class Plan:
    """What a specification says, with every default filled in.

    Attributes:
        title: the method's or the ablation's, with what a run has beside it.
        stages: name and number of steps of each stage that has any, in order.
        has_body: whether the method trains a body.
        model: settings of the model that are not the usual ones.
    """

    method: str
    title: str
    target: str
    source: str
    body: str
    seed: int
    settings: Settings
    stages: tuple[tuple[str, int], ...]
    train_rows: int = 0
    has_body: bool = True
    tokens: int | None = None
    model: Settings = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Steps of all stages."""
        return sum(n for _, n in self.stages)

    @property
    def control(self) -> str:
        """What guides in the place of the class names, for instance " (control=shuffled)"; empty where nothing does.

        Empty, too, where it is what the run is an ablation by, whose title says it.
        """
        control, ablation = self.settings.get("control", "names"), self.ablation
        told = control == "names" or (ablation is not None and "control" in ablation.settings)
        return "" if told else f" (control={control})"

    @property
    def ablation(self) -> Ablation | None:
        """The ablation that the run is one of; None for one of the method itself."""
        return ablation_of(self.method, self.settings, dict(self.stages))

    def span(self, stage: str) -> tuple[int, int] | None:
        """First and last step of a stage in the run's own count from 1; None where the run has no such stage."""
        before = 0
        for name, n in self.stages:
            if name == stage:
                return before + 1, before + n
            before += n
        return None


def plan_of(spec: "RunSpec") -> Plan:
    """What a specification will do."""
    method, stages = spec.parsed.method, tuple(spec.stages())
    settings = asdict(method)  # type: ignore[call-overload]  # a method is a frozen dataclass
    ablation = ablation_of(spec.method, settings, dict(stages))
    beside = [] if ablation is None else [MARK]
    beside += [f"guided by {spec.guidance.get('control', 'names')}"] if spec.guidance is not None else []
    beside += ["shuffled labels"] if spec.shuffle_labels else []
    return Plan(
        spec.method,
        (ablation or method).title + (f" ({', '.join(beside)})" if beside else ""),
        spec.target,
        spec.source,
        spec.body,
        spec.seed,
        settings,
        stages,
        spec.train_rows,
        method.has_body,
        spec.tokens,
        spec.parsed.model.said() if method.has_body else {},
    )


def stage_at(stages: Stages, done: int) -> tuple[str | None, int, int]:
    """Stage of the last finished step, the step's number there and the stage's total; the first one at the start.

    Returns:
        (None, 0, 0) past the last stage, and of a run without steps.
    """
    before = 0
    for stage, total in stages:
        if done <= before + total:
            return stage, done - before, total
        before += total
    return None, 0, 0


def specification(choice: Choice, target: str, body: str, source: str) -> "RunSpec":
    """The run of a choice on these data and this body; a method that reads no source gets none.

    Raises:
        SettingsError: the choice is not one that can be run.
    """
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import needs_source
    from xmodal_core.runs.spec import RunSpec

    kind = METHODS.get(choice.method)  # RunSpec refuses an unknown one
    reads, has_body = kind is None or needs_source(kind), kind is None or kind.has_body
    return RunSpec(
        choice.method,
        target,
        body,
        source if reads else "",
        choice.seed,
        dict(choice.settings),
        dict(choice.budget),
        None if choice.guidance is None else dict(choice.guidance),
        choice.train_rows,
        tokens=choice.tokens if has_body else None,
        model=dict(choice.model) if has_body and choice.model else None,
    )


def refusal(spec: "RunSpec", target: LabelledDataset, source: LabelledDataset | Source | None) -> str | None:
    """Why a run cannot be trained on these data, found before anything is computed; None where it can.

    It is the question that a worker asks before it loads a body. What only the network can tell is told when the
    worker builds it.

    Args:
        spec: what would be run.
        target: the whole target.
        source: None for a method that reads none; a source that ships need not be drawn for the question.
    """
    from xmodal_core.runs.run import check_run

    try:
        check_run(spec, target, source)
    except XModalError as error:
        return str(error)
    return None


def methods_with(*stages: str) -> list[str]:
    """Methods that have any of these stages, all without one: crossing methods first, then baselines by role."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Role

    order = list(Role)
    having = [name for name, kind in METHODS.items() if not stages or set(stages) & set(kind.stages)]
    return sorted(having, key=lambda name: order.index(METHODS[name].role))


def baselines() -> list[str]:
    """Methods that a crossing method has to beat, by role."""
    return [name for name in methods_with() if is_baseline(name)]


def is_baseline(method: str) -> bool:
    """Whether a method is a control of something and no way of crossing."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Role

    return METHODS[method].role is not Role.CROSSING


def usual(roles: Iterable[str]) -> list[str]:
    """One method for each role, the first that has it; roles are the letters of the verdict's rule."""
    from xmodal_core.methods import METHODS

    first: dict[str, str] = {}
    for name, kind in METHODS.items():
        first.setdefault(kind.role, name)
    return [first[role] for role in roles if role in first]


def titled(method: str) -> str:
    """A method in a list: its group and its name."""
    from xmodal_core.methods import METHODS

    return f"{'Baseline' if is_baseline(method) else 'Crossing'} · {METHODS[method].title}"


def short_title(arm: str) -> str:
    """A method in a sentence: its title without what stands behind the colon; an ablation's whole title."""
    from xmodal_core.methods import METHODS

    return ABLATIONS[arm].title if arm in ABLATIONS else METHODS[arm].title.split(":")[0]


def shared_settings(method: str, like: Plan) -> Settings:
    """Settings that another run was given and this method has too, where both have the same default."""
    own, theirs = defaults(method), defaults(like.method)
    same = [name for name, value in own.items() if theirs.get(name, _ABSENT) == value]
    return {name: like.settings[name] for name in same if like.settings[name] != own[name]}


def defaults(method: str) -> Settings:
    """A method's settings as they are when nothing is said."""
    from xmodal_core.methods import METHODS

    kind: Any = METHODS[method]
    return {f.name: f.default for f in fields(kind)}


def budget_of(arm: str, steps: Mapping[str, int], equal: bool) -> dict[str, int]:
    """The part of a budget that a method has stages for, as an ablation changes it.

    Args:
        arm: name of a method or an ablation.
        steps: `align_steps`, `curriculum_steps` and `refine_steps`.
        equal: an arm without a curriculum refines for the curriculum's steps as well.
    """
    from xmodal_core.methods import METHODS

    own = {f"{stage}_steps": steps[f"{stage}_steps"] for stage in METHODS[method_of(arm)].stages}
    own |= ABLATIONS[arm].budget if arm in ABLATIONS else {}
    if equal and not own.get("curriculum_steps"):
        own["refine_steps"] += steps["curriculum_steps"]
    return own


def equal_settings(arm: str) -> Settings:
    """Settings with which an arm sees as many labelled samples as others do in as many steps; {} for most."""
    from xmodal_core.methods import METHODS

    return dict(getattr(METHODS.get(method_of(arm)), "at_equal_samples", {}))


def steps_in_words(arm: str, budget: Mapping[str, int]) -> str:
    """A budget as a sum, for instance `orca 30 align + 285 refine = 315`."""
    parts = " + ".join(f"{n} {name.removesuffix('_steps')}" for name, n in budget.items())
    return f"{arm} {parts} = {sum(budget.values())}" if len(budget) > 1 else f"{arm} {parts}"
