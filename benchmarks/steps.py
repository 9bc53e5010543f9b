"""What a step of each method costs: seconds beside a plain way of doing the same, and peak memory.

    python -m benchmarks.steps [--quick] [--cases NAME ...] [--rounds N] [--threads N] [--json]

`pare`: gate and splice against a loop of relaxed softmax passes; `mona`: a step of stage 1 against one of full
fine-tuning; `orca`: stage 1 against one that recomputes the source side; `refine`: our loop against a bare one.
Every case has a process of its own, in which its sides take turns on equal work; seconds are medians, a ratio is the
median over the rounds. Peak memory is that of one step above what its process held before it, each in a process of its
own. A missed goal is followed by where the time goes. All of it takes about five minutes; --quick runs one small case
of each kind in a few seconds, without goals and memory.
"""

import argparse
import cProfile
import json
import os
import pstats
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.otdd import environment
from benchmarks.steps_cases import CASES, QUICK, SIDES, Call, Case
from xmodal_core.errors import XModalError

_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
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
    cells = [_cell(result[f"{side}_s"], ".4f") for side in ("ours", "reference")]
    cells += [_cell(result[case.measure], ".2f", 8)]
    cells += [_cell(peaks.get(side), ".0f") for side in ("ours", "reference")]
    row = name.ljust(20) + "".join(cells)
    goals = result["goals"] or [{"goal": "", "met": None}]
    marks = [{True: "yes", False: "NO", None: "-"}[goal["met"]] for goal in goals]
    table = [f"{row}  {marks[0]:<4} {goals[0]['goal']}".rstrip()]
    table += [f"{'':<{len(row)}}  {mark:<4} {goal['goal']}" for mark, goal in zip(marks[1:], goals[1:], strict=True)]
    others = {side: f"{result[f'{side}_s']:.4f} s" for side in result["runs_s"] if side not in ("ours", "reference")}
    others |= {f"{side}, peak": f"{mb:.0f} MB" for side, mb in peaks.items() if side not in ("ours", "reference")}
    ratio = "ours / reference" if case.measure == "cost" else "reference / ours"
    table += textwrap.wrap(
        f"ratio is {ratio}; reference: {case.about}", 116, initial_indent="  ", subsequent_indent="    "
    )
    table += _wrapped("also", others) + _wrapped("steps found", result["found"])
    table += _wrapped("", {k: result[k] for k in ("difference", "memory_growth") if k in result})
    if "NO" in marks:
        table += [line for side, shares in result["profile"].items() for line in _wrapped(f"profile of {side}", shares)]
    return table


def _cell(value: float | None, spec: str, width: int = 9) -> str:
    return f"{'-' if value is None else format(value, spec):>{width}}"


def _wrapped(title: str, found: Mapping[str, Any]) -> list[str]:
    text = f"{title}: {_spelled(found)}" if title else _spelled(found)
    return textwrap.wrap(text, 116, initial_indent="  ", subsequent_indent="    ") if found else []


def _spelled(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in found.items())


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({_spelled(value)})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


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
    """What a fresh process answers to a task, or the sentence it ended with."""
    command = [sys.executable, "-m", "benchmarks.steps", "--task", task, "--cases", name]
    command += ["--rounds", str(options.rounds)] if options.rounds else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
    said = done.stderr.strip().splitlines() or ["it said nothing"]
    return {"failed": f"The process ended with {done.returncode}: {said[-1]}"}


def _answer(task: str, case: Case) -> dict[str, Any]:
    try:
        if task == "environment":
            return environment()
        return timed(case) if task == "time" else {"mb": memory(case, task.removeprefix("memory of "))}
    except XModalError as error:
        return {"failed": str(error)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one small case of each kind, no memory")
    parser.add_argument("--cases", nargs="+", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--rounds", type=int, help="turns of each side; otherwise 2 to 30 by the case")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of every pool; otherwise one a core")
    parser.add_argument("--json", action="store_true", help="print one object and no table")
    parser.add_argument("--task", help=argparse.SUPPRESS)  # of a process that this one starts
    options = parser.parse_args()
    known = QUICK if options.quick else CASES
    for name in options.cases or ():
        if name not in known:
            parser.error(f"case is {name!r}, expected one of {', '.join(known)}")
    return options


def main() -> None:
    """Print a table as it grows, or one object in the end."""
    options = _options()
    known = QUICK if options.quick else CASES
    rounds = {"rounds": options.rounds} if options.rounds else {}
    cases = {name: replace(known[name], **rounds) for name in options.cases or known}
    if options.task:
        print(json.dumps(_answer(options.task, next(iter(cases.values())))))
        return
    # Before any library starts its threads, here and in the processes of the cases.
    os.environ |= {"OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "passive"), "TQDM_DISABLE": "1"}
    os.environ |= dict.fromkeys(_POOLS, str(options.threads))
    around = environment() if options.quick else _in_process("environment", next(iter(cases)), options)
    if not options.json:
        print(textwrap.fill(_spelled(around), 120), _HEADER, sep="\n\n", flush=True)
    results = {}
    for name, case in cases.items():
        results[name] = measured(name, case, options)
        if not options.json:
            print(*lines(name, case, results[name]), sep="\n", flush=True)
    if options.json:
        print(json.dumps({"environment": around, "cases": results}, indent=1))


if __name__ == "__main__":
    main()
