"""What a worker tells of itself while it works: where the run is, at what pace, and that it is alive."""

import os
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from xmodal_core.runs.plan import stage_at
from xmodal_core.runs.process import own_stamp
from xmodal_core.runs.rundir import RunDir

if TYPE_CHECKING:
    from xmodal_core.runs.run import Run

_BEAT_S = 1.0
_PACE_STEPS = 20


class Telling:
    """The state of one run, as its worker last wrote it, and what it writes next.

    It begins with what the worker before has left, so that a run that waits for its device keeps its position.
    """

    def __init__(self, run_dir: RunDir) -> None:
        self._dir = run_dir
        self._told = run_dir.read_state()
        self._run: Run | None = None
        self._seconds: deque[float] = deque(maxlen=_PACE_STEPS)  # of the last steps, which give the pace
        self._warm = False
        self._beat_at = 0.0
        self._me = own_stamp()

    @property
    def done(self) -> int:
        """Steps done, as far as is known without a model."""
        return (self._told.done or 0) if self._run is None else self._run.done

    def prepared(self, run: "Run", device: str) -> None:
        """From now on it is told where this run is, which trains on a device that is called so."""
        self._run = run
        self._told = replace(self._told, device=device, total=run.spec.total_steps())

    def took(self, seconds: float) -> None:
        """A step took so long; the first one of a worker also sets its stage up, and gives no pace."""
        if self._warm:
            self._seconds.append(seconds)
        self._warm = True

    def tell(self, state: str, error: str | None = None) -> None:
        """Write the state, with the sentence why it failed."""
        if self._run is not None:
            stage, index, total = stage_at(self._run.spec.stages(), self._run.done)
            self._told = replace(self._told, done=self._run.done, stage=stage, stage_index=index, stage_total=total)
        pace = round(len(self._seconds) / max(sum(self._seconds), 1e-9), 3) if self._seconds else None
        self._told = replace(self._told, state=state, error=error, pid=os.getpid(), steps_per_second=pace)
        self._dir.write_state(self._told)

    def beat(self) -> None:
        """Say that the worker is alive, at most once a second."""
        if time.monotonic() - self._beat_at > _BEAT_S:
            self._dir.beat()
            if self._dir.read_process() != self._me:  # lost or damaged, and needed by whoever has to end this process
                self._dir.write_process(self._me)
            self._beat_at = time.monotonic()
