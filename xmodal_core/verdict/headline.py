"""Which of several budgets a comparison is headed by, and what has to be said of that choice.

The largest budget alone would not do: where only one arm went on to 1,000 steps, it would hide the comparison at 300.
So a budget counts for more the more of the rule it can read, and of those that it can read as well the largest does.
"""

from collections.abc import Sequence

from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.contrasts import LEAST_PAIRS

_FIRST = ("A - C", "B - A")  # the questions without which the rule cannot tell fine-tuning from crossing


def readable(level: ComparisonAtLevel) -> int:
    """How much of the rule a level can be read by, each step of which asks for more than the one before it.

    1 two arms; 2 a contrast of the rule; 3 one with as many seeds as decide; 4 both of the first questions, with them.
    """
    enough = {c.role for c in level.verdict.contrasts if c.n_pairs >= LEAST_PAIRS}
    return (len(level.table) > 1) + bool(level.verdict.contrasts) + bool(enough) + all(one in enough for one in _FIRST)


def headline(levels: Sequence[ComparisonAtLevel]) -> ComparisonAtLevel:
    """The level that stands for all budgets of one number of training rows, of which there is one at least."""
    return max(levels, key=lambda level: (readable(level), level.steps or 0))


def headline_note(levels: Sequence[ComparisonAtLevel]) -> str | None:
    """Why a comparison is not headed by its largest budget; None where it is."""
    chosen, largest = headline(levels), max(levels, key=lambda level: level.steps or 0)
    if chosen is largest:
        return None
    return (
        f"With {chosen.n_train:,} training rows the answer is that at {chosen.steps:,} steps on labels: at "
        f"{largest.steps:,} too few arms of the rule, or too few of their seeds, were run."
    )


def shared_budget(sizes: Sequence[Sequence[ComparisonAtLevel]]) -> int | None:
    """The budget at which numbers of training rows are held against each other; None where they share none.

    Args:
        sizes: of every number of training rows its levels.
    """
    at = [{level.steps: level for level in levels} for levels in sizes]
    shared = set.intersection(*(set(own) for own in at)) if at else set()
    found = [steps for steps in shared if steps is not None]
    return max(found, key=lambda steps: (min(readable(own[steps]) for own in at), steps), default=None)
