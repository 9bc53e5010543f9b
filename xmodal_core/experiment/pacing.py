"""Measuring a pace: two steps of every stage, alone: `python -m xmodal_core.experiment.pacing SPEC OUT`.

It is a run of the very specification that is asked about, of which only a few steps are taken; nothing of it is kept.
"""

import faulthandler
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xmodal_core.experiment.pace import READINGS, Pace, StagePace
from xmodal_core.runs.failure import describe_failure
from xmodal_core.runs.objects import write_object
from xmodal_core.runs.process import own_stamp

if TYPE_CHECKING:
    from xmodal_core.runs.run import Run
    from xmodal_core.runs.spec import RunSpec

_ROWS = 256  # of the last reading, which is of all rows
_KB = 1024


def measure_pace(spec: "RunSpec") -> Pace:
    """The pace of runs of this specification on this machine, with as many threads as this process has.

    What the libraries take is left at 0: here they are loaded already.

    Raises:
        XModalError: the run cannot be prepared, or its first steps fail.
    """
    from xmodal_core.runs.checkpoint import dump_checkpoint
    from xmodal_core.runs.run import prepare

    begun = time.perf_counter()
    run = prepare(spec)
    prepared = time.perf_counter()
    stages = {}
    for name, total in spec.stages():
        _begin(run, name, 0)
        stages[name] = _stage_pace(run, name, total)
    row_s, n_rows = _row_pace(run)
    before = time.perf_counter()
    dump_checkpoint(run, 0.0)
    save_s = time.perf_counter() - before
    return Pace(
        prepare_s=prepared - begun,
        stages=stages,
        row_s=row_s,
        n_rows=n_rows,
        save_s=save_s,
        memory=_most_memory(),
        gpu_memory=_most_gpu_memory(),
    )


def _begin(run: "Run", stage: str, index: int) -> None:
    """Put a run where one stands that was cut there: at a stage, with so many of its steps done."""
    from xmodal_core.methods.base import Stage

    state = run.state
    if index == 0 and state.stage is not None:
        state.stage, state.optimizer = Stage(stage), None
    state.index = index


def _stage_pace(run: "Run", stage: str, total: int) -> StagePace:
    """What the parts of a stage take: of its first steps, and where most steps read nothing, of one that reads."""
    every = max(1, total // READINGS)
    times = _timed(run, min(total, 3 if every == 2 else 2))
    if len(times) == 1:
        return StagePace(0.0, times[0])
    if stage == "align" or every == 1:  # a reading beside every step is a part of the step
        step_s, reading_s = times[1], 0.0
    elif every == 2:
        step_s, reading_s = times[2], max(0.0, times[1] - times[2])
    else:
        step_s = times[1]
        _begin(run, stage, every - 2)
        reading_s = max(0.0, _timed(run, 2)[1] - step_s)
    return StagePace(max(0.0, times[0] - step_s), step_s, reading_s)


def _timed(run: "Run", n: int) -> list[float]:
    """Seconds of so many steps from here on, the first of which sets the stage up."""
    times, steps = [], run.steps()
    for _ in range(n):
        before = time.perf_counter()
        next(steps)
        times.append(time.perf_counter() - before)
    steps.close()  # type: ignore[attr-defined]  # it is a generator
    return times


def _row_pace(run: "Run") -> tuple[float, int]:
    """Seconds for what is said of a row, and how many rows there are."""
    from xmodal_core.evaluation import predict

    rows = run.target.rows("train")[:_ROWS]
    before = time.perf_counter()
    predict(run.state.model, run.target, rows)
    return (time.perf_counter() - before) / len(rows), len(run.target)


def _most_memory() -> int:
    """Bytes of this process at its highest; as they are now where the system does not keep that."""
    try:
        import resource
    except ImportError:
        import psutil  # type: ignore[import-untyped]

        return int(psutil.Process().memory_info().rss)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KB


def _most_gpu_memory() -> int:
    import torch

    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0


def main(arguments: Sequence[str]) -> int:
    """Entry of the process: the pace of the specification in one file goes into another, a failure as a sentence."""
    import xmodal_core.runs.run  # noqa: F401 - all that a run loads
    from xmodal_core.runs.spec import spec_from_json

    load_s = max(0.0, time.time() - own_stamp().create_time)
    faulthandler.enable()
    given, kept = (Path(text) for text in arguments)
    try:
        found = replace(measure_pace(spec_from_json(given.read_text(encoding="utf-8"))), load_s=load_s)
    except Exception as error:  # noqa: BLE001 - the table says it
        found = Pace(failed=describe_failure(error))
    write_object(kept, found.to_json())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
