"""What every benchmark of cases does: a process a case, threads set before a library starts, a table or one object."""

import argparse
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xmodal_core.environment import settle

_PACKAGES = ("numpy", "scipy", "numba", "torch", "transformers", "POT", "scikit-learn", "geomloss")
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_WIDTH = 116


def parser(about: str | None, cases: Mapping[str, Any]) -> argparse.ArgumentParser:
    """The options that all benchmarks share."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true", help="one small case of each kind, no memory")
    made.add_argument("--cases", nargs="+", metavar="NAME", help=", ".join(cases))
    made.add_argument("--threads", type=int, default=os.cpu_count(), help="of every pool; otherwise one a core")
    made.add_argument("--json", action="store_true", help="print one object and no table")
    made.add_argument("--task", help=argparse.SUPPRESS)  # of a process that this one starts
    return made


def parsed(
    made: argparse.ArgumentParser, cases: Mapping[str, Any], quick: Mapping[str, Any]
) -> tuple[argparse.Namespace, dict[str, Any]]:
    """The options given, and the cases that they name; ends with a sentence where there is no such case."""
    options = made.parse_args()
    known = quick if options.quick else cases
    for name in options.cases or ():
        if name not in known:
            made.error(f"case is {name!r}, expected one of {', '.join(known)}")
    return options, {name: known[name] for name in options.cases or known}


def in_process(module: str, task: str, name: str, *options: str) -> dict[str, Any]:
    """What a fresh process answers to a task about one case, or the sentence it ended with."""
    command = [sys.executable, "-m", module, "--task", task, "--cases", name, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
    said = done.stderr.strip().splitlines() or ["it said nothing"]
    return {"failed": f"The process ended with {done.returncode}: {said[-1]}"}


def report(
    options: argparse.Namespace,
    header: str,
    cases: Mapping[str, Any],
    around: Callable[[], dict[str, Any]],
    measured: Callable[[str, Any], dict[str, Any]],
    lines: Callable[[str, Any, dict[str, Any]], Sequence[str]],
) -> None:
    """Measure every case and print a table as it grows, or one object in the end.

    Args:
        options: of `parsed`.
        header: of the table.
        cases: by name.
        around: the environment, asked for once the threads are set.
        measured: name, case -> result.
        lines: name, case, result -> lines of the table.
    """
    # Before any library starts its threads, here and in the processes of the cases.
    os.environ["TQDM_DISABLE"] = "1"
    settle(os.environ)
    os.environ |= dict.fromkeys(POOLS, str(options.threads))
    machine = around()
    if not options.json:
        print(textwrap.fill(spelled(machine), 120), header, sep="\n\n", flush=True)
    results = {}
    for name, case in cases.items():
        results[name] = measured(name, case)
        if not options.json:
            print(*lines(name, case, results[name]), sep="\n", flush=True)
    if options.json:
        print(json.dumps({"environment": machine, "cases": results}, indent=1))


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
        "huge pages": os.environ["THP_MEM_ALLOC_ENABLE"],
        "versions": {"python": sys.version.split()[0]}
        | {name: installed.get(name.lower(), "none") for name in _PACKAGES},
    }


def goal_lines(row: str, goals: Sequence[Mapping[str, Any]]) -> list[str]:
    """A row of the table with its goals to the right, one a line; NO where it was missed, a dash where not measured."""
    told = [({True: "yes", False: "NO", None: "-"}[goal["met"]], goal["goal"]) for goal in goals] or [("-", "")]
    return [f"{row if not i else '':<{len(row)}}  {mark:<4} {text}".rstrip() for i, (mark, text) in enumerate(told)]


def cell(value: float | None, width: int, spec: str) -> str:
    """A number to the right of its column; a dash where there is none."""
    return f"{'-' if value is None else format(value, spec):>{width}}"


def wrapped(text: str) -> list[str]:
    """A remark below a row."""
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")


def spelled(found: Mapping[str, Any]) -> str:
    """The names and values of a result, nested ones in brackets."""
    return ", ".join(f"{name} {_text(value)}" for name, value in found.items())


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({spelled(value)})" if value else "none"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return f"{value:.8g}" if isinstance(value, float) else str(value)
