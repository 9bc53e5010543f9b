"""Any two arms of a comparison held against each other, as the rule holds those of its roles."""

from xmodal_core.verdict.at_level import Compared, ComparisonAtLevel
from xmodal_core.verdict.contrasts import Contrast, contrast
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.export import Comparison, levels_of
from xmodal_core.verdict.results import FinishedRun
from xmodal_core.verdict.table import rows, scores


def pair(found: Comparison, level: ComparisonAtLevel, first: str, second: str) -> Contrast | None:
    """The paired difference of two arms at a level, over seeds and test rows; None where they share no seed.

    Args:
        found: the comparison, as `export` made it: one that was read from JSON has no test rows.
        level: one of its levels.
        first: an arm of that level.
        second: the arm that it is held against.
    """
    counts = _at(found, level).found
    by = yardstick(level.table[0].kind, level.verdict.margin)
    return contrast(first, second, scores(counts), by, rows=rows(counts))


def runs_of(found: Comparison, level: ComparisonAtLevel, arm: str) -> list[FinishedRun]:
    """The runs of an arm that count at a level, by seed."""
    by_seed = _at(found, level).found[arm]
    return [by_seed[seed] for seed in sorted(by_seed)]


def _at(found: Comparison, level: ComparisonAtLevel) -> Compared:
    place = level.n_train, level.steps
    every = levels_of(found.runs, level.verdict.margin)
    return next(one for one in every if (one.level.n_train, one.level.steps) == place)
