"""Does a run lose or falsify work, whatever happens to it? Faults are done to real runs, and what is left is checked.

    python -m benchmarks.faults [--n 200] [--minutes 20] [--seed 0] [--faults NAME ...] [--methods NAME ...] [--json]

Every method is run once undisturbed. Then faults of `faults_kinds`, in an order drawn by the seed, are done to further
runs of the same specification: one each, at a step drawn at random, with a worker that is a process of its own. After
the fault and at the end it is checked that

    lost        no step up to the last checkpoint is gone
    wrong       the run is told to be in a state that it can be in, and asking raises nothing
    traceback   the worker's log has none
    refused     what must not be used is refused in one sentence
    differs     the run, gone on to its end, equals the undisturbed one in every bit: records and weights

Bodies and data are tiny, so that a fault takes about a second. Nothing leaves the machine, and everything is written
below a temporary folder.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults_kinds import FAULTS, Scene, scene_of, settled
from xmodal_core.environment import settle
from xmodal_core.methods import METHODS


@dataclass(frozen=True)
class Found:
    """What a fault did: nothing where `wrong` is empty."""

    fault: str
    method: str
    step: int
    seconds: float
    wrong: tuple[str, ...]


def campaign(folder: Path, faults: Sequence[str], methods: Sequence[str], n: int, seed: int) -> Iterator[Found]:
    """`n` faults, each with what it did; faults and methods come round in turn, steps are drawn."""
    rng = random.Random(seed)
    scenes: dict[str, Scene] = {}
    order = [(fault, method) for fault in faults for method in methods]
    rng.shuffle(order)
    for number in range(n):
        fault, method = order[number % len(order)]
        if method not in scenes:
            scenes[method] = scene_of(folder, method)
        scene = scenes[method]
        step, begun = rng.randrange(1, scene.total), time.monotonic()
        wrong = settled(scene, FAULTS[fault], step, rng)
        yield Found(fault, method, step, time.monotonic() - begun, tuple(wrong))


def table(found: Sequence[Found]) -> str:
    """One line a fault: how often it was done, how often something was wrong, and what."""
    lines = [f"{'fault':34} {'done':>5} {'wrong':>6}"]
    done = Counter(one.fault for one in found)
    for fault, n in sorted(done.items()):
        wrong = [one for one in found if one.fault == fault and one.wrong]
        lines.append(f"{fault:34} {n:5} {len(wrong):6}")
        lines += [f"    {one.method} at step {one.step}: {'; '.join(one.wrong)}" for one in wrong[:5]]
    lines.append(f"{'all':34} {len(found):5} {sum(bool(one.wrong) for one in found):6}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit code 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200, help="faults")
    parser.add_argument("--minutes", type=float, default=20.0, help="stop after so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", nargs="+", default=list(FAULTS), choices=list(FAULTS), metavar="NAME")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS), metavar="NAME")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found: list[Found] = []
    deadline = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XMODAL_HOME": f"{folder}/home", "XMODAL_IDLE_S": "0", "XMODAL_CPU_SLOTS": "1"}
        settle(os.environ)
        for one in campaign(Path(folder), options.faults, options.methods, options.n, options.seed):
            found.append(one)
            if one.wrong:
                print(f"{one.fault} {one.method} at step {one.step}: {'; '.join(one.wrong)}", file=sys.stderr)
            if time.monotonic() > deadline:
                break
    if options.json:
        print(json.dumps([one.__dict__ for one in found]))
    else:
        print(table(found))
    return int(any(one.wrong for one in found))


if __name__ == "__main__":
    sys.exit(main())
