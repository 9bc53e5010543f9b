"""What a step of each method costs: seconds beside a plain way of doing the same, and peak memory.

    python -m benchmarks.steps [--quick] [--cases NAME ...] [--rounds N] [--threads N] [--json]

`pare`: gate and splice against a loop of relaxed softmax passes; `mona`: a step of stage 1 against one of full
fine-tuning; `recraft`: likewise, held-out readings included; `orca`: stage 1 against one that recomputes the source
side; `refine`: our loop against a bare one. Every case has a process of its own, in which its sides take turns on equal
work; seconds are medians, a ratio is the median over the rounds. Peak memory is that of one step above what its process
held before it, each in a process of its own. A missed goal is followed by where the time goes. All of it takes about
six minutes; --quick runs one small case of each kind in a few seconds, without goals and memory.
"""

import argparse
import cProfile
import json
import pstats
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.driver import cell, environment, goal_lines, in_process, parsed, parser, report, spelled, wrapped
from benchmarks.steps_cases import CASES, QUICK, SIDES, Call, Case
from xmodal_core.errors import XModalError

_ROOT = str(Path(__file__).parents[1])
_MOST_PROFILED = 16  # functions of a profile
_LEAST_SHARE = 0.03
_HEADER = f"{'case':<20}{'ours s':>9}{'ref. s':>9}{'ratio':>8}{'ours MB':>9}{'ref. MB':>9}  {'met':<4} goal"


def timed(case: Case) -> dict[str, Any]:
    """Median seconds of every side, the ratio over the rounds, and what each side found in its last step."""
    calls = SIDES[case.kind](case)
    in_round = {"reference": case.reference_rounds or case.rounds}
    for call in () if case.reference_rounds else calls.values():  # a slow case did its first step when it was built
        call()
    seconds: dict[str, list[float]] = {side: [] for side in calls}
    found: dict[str, list[dict[str, float]]] = {side: [] for side in calls}
    for done in range(case.rounds):
        for side in list(calls)[:: -1 if done % 2 else 1]:  # no side always runs in the wake of the same other
            if done < in_round.get(side, case.rounds):
                start = time.perf_counter()
                found[side].append(calls[side]())
                took = time.perf_counter() - start
                seconds[side].append(took * case.scale if side == "reference" else took)
    result: dict[str, Any] = {f"{side}_s": statistics.median(each) for side, each in seconds.items()}
    result |= {"found": {side: each[-1] for side, each in found.items()}, "runs_s": seconds}
    result |= {case.measure: _ratio(case, seconds)}
    if case.agrees:
        both = zip(found["ours"], found["reference"], strict=False)
        result["difference"] = max(abs(a[name] - b[name]) for a, b in both for name in a)
    profiled = ("ours",) if case.reference_rounds else ("ours", "reference")
    return result | {"profile": {side: profile(calls[side]) for side in profiled}}


def _ratio(case: Case, seconds: Mapping[str, list[float]]) -> float:
    """Over rounds where both took part; where the reference took part in few, of the medians."""
    ours, reference = seconds["ours"], seconds["reference"]
    over, under = (ours, reference) if case.measure == "cost" else (reference, ours)
    if len(ours) != len(reference):
        return statistics.median(over) / statistics.median(under)
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def profile(call: Call) -> dict[str, float]:
    """Shares of a step by function: our own with all that they call, and torch's kernels by themselves."""
    profiler = cProfile.Profile()
    profiler.runcall(call)
    shares: dict[str, float] = {}
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = max(cumulative for _, _, _, cumulative, _ in stats.values())
    for (file, _, name), (_, _, own, cumulative, _) in stats.items():
        is_ours = file.startswith(_ROOT)
        label = f"{Path(file).stem}.{name}" if is_ours else name
        if is_ours or file == "~":
            shares[label] = max(shares.get(label, 0.0), (cumulative if is_ours else own) / total)
    large = sorted(((share, label) for label, share in shares.items() if share >= _LEAST_SHARE), reverse=True)
    return {label: round(share, 3) for share, label in large[:_MOST_PROFILED]}


