"""Runs on the same data and body: which there are, what comes of comparing them, and how to repeat them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages.ui import session
from pages.ui.launch import plan
from xmodal_core.errors import XModalError
from xmodal_core.panel.report import GapReport
from xmodal_core.report import repeat
from xmodal_core.report.repeat import MeasuredGap
from xmodal_core.reuse.report import kept_reports
from xmodal_core.runs import job
from xmodal_core.runs.damage import damage
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.export import Comparison, export

Entry = tuple[RunDir, Plan, JobStatus]


def entries(target: str, body: str) -> list[Entry]:
    """Runs of the workspace on this target and body with plan and state, newest first; damaged ones are left out."""
    found = []
    for run in session.runs():
        try:
            road = plan(run)
            if (road.target, road.body) == (target, body):
                run.result()  # a damaged one must not hide the others
                found.append((run, road, job.status(run)))
        except XModalError:
            continue
    return found


def damaged() -> list[str]:
    """One sentence for each run of the workspace that cannot be shown; each is read once for a state of its files."""
    return [said for run in session.runs() if (said := _damage(str(run.path), _written(run.path)))]


def _written(path: Path) -> tuple[int, ...]:
    return tuple(
        file.stat().st_mtime_ns if (file := path / name).is_file() else 0 for name in ("spec.json", "result.json")
    )


@st.cache_data(max_entries=5000, show_spinner=False)
def _damage(path: str, written: tuple[int, ...]) -> str | None:  # noqa: ARG001 - part of the cache key
    return damage(RunDir(Path(path)))


def compared(runs: Sequence[RunDir], margin: float | None = None) -> Comparison:
    """The comparison of some runs, with the gap report and the reuse reports beside them; computed once for a state.

    Raises:
        RunError: see `export`.
    """
    gap, reuse = gap_of_selection(), kept_reports(runs)
    beside = None if gap is None else gap.to_json()
    reports = {name: report.to_json() for name, report in reuse.items()} if reuse else None
    return replace(comparison(runs, margin), gap=beside, reuse=reports)


def comparison(runs: Sequence[RunDir], margin: float | None = None) -> Comparison:
    """The comparison of some runs and nothing beside them; computed once for a state.

    Raises:
        RunError: see `export`.
    """
    return _compared(tuple((str(run.path), run.result_written()) for run in runs), margin)


@st.cache_resource(max_entries=64, show_spinner=False)
def _compared(written: tuple[tuple[str, float], ...], margin: float | None) -> Comparison:
    return export([RunDir(Path(path)) for path, _ in written], margin=margin)


def commands(runs: Sequence[Entry], gap: GapReport | None) -> str:
    """Command lines that repeat the gap reading, the finished runs and their comparison."""
    finished = [run for run, _, status in runs if status.state == "done"]
    lines = repeat.commands([run.path.name for run in finished], str(session.runs_root()), measured(gap))
    return session.without_place(lines) if session.is_read_only() else lines


def measured(gap: GapReport | None) -> MeasuredGap | None:
    """A gap report with what its sides are called in the selection."""
    if gap is None:
        return None
    chosen = session.selection()
    return MeasuredGap(gap, session.source_reference(chosen), session.target_reference(chosen))


def gap_of_selection() -> GapReport | None:
    """The gap report in the address, else the newest complete one of the workspace on the selected data and body."""
    if (report := session.gap_report()) is not None:
        return report
    chosen = session.selection()
    sides = session.source_reference(chosen), session.target_reference(chosen), session.body_reference(chosen)
    found = (report for asked, report in session.gap_reports() if (asked.source, asked.target, asked.body) == sides)
    return next(found, None)
