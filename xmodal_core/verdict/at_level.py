"""One level of an experiment: runs with one number of training rows, and of one budget where budgets are levels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from xmodal_core.runs.result import RunResult
from xmodal_core.scores import ACCURACY
from xmodal_core.values import JsonValue
from xmodal_core.verdict.axes import ROWS, Axis
from xmodal_core.verdict.doubts import best_of_several, unequal_budgets
from xmodal_core.verdict.results import FinishedRun, label_steps, role, role_of
from xmodal_core.verdict.roles import best
from xmodal_core.verdict.rules import Verdict, verdict
from xmodal_core.verdict.table import Counted, Summary, counted, rows, scores, summarise
from xmodal_core.verdict.tuned import rate_of, tuned
from xmodal_core.verdict.tuning import WentOn, tuning_sentence


@dataclass(frozen=True)
class ComparisonAtLevel(JsonValue):
    """Runs of one level: a row an arm, by falling mean, and the verdict.

    Attributes:
        steps: steps on labels, of every run; None where budgets are no levels.
    """

    n_train: int
    table: tuple[Summary, ...]
    verdict: Verdict
    steps: int | None = None

    @property
    def titles(self) -> dict[str, str]:
        """What arms are called in sentences."""
        return {row.arm: row.called for row in self.table}


def place(level: ComparisonAtLevel, axis: Axis) -> int:
    """Where a level stands on an axis; 0 on that of steps where budgets are no levels."""
    return level.n_train if axis is ROWS else level.steps or 0


@dataclass(frozen=True)
class Compared:
    """A level, and the runs of it that count."""

    level: ComparisonAtLevel
    found: Counted


def compared_levels(
    runs: Sequence[FinishedRun], named: Sequence[str], families: Sequence[str], budgets: bool, margin: float | None
) -> list[Compared]:
    """Every level of these runs, most training rows first, then most steps.

    Args:
        runs: comparable ones.
        named: the arm of each, learning rates told apart.
        families: the same, whatever the learning rate.
        budgets: whether budgets are levels.
        margin: see `verdict`.
    """
    places = [(run.result.target.n_train, label_steps(run.result) if budgets else None) for run in runs]
    found = []
    for n_train, steps in sorted(set(places), key=lambda place: (place[0], place[1] or 0), reverse=True):
        own = [i for i, place in enumerate(places) if place == (n_train, steps)]
        kept = tuned([runs[i] for i in own], [named[i] for i in own], [families[i] for i in own])
        counts = counted(kept.runs, kept.named)
        before = [i for i, (n, at) in enumerate(places) if n == n_train and (at or 0) <= (steps or 0)]
        tried = {arm: len({named[i] for i in before if families[i] == arm}) for arm in kept.decided}
        until = [runs[i] for i in before]
        found.append(Compared(at_level(counts, until, n_train, steps, margin, tried), counts))
    return found


def at_level(
    found: Counted,
    until: Sequence[FinishedRun],
    n_train: int,
    steps: int | None,
    margin: float | None,
    tried: Mapping[str, int] | None = None,
) -> ComparisonAtLevel:
    """Table and verdict of the runs of one level that count.

    Args:
        found: they.
        until: all runs of this level, and those of smaller budgets on as many training rows: they may have chosen among
            learning rates.
        n_train: their training rows.
        steps: their budget, where budgets are levels.
        margin: see `verdict`.
        tried: by arm, learning rates that it was chosen from, at this budget or smaller ones.
    """
    table, firsts = summarise(found, tried or {}), {arm: next(iter(own.values())).result for arm, own in found.items()}
    titles = {row.arm: row.called for row in table}
    answer = verdict(
        scores(found),
        margin,
        titles,
        table[0].kind if table else ACCURACY,
        roles={arm: role(result) for arm, result in firsts.items()},
        validation=scores(found, "validation"),
        rows=rows(found),
    )
    budgets = _budgets({titles[arm]: firsts[arm] for arm in answer.arms.values()})
    picked = _picked(answer, found, until, titles)
    doubts = (*(answer.doubts or ()), *([picked] if picked else ())) or None
    tuning = _tuning(until, steps)
    return ComparisonAtLevel(
        n_train, tuple(table), replace(answer, tuning=tuning, budgets=budgets, doubts=doubts), steps
    )


def _picked(answer: Verdict, found: Counted, until: Sequence[FinishedRun], titles: Mapping[str, str]) -> str | None:
    """That the way of crossing is the best of several; None where there was one, or none is left."""
    arm = answer.arms.get("B")
    if arm is None:
        return None
    own = role_of(next(iter(found[arm].values())).result)
    others = {role_of(run.result): run.result.title.split(":")[0] for run in until if role(run.result) == "B"}
    others.pop(own, None)
    return best_of_several(titles[arm], list(others.values()))


def _budgets(of_arms: Mapping[str, RunResult]) -> str | None:
    """Whether the arms of the rule saw as many labels, by what they are called; None where they did.

    By samples where all have kept them, else by steps.
    """
    samples = {name: result.label_samples for name, result in of_arms.items() if result.label_samples is not None}
    if len(samples) == len(of_arms):
        return unequal_budgets(samples, "labelled samples seen")
    return unequal_budgets({name: label_steps(result) for name, result in of_arms.items()}, "steps on labels")


_Rates = dict[float | None, dict[int, float]]  # by learning rate, the validation score of each seed that has one


def _tuning(runs: Sequence[FinishedRun], steps: int | None) -> str:
    """Whether the arms of a comparison were given equal numbers of learning rates; controls are no arms of it."""
    tried: dict[str, dict[int, _Rates]] = {}  # by method, then by budget
    for run in runs:
        result, method = run.result, role_of(run.result)
        if method:
            at = tried.setdefault(method, {}).setdefault(label_steps(result), {})
            by_seed = at.setdefault(rate_of(run), {})
            by_seed |= {} if result.validation is None else {result.seed: result.validation.score}
    titles = {role_of(run.result): run.result.title.split(":")[0] for run in runs}
    simple = {role_of(run.result) for run in runs if role(run.result) == "D"}
    if steps is not None:  # an arm that was not run at this budget is none of the comparison
        tried = {method: own for method, own in tried.items() if steps in own}
    rates = {method: _all_rates(own) for method, own in tried.items()}
    moved = None if steps is None else _went_on({m: own for m, own in tried.items() if m not in simple}, steps)
    return tuning_sentence(rates, titles, simple, moved)


def _went_on(tried: Mapping[str, Mapping[int, _Rates]], steps: int) -> WentOn | None:
    """What went on to a budget, by method; None where every rate was run at it."""
    rates = {method: _all_rates(own) for method, own in tried.items()}
    if all(len(rates[method]) == len(own[steps]) for method, own in tried.items()):
        return None
    fewer = {method: own for method, own in tried.items() if len(own[steps]) < len(rates[method])}
    last = {method: max(_with_all(own, rates[method], steps), default=None) for method, own in fewer.items()}
    chosen = [
        None if at is None else _best_went_on(fewer[method][at], fewer[method][steps]) for method, at in last.items()
    ]
    at = set(last.values())
    tried_at = at.pop() if len(fewer) == len(tried) and len(at) == 1 else None
    known = None if None in chosen else all(chosen)
    return WentOn(steps, {method: len(own[steps]) for method, own in tried.items()}, tried_at, known)


def _all_rates(own: Mapping[int, _Rates]) -> set[float | None]:
    return {rate for at in own.values() for rate in at}


def _with_all(own: Mapping[int, _Rates], rates: Collection[float | None], steps: int) -> set[int]:
    """Smaller budgets at which all of these rates were run."""
    return {budget for budget, at in own.items() if budget < steps and set(at) == set(rates)}


def _best_went_on(before: _Rates, after: _Rates) -> bool | None:
    """Whether the best rate on the validation rows of a smaller budget is among these; None where nothing tells."""
    names = {str(rate): rate for rate in before}
    chosen = best(list(names), {name: before[rate] for name, rate in names.items()})
    return None if chosen is None else names[chosen] in after
