"""Finished runs as one JSON object: tables, verdicts, how the answer changes with training rows and with steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xmodal_core import __version__
from xmodal_core.data.understanding import Understanding
from xmodal_core.panel.report import GapReport
from xmodal_core.reuse.report import ReuseReport
from xmodal_core.runs.rundir import RunDir
from xmodal_core.values import JsonValue
from xmodal_core.verdict.along import along
from xmodal_core.verdict.at_level import Compared, ComparisonAtLevel, at_level, compared_levels
from xmodal_core.verdict.budgets import out_of_proportion
from xmodal_core.verdict.crossings import Crossing
from xmodal_core.verdict.headline import headline, headline_note
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.naming import arms, base, by_budget, models_sentence
from xmodal_core.verdict.results import FinishedRun, check_comparable, finished
from xmodal_core.verdict.rules import Verdict
from xmodal_core.verdict.table import Summary


@dataclass(frozen=True)
class Comparison(JsonValue):
    """Everything that the Compare page shows.

    Attributes:
        xmodal_lab: the version that compared.
        table, verdict: of the most training rows.
        sizes: the same for every number of training rows, the most first; where budgets are levels, at the largest that
            the rule can be read by, see `headline`.
        across: how the answer changes with it, at one budget; None without runs.
        left_out: names of runs that trained on shuffled labels, which answer another question.
        runs: the results that were compared.
        gap: the gap report beside them, as plain JSON: one of another version is no reason to refuse the rest.
        reuse: reuse reports by run, likewise.
        understanding, source_understanding: what a reader made of the target's and the source's file, of the first run
            that read one; None for data that ship.
        model: what has to be known about the models of the runs; None where all are the usual one.
        levels: every number of training rows at every budget, the most rows first, then the most steps; None where
            budgets are no levels, for then `sizes` are all.
        across_budgets: how the answer changes with the budget, at the most training rows that have two.
        crossings: where arms change places along either axis; None where nothing was run at two levels.
        notes: what has to be known about levels; None where there is nothing.
    """

    xmodal_lab: str
    table: tuple[Summary, ...]
    verdict: Verdict
    sizes: tuple[ComparisonAtLevel, ...]
    across: AcrossLevels | None
    left_out: tuple[str, ...]
    runs: tuple[FinishedRun, ...]
    gap: Mapping[str, Any] | None
    reuse: Mapping[str, Any] | None
    understanding: Understanding | None = None
    source_understanding: Understanding | None = None
    model: str | None = None
    levels: tuple[ComparisonAtLevel, ...] | None = None
    across_budgets: AcrossLevels | None = None
    crossings: tuple[Crossing, ...] | None = None
    notes: tuple[str, ...] | None = None

    @property
    def every_level(self) -> tuple[ComparisonAtLevel, ...]:
        """All that was compared, the most rows first, then the most steps."""
        return self.sizes if self.levels is None else self.levels


def export(
    runs: Sequence[RunDir],
    gap: GapReport | None = None,
    reuse: Mapping[str, ReuseReport] | None = None,
    margin: float | None = None,
) -> Comparison:
    """Compare the finished ones of some runs.

    Args:
        runs: finished ones count.
        gap: the gap report beside them.
        reuse: reuse reports by run.
        margin: see `verdict`.

    Raises:
        RunError: the runs are not on the same data and body, or not scored alike, or a result is damaged.
    """
    given = finished(runs)
    compared = [run for run in given if not run.result.asked.shuffle_labels]
    check_comparable(compared)
    budgets = by_budget(compared)
    found = levels_of(compared, margin)
    levels = [one.level for one in found]
    by_size = [[own for own in levels if own.n_train == n] for n in dict.fromkeys(own.n_train for own in levels)]
    sizes = [headline(own) for own in by_size]
    top = sizes[0] if sizes else at_level({}, [], 0, None, margin)
    told = along(found, margin)
    results = [run.result for run in compared]
    notes = [note for own in by_size if (note := headline_note(own)) is not None]
    notes += [*told.notes, *(out_of_proportion(results, [base(result) for result in results]) if budgets else ())]
    return Comparison(
        xmodal_lab=__version__,
        table=top.table,
        verdict=top.verdict,
        sizes=tuple(sizes),
        across=told.rows,
        left_out=tuple(run.run for run in given if run.result.asked.shuffle_labels),
        runs=tuple(compared),
        gap=None if gap is None else gap.to_json(),
        reuse={name: report.to_json() for name, report in reuse.items()} if reuse else None,
        understanding=_first(run.result.understanding for run in compared),
        source_understanding=_first(run.result.source_understanding for run in compared),
        model=models_sentence(results),
        levels=tuple(levels) if budgets else None,
        across_budgets=told.steps,
        crossings=told.crossings or None,
        notes=tuple(notes) or None,
    )


def levels_of(runs: Sequence[FinishedRun], margin: float | None) -> list[Compared]:
    """Every level of runs that may be compared, with the runs of it that count."""
    budgets = by_budget(runs)
    named, families = (arms(runs, budgets, rates) for rates in (True, False))
    return compared_levels(runs, named, families, budgets, margin)


def _first(understandings: Iterable[Understanding | None]) -> Understanding | None:
    return next((found for found in understandings if found is not None), None)
