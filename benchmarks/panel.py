"""What a panel costs, reading by reading: processor time and wall clock, with one thread and with two.

    python -m benchmarks.panel [--rows 1000] [--features 384] [--cases NAME ...] [--quick]

Two clouds of ten Gaussian classes, raw features, every metric with floor, interval and shuffled labels, and both
curves. Each case is a process of its own, because a BLAS takes its threads as it loads. "free" leaves the BLAS its
threads, as the command line did before it held them. The last line is the whole panel from two files to the report, in
as many lanes as threads. Beside other work only processor time is worth reading: of waiting threads it counts nothing.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.driver import POOLS, cell
from benchmarks.otdd_cases import cloud
from xmodal_core.environment import settle

WHOLE = "whole panel"
_WARM_ROWS, _FEW = 700, 60  # enough for every compiled loop of OTDD; for what a statistic imports
_QUICK = 60, 8


@dataclass(frozen=True)
class Case:
    """Threads of every pool and lanes of the panel, and whether the BLAS is held to one of them."""

    threads: int
    held: bool = True


CASES = {"one": Case(1), "two": Case(2), "free": Case(2, held=False)}
Seconds = tuple[float, float]  # of the processor, all threads together, and of the clock


def timed(call: Callable[[], Any]) -> tuple[Seconds, Any]:
    """What a call takes and what it gives."""
    processor, clock = time.process_time(), time.perf_counter()
    found = call()
    return (time.process_time() - processor, time.perf_counter() - clock), found


def readings(n: int, d: int, *, held: bool = True) -> dict[str, tuple[Seconds, Any]]:
    """Seconds and JSON of every reading and curve of clouds (n, d), one after the other."""
    from xmodal_core.environment import one_blas_thread
    from xmodal_core.gap import METRICS
    from xmodal_core.gap.against_n import against_n
    from xmodal_core.gap.base import finish
    from xmodal_core.gap.protocol import measure, paired_sample
    from xmodal_core.panel.request import CURVED

    sides = cloud(2 * n, d, 0), cloud(n, d, 1, shift=1.0)  # twice the rows, for the floor
    sample = paired_sample(*sides, n, 0)
    found = {}
    with one_blas_thread() if held else contextlib.nullcontext():
        for name, metric in METRICS.items():
            settings, few = metric.settings_type(), _WARM_ROWS if name == "otdd" else _FEW
            metric.statistic(*(side.take(range(min(few, n))) for side in sides), settings)
            seconds, reading = timed(lambda m=metric, s=settings: finish(measure(m, sample, s)))
            found[name] = seconds, reading.to_json()
        for name in CURVED:
            metric = METRICS[name]
            seconds, points = timed(lambda m=metric: finish(against_n(m, sample, m.settings_type())))
            found[f"{name} at fewer rows"] = seconds, [point.to_json() for point in points]
    return found


def whole(n: int, d: int, lanes: int) -> tuple[Seconds, Any]:
    """Seconds and readings of the panel of two files of raw features."""
    import numpy as np

    from xmodal_core.panel.measure import measure_gap
    from xmodal_core.panel.request import GapRequest

    sides = {"source": cloud(2 * n, d, 0), "target": cloud(n, d, 1, shift=1.0)}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.npz") for name in sides}
        for name, side in sides.items():
            np.savez(files[name], X=side.features, y=side.labels, is_categorical=np.zeros(d, bool))
        request = GapRequest(**files, space="raw", n=n)
        seconds, way = timed(lambda: list(measure_gap(request, lanes)))
    report = way[-1].report.to_json()
    return seconds, {name: report[name] for name in ("readings", "curves", "refused")}


def measured(case: Case, n: int, d: int) -> dict[str, tuple[Seconds, Any]]:
    """Every line of the table for one case, in this process."""
    found = readings(n, d, held=case.held)
    return found | ({WHOLE: whole(n, d, case.threads)} if case.held else {})


def table(cases: dict[str, dict[str, tuple[Seconds, Any]]]) -> list[str]:
    """Lines of the table, and whether all cases read the same."""
    names = list(dict.fromkeys(name for found in cases.values() for name in found))
    lines = [f"{'':<20}" + "".join(f"{case + ', s cpu':>14}{'clock':>8}" for case in cases)]
    for name in names:
        pairs = [found[name][0] if name in found else (None, None) for found in cases.values()]
        lines.append(f"{name:<20}" + "".join(cell(cpu, 14, ".2f") + cell(clock, 8, ".2f") for cpu, clock in pairs))
    held = [found for case, found in cases.items() if CASES[case].held]
    apart = [name for name in names if any(found[name][1] != held[0][name][1] for found in held)]
    return [*lines, f"held, all cases read the same to the last bit: {'no, ' + ', '.join(apart) if apart else 'yes'}"]


def _in_process(name: str, rows: int, features: int) -> dict[str, tuple[Seconds, Any]]:
    """What a process with the threads of a case measures."""
    environment = dict(os.environ)
    settle(environment)
    environment |= dict.fromkeys(POOLS, str(CASES[name].threads))
    command = [sys.executable, "-m", "benchmarks.panel", "--rows", str(rows), "--features", str(features)]
    done = subprocess.run([*command, "--task", name], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rows", type=int, default=1000, help="a side")
    made.add_argument("--features", type=int, default=384)
    made.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    made.add_argument("--quick", action="store_true", help="few rows, in this process, in one lane and in two")
    made.add_argument("--task", choices=CASES, help=argparse.SUPPRESS)  # of a process that this one starts
    asked = made.parse_args(arguments)
    if asked.task:
        print(json.dumps(measured(CASES[asked.task], asked.rows, asked.features)))
        return
    if asked.quick:
        found = {name: measured(CASES[name], *_QUICK) for name in asked.cases}
    else:
        found = {name: _in_process(name, asked.rows, asked.features) for name in asked.cases}
    print(*table(found), sep="\n")


if __name__ == "__main__":
    main()
