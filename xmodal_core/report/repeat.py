"""The same again: command lines that repeat a gap reading, finished runs and their comparison."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from xmodal_core.model.settings import EARLIER
from xmodal_core.panel.report import GapReport

_PROGRAM = "python -m xmodal_core"


@dataclass(frozen=True)
class MeasuredGap:
    """A gap report with what its sides are called on a command line."""

    report: GapReport
    source: str
    target: str


def commands(runs: Sequence[str], folder: str, gap: MeasuredGap | None = None, margin: float | None = None) -> str:
    """A line a command.

    Args:
        runs: names of finished runs.
        folder: where their directories lie.
        gap: what was measured beside them.
        margin: the difference that does not matter, where it is not the usual one.
    """
    lines = [] if gap is None else [_gap(gap)]
    lines += [f"{_PROGRAM} run {shlex.quote(f'{folder}/{name}/spec.json')} --out again/{name}" for name in runs]
    if runs:
        beside = "" if margin is None else f" --margin {100 * margin:g}"
        lines.append(f"{_PROGRAM} compare{beside} " + " ".join(f"again/{name}" for name in runs))
    return "\n".join(lines)


def _gap(gap: MeasuredGap) -> str:
    report = gap.report
    return (
        f"{_PROGRAM} gap --source {shlex.quote(gap.source)} --target {shlex.quote(gap.target)}{network(report)} "
        f"--space {report.space} --metrics {','.join(report.readings)} --n {report.n} --seed {report.seed}"
    )


def network(report: GapReport) -> str:
    """Options for the network of a report and how samples went into it; none for raw inputs."""
    if not report.body:
        return ""
    model = EARLIER.said() if report.model is None else report.model
    said = ",".join(f"{name}={value}" for name, value in model.items())
    tokens = f" --tokens {report.tokens}" if report.tokens else ""
    return f" --body {shlex.quote(report.body)}{tokens}" + (f" --model {said}" if said else "")
