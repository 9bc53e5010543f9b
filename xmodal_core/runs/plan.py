"""What is planned: a run before it is a directory, and what a specification will do.

Importing this takes no torch, which the methods need: they are looked up when they are asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.sources import Source
from xmodal_core.errors import XModalError

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


@dataclass(frozen=True)
class Plan:
    """What a specification says, with every default filled in.

    Attributes:
        title: the method's, with what a run has beside it.
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
        """What guides in the place of the class names, for instance " (control=shuffled)"; empty where nothing does."""
        control = self.settings.get("control", "names")
        return "" if control == "names" else f" (control={control})"

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
    method = spec.parsed.method
    beside = [f"guided by {spec.guidance.get('control', 'names')}"] if spec.guidance is not None else []
    beside += ["shuffled labels"] if spec.shuffle_labels else []
    return Plan(
        spec.method,
        method.title + (f" ({', '.join(beside)})" if beside else ""),
        spec.target,
        spec.source,
        spec.body,
        spec.seed,
        asdict(method),  # type: ignore[call-overload]  # a method is a frozen dataclass
        tuple(spec.stages()),
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


def short_title(method: str) -> str:
    """A method in a sentence: its title without what stands behind the colon."""
    from xmodal_core.methods import METHODS

    return METHODS[method].title.split(":")[0]


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


def budget_of(method: str, steps: Mapping[str, int], equal: bool) -> dict[str, int]:
    """The part of a budget that a method has stages for.

    Args:
        method: its name.
        steps: `align_steps`, `curriculum_steps` and `refine_steps`.
        equal: a method without a curriculum refines for the curriculum's steps as well.
    """
    from xmodal_core.methods import METHODS

    own = {f"{stage}_steps": steps[f"{stage}_steps"] for stage in METHODS[method].stages}
    if equal and "curriculum_steps" not in own:
        own["refine_steps"] += steps["curriculum_steps"]
    return own


def equal_settings(method: str) -> Settings:
    """Settings with which a method sees as many labelled samples as others do in as many steps; {} for most."""
    from xmodal_core.methods import METHODS

    return dict(getattr(METHODS.get(method), "at_equal_samples", {}))


def steps_in_words(method: str, budget: Mapping[str, int]) -> str:
    """A budget as a sum, for instance `orca 30 align + 285 refine = 315`."""
    parts = " + ".join(f"{n} {name.removesuffix('_steps')}" for name, n in budget.items())
    return f"{method} {parts} = {sum(budget.values())}" if len(budget) > 1 else f"{method} {parts}"
