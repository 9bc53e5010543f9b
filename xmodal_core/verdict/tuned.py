"""Learning rates are tuning, not arms: of those of an arm at one level the validation rows choose one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from xmodal_core.verdict.naming import RATE, settings_of
from xmodal_core.verdict.results import FinishedRun
from xmodal_core.verdict.roles import best


@dataclass(frozen=True)
class Tuned:
    """The runs of one level that count.

    Attributes:
        runs: of arms with several rates those at the chosen one.
        named: the arm of each, without its rate where one was chosen or there is one only.
        decided: arms that are one whatever the rate.
    """

    runs: list[FinishedRun]
    named: list[str]
    decided: set[str]


def tuned(runs: Sequence[FinishedRun], named: Sequence[str], families: Sequence[str]) -> Tuned:
    """Choose a learning rate for every arm of a level.

    The one whose mean validation score is best over the seeds that all rates have; of equal ones that with the most
    seeds. A rate that shares no seed with the one that has most is set aside: a single run elsewhere must not undo an
    experiment. Where none has more than another and they share none, rates stay arms of their own, for the test rows
    must not choose.

    Args:
        runs: of one level.
        named: the arm of each, rates told apart.
        families: the same, whatever the rate.
    """
    of_family: dict[str, dict[str, dict[int, FinishedRun]]] = defaultdict(lambda: defaultdict(dict))
    for run, name, family in sorted(zip(runs, named, families, strict=True), key=lambda one: one[0].ended):
        of_family[family][name][run.result.seed] = run
    chosen = {family: _chosen(by_name) for family, by_name in of_family.items()}
    kept = [
        (run, name if chosen[family] is None else family)
        for run, name, family in zip(runs, named, families, strict=True)
        if chosen[family] in (None, name)
    ]
    decided = {family for family, name in chosen.items() if name is not None}
    return Tuned([run for run, _ in kept], [name for _, name in kept], decided)


def rate_of(run: FinishedRun) -> float | None:
    """The peak learning rate that a run was given; None for its method's own."""
    found = settings_of(run.result).get(RATE)
    return None if found is None else float(found)


def _chosen(by_name: dict[str, dict[int, FinishedRun]]) -> str | None:
    scores = {
        name: {seed: run.result.validation.score for seed, run in by_seed.items() if run.result.validation}
        for name, by_seed in by_name.items()
    }
    most = max(len(by_seed) for by_seed in scores.values())
    fullest = [name for name, by_seed in scores.items() if len(by_seed) == most]
    if len(fullest) == 1 and most > 1:
        scores = {name: by_seed for name, by_seed in scores.items() if set(by_seed) & set(scores[fullest[0]])}
    return best(list(scores), scores)