def memory(case: Case, side: str) -> float:
    """Peak memory of one step in MB, above what this process held before it."""
    import resource

    import psutil

    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, else KiB
    SIDES[case.kind](replace(case, size=16, batch=2))[side]()  # whatever is loaded by a first step
    call = SIDES[case.kind](case)[side]
    held, before = psutil.Process().memory_info().rss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if peak <= before:
        raise RuntimeError(f"{side} stayed below what loading took, expected a larger peak; raise size.")
    return (peak * unit - held) / 1e6


def compared(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    """The result with its goals, as far as what they need was measured."""
    peaks = [mb for side, mb in result.get("peak_mb", {}).items() if side != "reference"]
    if len(peaks) > 1:
        result["memory_growth"] = max(peaks) / min(peaks)
    return result | {"goals": [{"goal": goal.text, "met": goal.met(result)} for goal in case.goals]}


def lines(name: str, case: Case, result: Mapping[str, Any]) -> list[str]:
    """The result as one line of the table, what it is held against, and where a missed goal's time goes."""
    if "failed" in result:
        return [f"{name:<20}{result['failed']}"]
    peaks = result.get("peak_mb", {})
    cells = [cell(result[f"{side}_s"], 9, ".4f") for side in ("ours", "reference")]
    cells += [cell(result[case.measure], 8, ".2f")]
    cells += [cell(peaks.get(side), 9, ".0f") for side in ("ours", "reference")]
    table = goal_lines(name.ljust(20) + "".join(cells), result["goals"])
    others = {side: f"{result[f'{side}_s']:.4f} s" for side in result["runs_s"] if side not in ("ours", "reference")}
    others |= {f"{side}, peak": f"{mb:.0f} MB" for side, mb in peaks.items() if side not in ("ours", "reference")}
    ratio = "ours / reference" if case.measure == "cost" else "reference / ours"
    table += wrapped(f"ratio is {ratio}; reference: {case.about}")
    table += _told("also: ", others) + _told("steps found: ", result["found"])
    table += _told("", {k: result[k] for k in ("difference", "memory_growth") if k in result})
    if any(goal["met"] is False for goal in result["goals"]):
        for side, shares in result["profile"].items():
            table += _told(f"profile of {side}: ", shares)
    return table


def _told(title: str, found: Mapping[str, Any]) -> list[str]:
    return wrapped(title + spelled(found)) if found else []


def measured(name: str, case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """One case: seconds, then memory where it has a goal, each in a process of its own unless it is a quick one."""
    if options.quick:
        try:
            return compared(case, timed(case))
        except XModalError as error:
            return {"failed": str(error)}
    result = _in_process("time", name, options)
    if "failed" not in result and any(goal.measure == "memory_growth" for goal in case.goals):
        peaks = {side: _in_process(f"memory of {side}", name, options) for side in result["runs_s"]}
        result["peak_mb"] = {side: peak["mb"] for side, peak in peaks.items() if "mb" in peak}
        failed = [peak["failed"] for peak in peaks.values() if "failed" in peak]
        result |= {"failed": failed[0]} if failed else {}
    return result if "failed" in result else compared(case, result)


def _in_process(task: str, name: str, options: argparse.Namespace) -> dict[str, Any]:
    rounds = ["--rounds", str(options.rounds)] if options.rounds else []
    return in_process("benchmarks.steps", task, name, *rounds)


def _answer(task: str, case: Case) -> dict[str, Any]:
    try:
        if task == "environment":
            return environment()
        return timed(case) if task == "time" else {"mb": memory(case, task.removeprefix("memory of "))}
    except XModalError as error:
        return {"failed": str(error)}


def main() -> None:
    """Print a table as it grows, or one object in the end."""
    made = parser(__doc__, CASES)
    made.add_argument("--rounds", type=int, help="turns of each side; otherwise 2 to 30 by the case")
    options, cases = parsed(made, CASES, QUICK)
    if options.rounds:
        cases = {name: replace(case, rounds=options.rounds) for name, case in cases.items()}
    if options.task:
        print(json.dumps(_answer(options.task, next(iter(cases.values())))))
        return
    report(
        options,
        _HEADER,
        cases,
        environment if options.quick else lambda: _in_process("environment", next(iter(cases)), options),
        lambda name, case: measured(name, case, options),
        lines,
    )


if __name__ == "__main__":
    main()
