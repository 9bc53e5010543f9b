"""Step records of runs as every viewer of a server shares them: each line is read once, whoever asks.

A class that watches one run polls it thirty times in two seconds. What it looks at is the same for all of them, so it
is read and drawn once; and where many look, each looks a little more seldom.
"""

import math
import threading
import time
from collections.abc import Hashable
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir

_STALE_S_A_VIEWER, _STALE_AT_MOST_S = (
    0.05,
    1.0,
)  # how old records may be: each step would be drawn again for each viewer
_S_A_VIEWER = 0.1  # of the interval between two polls: one core draws some ten polls a second beside a training run


class Trail:
    """The records of one run so far, and where in its log to go on."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._run, self._lock = RunDir(path), threading.Lock()
        self._records: list[StepRecord] = []
        self._offset = 0
        self._looked = -math.inf

    def read(self, fresh_s: float = 0.0) -> list[StepRecord]:
        """All records, one a step, in order. A run that was resumed takes steps again: the later ones count.

        Args:
            fresh_s: what was read so many seconds ago is still good, so that all who look meanwhile see the same.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._looked < fresh_s:
                return list(self._records)
            self._looked = now
            found, offset = self._run.read_steps(self._offset)
            if offset < self._offset:
                self._records = []
            self._offset = offset
            if found:
                first = found[0]["done"]
                while self._records and self._records[-1]["done"] >= first:
                    self._records.pop()
                self._records += found
            return list(self._records)


@st.cache_resource(max_entries=500, show_spinner=False)
def _trail(path: str) -> Trail:
    return Trail(Path(path))


def records(run: RunDir, stage: str | None = None) -> list[StepRecord]:
    """The step records of a run so far, of one of its stages or of all."""
    found = _trail(str(run.path)).read(min(_STALE_AT_MOST_S, _STALE_S_A_VIEWER * (_pollers().count() - 1)))
    return found if stage is None else [record for record in found if record["stage"] == stage]


def stamp(found: list[StepRecord]) -> tuple[Hashable, ...]:
    """What tells these records from fewer, and from those of steps that were taken again."""
    return (len(found), found[-1]["done"], found[-1]["seconds"]) if found else ()


def interval(seconds: float) -> float:
    """Seconds between two polls: these, or more where so many browsers poll that a core could not draw for them all."""
    context = get_script_run_ctx(suppress_warning=True)
    return seconds if context is None else max(seconds, _S_A_VIEWER * _pollers().seen(context.session_id))


class Pollers:
    """Browsers that asked for a poll lately."""

    def __init__(self, forget_s: float = 30.0) -> None:
        """Nobody yet.

        Args:
            forget_s: a browser that did not ask again within so many seconds has left or found an end.
        """
        self._lock, self._forget_s = threading.Lock(), forget_s
        self._last: dict[str, float] = {}

    def seen(self, session: str) -> int:
        """Note that a browser asks, and tell how many do."""
        with self._lock:
            self._last[session] = time.monotonic()
        return self.count()

    def count(self) -> int:
        """How many ask."""
        now = time.monotonic()
        with self._lock:
            self._last = {name: at for name, at in self._last.items() if now - at < self._forget_s}
            return len(self._last)


@st.cache_resource(show_spinner=False)
def _pollers() -> Pollers:
    return Pollers()
