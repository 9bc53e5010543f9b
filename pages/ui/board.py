"""Runs on the same data and body: which there are, what comes of comparing them, and how to repeat them."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages.ui import session, show
from pages.ui.launch import plan
from xmodal_core.errors import XModalError
from xmodal_core.model.settings import EARLIER
from xmodal_core.panel.report import GapReport
from xmodal_core.reuse.report import kept_reports
from xmodal_core.runs import job
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


def compared(runs: Sequence[RunDir], margin: float | None = None) -> Comparison:
    """The comparison of some runs, with the gap report and the reuse reports beside them; computed once for a state.

    Raises:
        RunError: see `export`.
    """
    written = tuple((str(run.path), run.result_written()) for run in runs)
    gap, reuse = session.gap_report(), kept_reports(runs)
    beside = None if gap is None else gap.to_json()
    reports = {name: report.to_json() for name, report in reuse.items()} if reuse else None
    return replace(_compared(written, margin), gap=beside, reuse=reports)


@st.cache_resource(max_entries=16, show_spinner=False)
def _compared(written: tuple[tuple[str, float], ...], margin: float | None) -> Comparison:
    return export([RunDir(Path(path)) for path, _ in written], margin=margin)


def download(found: Comparison, name: str) -> None:
    """Offer everything shown as one JSON object."""
    show.json_download(found, f"{name}.json", "board-download")


def commands(runs: Sequence[Entry], gap: GapReport | None) -> str:
    """Command lines that repeat the gap reading, the finished runs and their comparison."""
    lines = []
    if gap is not None:
        chosen = session.selection()
        source, target = session.source_reference(chosen), session.target_reference(chosen)
        lines.append(
            f"python -m xmodal_core gap --source {shlex.quote(source)} --target {shlex.quote(target)}{_network(gap)} "
            f"--space {gap.space} --metrics {','.join(gap.readings)} --n {gap.n} --seed {gap.seed}"
        )
    finished = [run for run, _, status in runs if status.state == "done"]
    lines += [
        f"python -m xmodal_core run {shlex.quote(str(run.path / 'spec.json'))} --out again/{run.path.name}"
        for run in finished
    ]
    if finished:
        lines.append("python -m xmodal_core compare " + " ".join(f"again/{run.path.name}" for run in finished))
    return "\n".join(lines)


def _network(gap: GapReport) -> str:
    """Options for the network of a report and how samples went into it; none for raw inputs."""
    if not gap.body:
        return ""
    model = EARLIER.said() if gap.model is None else gap.model
    said = ",".join(f"{name}={value}" for name, value in model.items())
    tokens = f" --tokens {gap.tokens}" if gap.tokens else ""
    return f" --body {shlex.quote(gap.body)}{tokens}" + (f" --model {said}" if said else "")
