"""The design of an experiment: which arms run at which seeds, training rows, budgets and learning rates."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.reading import reading_from_json
from xmodal_core.data.sources import Source
from xmodal_core.data.variants import with_train_rows
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.model.bodies import check_kept
from xmodal_core.runs.ablations import each_once, method_of
from xmodal_core.runs.plan import (
    Choice,
    budget_of,
    choice_of,
    defaults,
    equal_settings,
    refusal,
    short_title,
    specification,
)
from xmodal_core.values import JsonValue

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec

STEPS = ("align_steps", "curriculum_steps", "refine_steps")
RATES = (0.5, 2.0)


def usual_steps() -> dict[str, int]:
    """The budget of a run of which nothing is said."""
    from xmodal_core.methods.base import Budget

    return asdict(Budget())


@dataclass(frozen=True)
class Trial:
    """An arm at a multiple of its own learning rate."""

    arm: str
    rate: float


@dataclass(frozen=True)
class Pool:
    """Trials of which one goes on to every seed, chosen on the validation rows.

    Attributes:
        title: whom they stand for.
        trials: one, where there is nothing to choose.
    """

    title: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Part:
    """One number of training rows and one budget of an experiment, which is chosen for and trained by itself."""

    train_rows: int
    label_steps: int


@dataclass(frozen=True)
class Design(JsonValue):
    """Every arm at every seed, number of training rows and budget, each at the learning rate that suits it.

    Attributes:
        target, body, source: what every run is on; see `RunSpec`.
        arms: methods and ablations, at least one; what would be run twice under two names is run once, see `each_once`.
        seeds: contrasts are paired by them; the first one chooses among learning rates.
        rows: training rows to keep; 0 keeps them all.
        rates: multiples of each arm's own learning rate; every arm is given as many.
        budgets: steps on labels, curriculum and refinement together; () for the one that `steps` makes. The steps of
            all stages are in proportion.
        steps: `align_steps`, `curriculum_steps` and `refine_steps`, of which the budgets are shares.
        equal: every arm sees as many labelled samples as far as its method can: see `budget_of` for the steps and
            `equal_settings` for the samples of one.
        stop_early: ways of crossing compete with one another, and many candidates at small budgets first, see
            `choose`; else every arm goes on to every seed.
        settings: that every arm gets which has them.
        tokens, model: see `RunSpec`.
        reading, source_reading: what is said about the files, as JSON.

    Raises:
        SettingsError: nothing to run but for arms, or a number that is none.
    """

    target: str
    body: str
    source: str = ""
    arms: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)
    rows: tuple[int, ...] = (0,)
    rates: tuple[float, ...] = RATES
    budgets: tuple[int, ...] = ()
    steps: Mapping[str, int] = field(default_factory=usual_steps)
    equal: bool = True
    stop_early: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    tokens: int | None = None
    model: Mapping[str, Any] | None = None
    reading: Mapping[str, Any] | None = None
    source_reading: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no experiment."""
        object.__setattr__(self, "arms", tuple(each_once(self.arms)))
        for name in ("seeds", "rows", "rates"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise SettingsError(f"{name} are {list(values)}, expected one or more, no two the same.")
        if set(self.steps) != set(STEPS):
            raise SettingsError(f"steps are {dict(self.steps)}, expected {', '.join(STEPS)}.")
        if any(n < 0 for n in (*self.steps.values(), *self.rows)):
            raise SettingsError(f"steps are {dict(self.steps)} and rows {list(self.rows)}, expected none below 0.")
        if not all(0 < rate < math.inf for rate in self.rates):
            raise SettingsError(f"rates are {list(self.rates)}, expected multiples above 0.")
        if not self.budgets and self.label_steps < 1:
            raise SettingsError(
                "there are no steps of curriculum or refinement, expected 1 or more: nothing is learnt."
            )
        if any(budget < 1 for budget in self.budgets):
            raise SettingsError(f"budgets are {list(self.budgets)}, expected numbers of steps, 1 or more.")

    @property
    def label_steps(self) -> int:
        """Steps on labels of the budget as it is given."""
        return self.steps["curriculum_steps"] + self.steps["refine_steps"]

    def scaled(self, label_steps: int) -> dict[str, int]:
        """The steps of all stages in proportion to a budget of steps on labels; a stage that has any keeps one."""
        share = label_steps / max(1, self.label_steps)
        align, curriculum = (round(self.steps[name] * share) for name in ("align_steps", "curriculum_steps"))
        curriculum = min(max(curriculum, min(1, self.steps["curriculum_steps"])), label_steps)
        return {
            "align_steps": max(align, min(1, self.steps["align_steps"])),
            "curriculum_steps": curriculum,
            "refine_steps": label_steps - curriculum,
        }

    def choice(self, trial: Trial, seed: int = 0, part: Part | None = None) -> Choice:
        """One run of a trial.

        Args:
            trial: an arm at a rate.
            seed: of the run.
            part: its training rows and budget; all rows and the budget of `steps` when None.

        Raises:
            SettingsError: there is no such arm.
        """
        arm, part = trial.arm, part or Part(0, self.label_steps)
        rest = Choice("", seed=seed, train_rows=part.train_rows, tokens=self.tokens, model=self.model or {})
        like = choice_of(arm, rest)
        settings = at_rate(arm, trial.rate) | (dict(equal_settings(arm)) if self.equal else {})
        settings |= {name: value for name, value in self.settings.items() if name in defaults(like.method)}
        budget = budget_of(arm, self.scaled(part.label_steps), self.equal)
        return replace(like, settings={**settings, **like.settings}, budget=budget)

    def specification(self, choice: Choice) -> "RunSpec":
        """The run of a choice on the data of this experiment.

        Raises:
            SettingsError: the choice is not one that can be run.
        """
        spec = specification(choice, self.target, self.body, self.source)
        said = {"reading": self.reading, "source_reading": self.source_reading if spec.source else None}
        read = {name: reading_from_json(value, name) for name, value in said.items() if value is not None}
        return replace(spec, **read) if read else spec  # type: ignore[arg-type]

    def parts(self) -> list[Part]:
        """What is chosen for and trained by itself: small budgets first, for they tell something soon."""
        budgets = sorted(set(self.budgets)) or [self.label_steps]
        return [Part(n, budget) for n, budget in product(self.rows, budgets)]

    def pools(self) -> list[Pool]:
        """Who competes with whom: an arm's learning rates, and, to stop early, all ways of crossing."""
        from xmodal_core.methods import METHODS
        from xmodal_core.methods.base import Role

        def trials(arm: str) -> list[Trial]:
            return [Trial(arm, rate) for rate in (self.rates if has_rate(arm) else (1.0,))]

        def crosses(arm: str) -> bool:
            return arm in METHODS and METHODS[arm].role is Role.CROSSING

        crossing = [arm for arm in self.arms if self.stop_early and crosses(arm)]
        together = crossing if len(crossing) > 1 else []
        pools = [Pool(short_title(arm), tuple(trials(arm))) for arm in self.arms if arm not in together]
        if together:
            pools.append(Pool("ways of crossing", tuple(trial for arm in together for trial in trials(arm))))
        return pools


def applicable(
    design: Design, data: LabelledDataset, source: LabelledDataset | Source | None
) -> tuple[Design, dict[str, str]]:
    """A design without the arms that cannot be run on these data; and why each of these cannot.

    Raises:
        SettingsError: there is no such arm.
    """
    refused, missing = {}, _missing(design.body)
    for arm in design.arms:
        choices = [design.choice(Trial(arm, rate)) for rate in (min(design.rates), max(design.rates))]
        try:
            spec, _ = (design.specification(choice) for choice in choices)
        except SettingsError as error:
            refused[arm] = str(error)
            continue
        why = missing if spec.parsed.method.has_body else None
        why = why or refusal(spec, data, source if spec.source else None)
        if why is not None:
            refused[arm] = why
    return replace(design, arms=tuple(arm for arm in design.arms if arm not in refused)), refused


def _missing(body: str) -> str | None:
    """Why a local body cannot be loaded; an id is let pass, for a form asks at every look."""
    try:
        check_kept(body)
    except XModalError as error:
        return str(error)
    return None


def check_rows(design: Design, data: LabelledDataset) -> None:
    """Refuse numbers of training rows that cannot be trained on, before anything starts.

    Raises:
        SettingsError: says which, see `with_train_rows`; or there are several rates and no rows to choose by.
    """
    most = max((len(pool.trials) for pool in design.pools()), default=1)
    if most > 1 and not len(data.rows("val")):
        raise SettingsError(
            f"{most} candidates are to be chosen from, and {data.name} has no validation rows to choose by; ask for "
            "one learning rate, and let every arm go on."
        )
    for n, seed in product(design.rows, design.seeds):
        if n:
            with_train_rows(data, n, seed)


def has_rate(arm: str) -> bool:
    """Whether a learning rate is anything to an arm; a simple baseline searches its own setting."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Role

    method = method_of(arm)
    return "learning_rate" in defaults(method) and METHODS[method].role is not Role.SIMPLE


def at_rate(arm: str, multiple: float) -> dict[str, Any]:
    """Settings of an arm at a multiple of its own learning rate; {} at its own, and where it has none."""
    if multiple == 1 or not has_rate(arm):
        return {}
    return {"learning_rate": float(f"{defaults(method_of(arm))['learning_rate'] * multiple:.6g}")}


def quarter_of(whole: int) -> int:
    """The second number of training rows of an experiment: two sizes tell how the answer changes with data."""
    return max(2, round(whole / 4))
