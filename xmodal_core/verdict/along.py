"""Along the axes of an experiment: how the answer changes with training rows and with steps, and where arms cross."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.verdict.at_level import Compared, place
from xmodal_core.verdict.axes import ROWS, STEPS, Axis
from xmodal_core.verdict.crossings import Crossing, crossings
from xmodal_core.verdict.differences import Yardstick, yardstick
from xmodal_core.verdict.headline import headline, shared_budget
from xmodal_core.verdict.levels import AcrossLevels, Level, across_levels
from xmodal_core.verdict.table import rows


@dataclass(frozen=True)
class Along:
    """What is said along one axis, or both.

    Attributes:
        rows, steps: how the answer changes with them; None where there is nothing to walk along.
        crossings: of either axis.
        notes: what else has to be known.
    """

    rows: AcrossLevels | None
    steps: AcrossLevels | None
    crossings: tuple[Crossing, ...]
    notes: tuple[str, ...]


def along(found: Sequence[Compared], margin: float | None) -> Along:
    """What is said along the axes of these levels.

    Args:
        found: most training rows first, then most steps.
        margin: see `verdict`.
    """
    if not found:
        return Along(None, None, (), ())
    by = yardstick(found[0].level.table[0].kind, margin)
    titles = {arm: title for one in found for arm, title in one.level.titles.items()}
    by_rows, row_crossings, notes = _along_rows(found, by, titles)
    by_steps, step_crossings = _along_steps(found, by, titles)
    return Along(by_rows, by_steps, (*row_crossings, *step_crossings), notes)


def _along_rows(
    found: Sequence[Compared], by: Yardstick, titles: Mapping[str, str]
) -> tuple[AcrossLevels | None, tuple[Crossing, ...], tuple[str, ...]]:
    """Over numbers of training rows, at a budget that all of them share.

    Without one, rows and steps change together: then the answers stand side by side, and nothing is paired.
    """
    sizes = _by_size(found)
    budgets = any(one.level.steps is not None for one in found)
    held = shared_budget([[one.level for one in own] for own in sizes]) if budgets and len(sizes) > 1 else None
    top = [headline([one.level for one in own]) for own in sizes]
    used = [
        next(one for one in own if (one.level.steps == held if held is not None else one.level is level))
        for own, level in zip(sizes, top, strict=True)
    ]
    levels = [_level(one, ROWS) for one in used]
    if budgets and len(sizes) > 1 and held is None:
        told = "; ".join(f"{one.level.steps:,} steps with {one.level.n_train:,} rows" for one in used[::-1])
        note = f"No budget was run at every number of training rows, so that rows and steps change together: {told}."
        return across_levels(levels, by, titles, paired_changes=False), (), (note,)
    return across_levels(levels, by, titles, ROWS, held), crossings(levels, by, titles, ROWS), ()


def _along_steps(
    found: Sequence[Compared], by: Yardstick, titles: Mapping[str, str]
) -> tuple[AcrossLevels | None, tuple[Crossing, ...]]:
    """Over budgets that the rule can read, with the most training rows that have two of them."""
    sizes = _by_size(found)
    for own in sizes:
        # a budget of one arm has no answer; one without steps has no place on a logarithmic axis
        used = [one for one in own if one.level.verdict.contrasts and (one.level.steps or 0) > 0]
        if len(used) > 1:
            levels = [_level(one, STEPS) for one in used]
            other = own[0].level.n_train if len(sizes) > 1 else None
            return across_levels(levels, by, titles, STEPS, other), crossings(levels, by, titles, STEPS)
    return None, ()


def _by_size(found: Sequence[Compared]) -> list[list[Compared]]:
    """Levels by number of training rows, in their order."""
    sizes = dict.fromkeys(one.level.n_train for one in found)
    return [[one for one in found if one.level.n_train == n] for n in sizes]


def _level(one: Compared, axis: Axis) -> Level:
    level = one.level
    scores = {row.arm: row.by_seed for row in level.table}
    return Level(
        place(level, axis), scores, level.verdict.answer, level.verdict.arms, level.verdict.open, rows(one.found)
    )
