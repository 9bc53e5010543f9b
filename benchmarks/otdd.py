"""OTDD, exact and certified: seconds, peak memory and digits, and those of microsoft/otdd beside them.

    python -m benchmarks.otdd [--peer DIR] [--quick] [--cases NAME ...] [--repeats N] [--threads N] [--json]

DIR is a checkout of microsoft/otdd, which also needs `pip install --no-deps geomloss==0.3.1`; nothing else here does.
Ours and the peer's take turns in one process on the same arrays, both warm; seconds are medians. A process of its own
for either side of each case tells its peak memory, imports and data included. With the peer it all takes about half an
hour; --quick runs one small case of each kind in a few seconds, without goals and memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import peer
from benchmarks.otdd_cases import CASES, OURS, QUICK, THEIRS, Case
from xmodal_core.errors import XModalError

_WARM_ROWS = 2500  # enough for every loop that large problems run
_WARM_PEER = 100
_PACKAGES = ("numpy", "scipy", "numba", "torch", "POT", "scikit-learn", "geomloss")
_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
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
        _cell(result.get("ours_s"), 9, ".3f"),
        _cell(result.get("peer_s"), 9, ".3f"),
        _cell(result.get("ratio"), 8, ".1f"),
        _cell(result.get("ours_mb"), 9, ".0f"),
        _cell(result.get("peer_mb"), 9, ".0f"),
    ]
    marks = [{True: "yes", False: "NO", None: "-"}[goal["met"]] for goal in result["goals"]] or ["-"]
    texts = [goal["goal"] for goal in result["goals"]] or [""]
    row = name.ljust(20) + "".join(cells)
    table = [f"{row}  {marks[0]:<4} {texts[0]}".rstrip()]
    table += [f"{'':<{len(row)}}  {mark:<4} {text}" for mark, text in zip(marks[1:], texts[1:], strict=True)]
    for side in ("ours", "peer"):
        if side in result:
            table += textwrap.wrap(
                f"{side}: {_spelled(result[side])}", 116, initial_indent="  ", subsequent_indent="    "
            )
    extra = {name: result[name] for name in ("difference", "gap", "memory_ratio") if name in result}
    table += [f"  {_spelled(extra)}"] if extra else []
    return table + [f"  no {what}: {why}" for what, why in result["skipped"].items()]


def _cell(value: float | None, width: int, spec: str) -> str:
    return f"{'-' if value is None else format(value, spec):>{width}}"


def _spelled(found: Mapping[str, Any]) -> str:
    """The names and values of a result, nested ones in brackets."""
    return ", ".join(f"{name} {_text(value)}" for name, value in found.items())


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({_spelled(value)})" if value else "none"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def environment() -> dict[str, Any]:
    """Processor, threads of every pool, versions."""
    from importlib.metadata import distributions

    import numba
    import torch
    from threadpoolctl import threadpool_info

    installed = {found.metadata["Name"].lower(): found.version for found in distributions()}
    cpuinfo = Path("/proc/cpuinfo")
    info = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in info if line.startswith("model name")]
    pools = {
        f"{pool['internal_api']} {pool['version'] or ''}".strip(): pool["num_threads"] for pool in threadpool_info()
    }
    return {
        "cpu": models[0] if models else "unknown",
        "cores": os.cpu_count(),
        "threads": {"torch": torch.get_num_threads(), "numba": numba.get_num_threads(), **pools},
        "waiting threads": os.environ["OMP_WAIT_POLICY"],
        "versions": {"python": sys.version.split()[0]}
        | {name: installed.get(name.lower(), "none") for name in _PACKAGES},
    }


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
    """What a fresh process answers to a task, or the sentence it ended with."""
    command = [sys.executable, "-m", "benchmarks.otdd", "--task", task, "--cases", name]
    command += ["--peer", str(options.peer)] if options.peer else []
    command += ["--repeats", str(options.repeats)] if options.repeats else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
    said = done.stderr.strip().splitlines() or ["it said nothing"]
    return {"failed": f"The process ended with {done.returncode}: {said[-1]}"}


def _answer(task: str, case: Case, folder: Path | None) -> dict[str, Any]:
    try:
        if task == "environment":
            return environment()
        if task == "time":
            return timed(case, folder)
        return {"mb": memory(case, folder if task == "memory of peer" else None)}
    except (XModalError, ImportError) as error:
        return {"failed": str(error)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peer", type=Path, metavar="DIR", help="checkout of microsoft/otdd; needs geomloss 0.3.1, too"
    )
    parser.add_argument("--quick", action="store_true", help="one small case of each kind, no memory")
    parser.add_argument("--cases", nargs="+", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--repeats", type=int, help="runs of which the median is taken; otherwise 3 to 7 by the case")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of every pool; otherwise one a core")
    parser.add_argument("--json", action="store_true", help="print one object and no table")
    parser.add_argument("--task", help=argparse.SUPPRESS)  # of a process that this one starts
    options = parser.parse_args()
    known = QUICK if options.quick else CASES
    for name in options.cases or ():
        if name not in known:
            parser.error(f"case is {name!r}, expected one of {', '.join(known)}")
    if options.peer is not None and (reason := peer.missing(options.peer)) is not None:
        parser.error(reason)
    return options


def main() -> None:
    """Print a table as it grows, or one object in the end."""
    options = _options()
    known = QUICK if options.quick else CASES
    repeated = {"repeats": options.repeats} if options.repeats else {}
    cases = {name: replace(known[name], **repeated) for name in options.cases or known}
    if options.task:
        print(json.dumps(_answer(options.task, next(iter(cases.values())), options.peer)))
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
            print(*lines(name, results[name]), sep="\n", flush=True)
    if options.json:
        print(json.dumps({"environment": around, "cases": results}, indent=1))


if __name__ == "__main__":
    main()
