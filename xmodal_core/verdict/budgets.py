"""Budgets as levels: which runs are of one arm at two budgets, and how an arm's stages share its steps.

A budget is a number of steps on the target's labels: those of curriculum and refinement, not of alignment. As soon as
one arm was run at two budgets, runs are compared budget by budget, and a name no longer tells the steps that only say
which budget it is. Two runs at one budget whose stages share it otherwise are two arms, which shares tell apart:
alignment of 20 steps before 90 and of 67 before 300 is alignment of 22 %.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from xmodal_core.runs.result import RunResult
from xmodal_core.verdict.results import label_steps, stages

_ALONE = "refine alone"


def are_levels(results: Sequence[RunResult], alike: Sequence[str]) -> bool:
    """Whether budgets tell runs apart: some arm was run at two of them.

    Args:
        results: of runs that are compared.
        alike: of each run, all that makes it one of its arm but its steps.
    """
    seen: dict[str, set[int]] = defaultdict(set)
    for own, result in zip(alike, results, strict=True):
        seen[own].add(label_steps(result))
    return any(len(budgets) > 1 for budgets in seen.values())


def shares(results: Sequence[RunResult], of: Sequence[str]) -> list[str]:
    """How the stages of each run share its budget, told where two runs of its method differ in that at one budget.

    Whole percents of the steps on labels, which are the same at every budget but for rounding; the steps themselves
    where percents would make one arm of two. Where nothing is told, one method has one arm, see `out_of_proportion`.

    Args:
        results: of runs that are compared.
        of: the method of each.
    """
    found = []
    for result, of_method in zip(results, _mixes(results, of), strict=True):
        if all(len(own) == 1 for own in of_method.values()):
            found.append("")
            continue
        in_percent = all(len({_percent(mix) for mix in own}) == len(own) for own in of_method.values())
        found.append(_percent(_mix(result)) if in_percent else steps_in_words(result))
    return found


def steps_in_words(result: RunResult) -> str:
    """Steps of each stage as a sum, for instance "20 align + 90 refine"; 90 where there is one stage."""
    found = {stage: n for stage, n in stages(result).items() if n}
    return str(sum(found.values())) if len(found) < 2 else " + ".join(f"{n} {stage}" for stage, n in found.items())


def out_of_proportion(results: Sequence[RunResult], of: Sequence[str]) -> list[str]:
    """A sentence for every method whose stages do not share the steps alike at all budgets, though it is one arm.

    Args:
        results: of runs that are compared.
        of: the method of each.
    """
    told = []
    methods = {name: (r, own) for name, r, own in zip(of, results, _mixes(results, of), strict=True)}
    for result, own in methods.values():
        if any(len(mixes) > 1 for mixes in own.values()):
            continue
        mixes = [next(iter(own[budget])) for budget in sorted(own)]
        for stage in dict.fromkeys(stage for mix in mixes for stage, _ in mix if stage != "refine"):
            steps = [dict(mix).get(stage, 0) for mix in mixes]
            if not _proportional(steps, sorted(own)):
                listed = "; ".join(f"{n:,} at {budget:,}" for n, budget in zip(steps, sorted(own), strict=True))
                told.append(
                    f"{result.title.split(':')[0]} is taken for one arm, but its steps of stage {stage} do not "
                    f"grow with the steps on labels: {listed}."
                )
    return told


_Mix = tuple[tuple[str, int], ...]  # steps of each stage that has any


def _mix(result: RunResult) -> _Mix:
    return tuple((stage, n) for stage, n in stages(result).items() if n)


def _mixes(results: Sequence[RunResult], of: Sequence[str]) -> list[Mapping[int, set[_Mix]]]:
    """For each run, by budget, how runs of its method share it."""
    found: dict[str, dict[int, set[_Mix]]] = defaultdict(lambda: defaultdict(set))
    for name, result in zip(of, results, strict=True):
        found[name][label_steps(result)].add(_mix(result))
    return [found[name] for name in of]


def _percent(mix: _Mix) -> str:
    """Steps before refinement in percent of those on labels."""
    whole = sum(n for stage, n in mix if stage != "align")
    parts = [f"{stage} {100 * n / whole:.0f} %" for stage, n in mix if stage != "refine" and whole]
    return " + ".join(parts) or _ALONE


def _proportional(steps: Sequence[int], budgets: Sequence[int]) -> bool:
    """Whether one share of every budget rounds to these steps."""
    low = max((n - 0.5) / max(budget, 1) for n, budget in zip(steps, budgets, strict=True))
    high = min((n + 0.5) / max(budget, 1) for n, budget in zip(steps, budgets, strict=True))
    return low <= high
