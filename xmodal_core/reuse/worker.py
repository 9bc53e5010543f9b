"""The process that measures reuse: `python -m xmodal_core.reuse.worker ERRAND RUN [CONTROL]`."""

import faulthandler
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from xmodal_core.runs.errand import Doing, ErrandDir, carry_out
from xmodal_core.runs.rundir import RunDir


def measuring(run: RunDir, control: RunDir | None) -> Iterator[Doing]:
    """Measure a run, or its waypoints beside a control, and keep what was found in the run's directory."""
    yield Doing("Loading the libraries", 0.0)
    if control is None:
        from xmodal_core.reuse.measure import measuring_reuse

        report = yield from measuring_reuse(run)
        run.write_reuse(report.to_json())
    else:
        from xmodal_core.reuse.trajectory import measuring_trajectory

        trajectory = yield from measuring_trajectory(run, control)
        run.write_trajectory(trajectory.to_json())


def main(arguments: Sequence[str]) -> int:
    """Entry of the process: exit code 0 when all was measured, 1 when it failed."""
    faulthandler.enable()
    told, run, *control = (Path(text) for text in arguments)
    return carry_out(ErrandDir(told), lambda: measuring(RunDir.open(run), RunDir.open(control[0]) if control else None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
