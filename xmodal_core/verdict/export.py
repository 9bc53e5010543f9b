"""Finished runs as one JSON object: tables, verdicts, how the answer changes with rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xmodal_core import __version__
from xmodal_core.data.understanding import Understanding
from xmodal_core.panel.report import GapReport
from xmodal_core.reuse.report import ReuseReport
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import ACCURACY
from xmodal_core.values import JsonValue
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.doubts import unequal_budgets
from xmodal_core.verdict.naming import arms, models_sentence, settings_of
from xmodal_core.verdict.results import FinishedRun, check_comparable, finished, label_steps, role, role_of
from xmodal_core.verdict.rules import Verdict, verdict
from xmodal_core.verdict.sizes import AcrossSizes, Size, across_sizes
from xmodal_core.verdict.table import Counted, Summary, counted, rows, scores, summarise
from xmodal_core.verdict.tuning import tuning_sentence


@dataclass(frozen=True)
class ComparisonAtSize(JsonValue):
    """Runs with one number of training rows: a row an arm, by falling mean, and the verdict."""

    n_train: int
    table: tuple[Summary, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Comparison(JsonValue):
    """Everything that the Compare page shows.

    Attributes:
        xmodal_lab: the version that compared.
        table, verdict: of the most training rows.
        sizes: the same for every number of training rows, the most first.
        across: how the answer changes with it; None without runs.
        left_out: names of runs that trained on shuffled labels, which answer another question.
        runs: the results that were compared.
        gap: the gap report beside them, as plain JSON: one of another version is no reason to refuse the rest.
        reuse: reuse reports by run, likewise.
        understanding, source_understanding: what a reader made of the target's and the source's file, of the first run
            that read one; None for data that ship.
        model: what has to be known about the models of the runs; None where all are the usual one.
    """

    xmodal_lab: str
    table: tuple[Summary, ...]
    verdict: Verdict
    sizes: tuple[ComparisonAtSize, ...]
    across: AcrossSizes | None
    left_out: tuple[str, ...]
    runs: tuple[FinishedRun, ...]
    gap: Mapping[str, Any] | None
    reuse: Mapping[str, Any] | None
    understanding: Understanding | None = None
    source_understanding: Understanding | None = None
    model: str | None = None


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
    named = arms(compared)
    groups = [_of_size(compared, named, n) for n in sorted({r.result.target.n_train for r in compared}, reverse=True)]
    tables = [counted(own, names) for own, names in groups]
    sizes = [_one_size(table, own, margin) for table, (own, _) in zip(tables, groups, strict=True)]
    top = sizes[0] if sizes else _one_size({}, [], margin)
    return Comparison(
        xmodal_lab=__version__,
        table=top.table,
        verdict=top.verdict,
        sizes=tuple(sizes),
        across=_across(sizes, tables, margin),
        left_out=tuple(run.run for run in given if run.result.asked.shuffle_labels),
        runs=tuple(compared),
        gap=None if gap is None else gap.to_json(),
        reuse={name: report.to_json() for name, report in reuse.items()} if reuse else None,
        understanding=_first(run.result.understanding for run in compared),
        source_understanding=_first(run.result.source_understanding for run in compared),
        model=models_sentence([run.result for run in compared]),
    )


def _first(understandings: Iterable[Understanding | None]) -> Understanding | None:
    return next((found for found in understandings if found is not None), None)


def _of_size(runs: Sequence[FinishedRun], named: Sequence[str], n: int) -> tuple[list[FinishedRun], list[str]]:
    """Runs with so many training rows, and their arms."""
    kept = [(run, name) for run, name in zip(runs, named, strict=True) if run.result.target.n_train == n]
    return [run for run, _ in kept], [name for _, name in kept]


def _one_size(found: Counted, runs: Sequence[FinishedRun], margin: float | None) -> ComparisonAtSize:
    """Table and verdict of runs with one number of training rows."""
    table = summarise(found)
    titles, firsts = _titles(table), {arm: next(iter(own.values())).result for arm, own in found.items()}
    answer = verdict(
        scores(found),
        margin,
        titles,
        runs[0].result.test.kind if runs else ACCURACY,
        roles={arm: role(result) for arm, result in firsts.items()},
        validation=scores(found, "validation"),
        rows=rows(found),
    )
    n_train = runs[0].result.target.n_train if runs else 0
    budgets = _budgets({titles[arm]: firsts[arm] for arm in answer.arms.values()})
    return ComparisonAtSize(n_train, tuple(table), replace(answer, tuning=_tuning(runs), budgets=budgets))


def _budgets(of_arms: Mapping[str, RunResult]) -> str | None:
    """Whether the arms of the rule saw as many labels, by what they are called; None where they did.

    By samples where all have kept them, else by steps.
    """
    samples = {name: result.label_samples for name, result in of_arms.items() if result.label_samples is not None}
    if len(samples) == len(of_arms):
        return unequal_budgets(samples, "labelled samples seen")
    return unequal_budgets({name: label_steps(result) for name, result in of_arms.items()}, "steps on labels")


def _across(sizes: Sequence[ComparisonAtSize], tables: Sequence[Counted], margin: float | None) -> AcrossSizes | None:
    if not sizes:
        return None
    found = [
        Size(
            size.n_train,
            {row.arm: row.by_seed for row in size.table},
            size.verdict.answer,
            size.verdict.arms,
            size.verdict.open,
            rows(table),
        )
        for size, table in zip(sizes, tables, strict=True)
    ]
    titles = {arm: title for size in sizes for arm, title in _titles(size.table).items()}
    return across_sizes(found, yardstick(sizes[0].table[0].kind, margin), titles)


def _titles(table: Sequence[Summary]) -> dict[str, str]:
    """What arms are called in sentences."""
    return {row.arm: row.called for row in table}


def _tuning(runs: Sequence[FinishedRun]) -> str:
    """Whether the arms of a comparison were given equal numbers of learning rates; controls are no arms of it."""
    tried: dict[str, set[float | None]] = defaultdict(set)
    for run in runs:
        if method := role_of(run.result):
            tried[method].add(settings_of(run.result).get("learning_rate"))
    titles = {role_of(run.result): run.result.title.split(":")[0] for run in runs}
    simple = {role_of(run.result) for run in runs if role(run.result) == "D"}
    return tuning_sentence(tried, titles, simple)
