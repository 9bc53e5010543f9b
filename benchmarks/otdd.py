"""OTDD, exact and certified: seconds, peak memory and digits, and those of microsoft/otdd beside them.

    python -m benchmarks.otdd [--peer DIR] [--quick] [--cases NAME ...] [--repeats N] [--threads N] [--json]

DIR is a checkout of microsoft/otdd, which also needs `pip install --no-deps geomloss==0.3.1`; nothing else here does.
Ours and the peer's take turns in one process on the same arrays, both warm; seconds are medians. A process of its own
for either side of each case tells its peak memory, imports and data included. With the peer it all takes about half an
hour; --quick runs one small case of each kind in a few seconds, without goals and memory.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import peer
from benchmarks.driver import cell, environment, goal_lines, in_process, parsed, parser, report, spelled, wrapped
from benchmarks.otdd_cases import CASES, OURS, QUICK, THEIRS, Case
from xmodal_core.errors import XModalError

_WARM_ROWS = 2500  # enough for every loop that large problems run
_WARM_PEER = 100
_HEADER = f"{'case':<20}{'ours s':>9}{'peer s':>9}{'ratio':>8}{'ours MB':>9}{'peer MB':>9}  {'met':<4} goal"


def timed(case: Case, folder: Path | None) -> dict[str, Any]:
    """Median seconds of both sides, which take turns, and what they found in that run."""
    calls = {"ours": OURS[case.kind](case)}
    OURS[case.kind](replace(case, n=min(case.n, _WARM_ROWS)))()
    if folder is not None and not case.no_peer:
        calls["peer"] = THEIRS[case.kind](case, folder)
        THEIRS[case.kind](replace(case, n=min(case.n, _WARM_PEER), d=min(case.d, 8)), folder)()
    runs: dict[str, list[tuple[float, Any]]] = {side: [] for side in calls}
    for _ in range(case.repeats):
        for side, call in calls.items():
            start = time.perf_counter()
            found = call()
            runs[side].append((time.perf_counter() - start, found))
    result: dict[str, Any] = {}
    for side, each in runs.items():
        seconds = [s for s, _ in each]
        middle = statistics.median_low(seconds)  # a run that took place, so that what it found goes with it
        result |= {f"{side}_s": middle, side: each[seconds.index(middle)][1] | {"runs_s": seconds}}
    return result


def memory(case: Case, folder: Path | None) -> float:
    """Peak memory of this process in MB, after one run of ours, or of the peer where a folder is given."""
    import resource

    (OURS[case.kind](case) if folder is None else THEIRS[case.kind](case, folder))()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, else KiB
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def compared(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    """The result with ratios, differences and goals, as far as what they need was measured."""
    ours, theirs = result.get("ours", {}), result.get("peer", {})
    if "peer_s" in result:
        result["ratio"] = result["peer_s"] / result["ours_s"]
    if "half" in theirs:
        result["difference"] = abs(ours["half"] / theirs["half"] - 1)
    if case.kind == "exact" and ours:
        result["gap"] = 1 - ours["lower"] / ours["upper"]
    if "ours_mb" in result and "peer_mb" in result:
        result["memory_ratio"] = result["ours_mb"] / result["peer_mb"]
    return result | {"goals": [{"goal": goal.text, "met": goal.met(result)} for goal in case.goals]}


def lines(name: str, result: Mapping[str, Any]) -> list[str]:
    """The result as one line of the table, and what else was found below it."""
    if "failed" in result:
        return [f"{name:<20}{result['failed']}"]
    cells = [
        cell(result.get("ours_s"), 9, ".3f"),
        cell(result.get("peer_s"), 9, ".3f"),
        cell(result.get("ratio"), 8, ".1f"),
        cell(result.get("ours_mb"), 9, ".0f"),
        cell(result.get("peer_mb"), 9, ".0f"),
    ]
    table = goal_lines(name.ljust(20) + "".join(cells), result["goals"])
    for side in ("ours", "peer"):
        table += wrapped(f"{side}: {spelled(result[side])}") if side in result else []
    extra = {name: result[name] for name in ("difference", "gap", "memory_ratio") if name in result}
    table += [f"  {spelled(extra)}"] if extra else []
    return table + [f"  no {what}: {why}" for what, why in result["skipped"].items()]


def measured(name: str, case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """One case: seconds, then memory, each in a process of its own unless it is a quick one."""
    folder = None if case.no_peer else options.peer
    skipped = {"peer": case.no_peer or "give its folder by --peer"} if folder is None else {}
    if options.quick:
        try:
            result = timed(case, folder)
        except (XModalError, ImportError) as error:
            return {"failed": str(error)}
        return compared(case, result) | {"skipped": skipped | {"memory": "processes of their own take long, --quick"}}
    result = _in_process("time", name, options)
    for side in ("ours", "peer") if "failed" not in result else ():
        if side == "ours" or folder is not None:
            peak = _in_process(f"memory of {side}", name, options)
            result |= {f"{side}_mb": peak["mb"]} if "mb" in peak else {}
            skipped |= {f"memory of {side}": peak["failed"]} if "failed" in peak else {}
    return result if "failed" in result else compared(case, result) | {"skipped": skipped}


def _in_process(task: str, name: str, options: argparse.Namespace) -> dict[str, Any]:
    folder = ["--peer", str(options.peer)] if options.peer else []
    repeats = ["--repeats", str(options.repeats)] if options.repeats else []
    return in_process("benchmarks.otdd", task, name, *folder, *repeats)


def _answer(task: str, case: Case, folder: Path | None) -> dict[str, Any]:
    try:
        if task == "environment":
            return environment()
        if task == "time":
            return timed(case, folder)
        return {"mb": memory(case, folder if task == "memory of peer" else None)}
    except (XModalError, ImportError) as error:
        return {"failed": str(error)}


def main() -> None:
    """Print a table as it grows, or one object in the end."""
    made = parser(__doc__, CASES)
    made.add_argument("--peer", type=Path, metavar="DIR", help="checkout of microsoft/otdd; needs geomloss 0.3.1, too")
    made.add_argument("--repeats", type=int, help="runs of which the median is taken; otherwise 3 to 7 by the case")
    options, cases = parsed(made, CASES, QUICK)
    if options.peer is not None and (reason := peer.missing(options.peer)) is not None:
        made.error(reason)
    if options.repeats:
        cases = {name: replace(case, repeats=options.repeats) for name, case in cases.items()}
    if options.task:
        print(json.dumps(_answer(options.task, next(iter(cases.values())), options.peer)))
        return
    report(
        options,
        _HEADER,
        cases,
        environment if options.quick else lambda: _in_process("environment", next(iter(cases)), options),
        lambda name, case: measured(name, case, options),
        lambda name, case, result: lines(name, result),  # noqa: ARG005 - the case is told by its name
    )


if __name__ == "__main__":
    main()
