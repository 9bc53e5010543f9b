"""Gap measurements in the background of this process: start one, watch it, cancel it.

A measurement takes seconds to minutes, not hours: a thread is enough, and what a restarted server loses is
only what was not measured yet, since every reading is written as it comes. One measurement computes at a time,
because it has the cores to itself; the others wait in line.
"""

import contextlib
import logging
import os
import threading
import time
from pathlib import Path

from xmodal_core.errors import XModalError
from xmodal_core.files import check_writable
from xmodal_core.gap import METRICS
from xmodal_core.panel.kept import write_features, write_report
from xmodal_core.panel.measure import measure_gap
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest

MAX_FINISHED = 32
WAITING = "Waiting for another measurement"

_logger = logging.getLogger(__name__)
_known: dict[Path, "Measurement"] = {}  # oldest first
_known_lock = threading.Lock()
_queue: list["Measurement"] = []  # the first one computes
_queue_moved = threading.Condition()


class Measurement:
    """One request being measured; `start` makes it. All that is shown may be read from any thread.

    Attributes:
        request: what is measured.
        path: where the report is written, after every reading.
    """

    def __init__(self, request: GapRequest, path: Path, ready: threading.Thread | None = None) -> None:
        self.request, self.path, self._ready = request, path, ready
        self._state, self._line = "running", "Starting"
        self._report: GapReport | None = None
        self._error: str | None = None
        self._started, self._ended = time.monotonic(), 0.0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"gap-{request.key()}", daemon=True)

    @property
    def state(self) -> str:
        """Either "running", waiting included, or "done", "failed", "cancelled"."""
        return self._state

    @property
    def line(self) -> str:
        """What it is doing."""
        return self._line

    @property
    def report(self) -> GapReport | None:
        """The readings so far; None before the clouds are drawn."""
        return self._report

    @property
    def error(self) -> str | None:
        """Why it failed, one sentence."""
        return self._error

    @property
    def seconds(self) -> float:
        """Since the start, up to the end."""
        return (self._ended or time.monotonic()) - self._started

    @property
    def taken(self) -> int:
        """Metrics that have been read, or have refused these rows."""
        report = self._report
        return 0 if report is None else len(report.readings) + len(report.refused)

    @property
    def total(self) -> int:
        """Metrics asked for."""
        return len(set(self.request.metrics or METRICS))

    def cancel(self) -> None:
        """Give up; what was read so far stays. Returns at once; evaluations under way end, none follows."""
        self._end("cancelled")
        with _queue_moved:
            _queue_moved.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the thread has ended; whether it has."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._ready is not None:
            self._line = "Getting ready"
            self._ready.join()
        with _queue_moved:
            _queue.append(self)
        try:
            if self._its_turn():
                self._measure()
            self._end("done")  # unless it was cancelled
        except XModalError as error:
            self._end("failed", " ".join(str(error).split()))
        except Exception:
            _logger.exception("measuring the gap of %s and %s", self.request.source, self.request.target)
            self._end("failed", "The measurement ended in an error of this program; its log says where.")
        finally:
            self._leave_queue()

    def _its_turn(self) -> bool:
        """Wait until it is the first in the queue; whether it is still wanted then."""
        with _queue_moved:
            if _queue[0] is not self:
                self._line = WAITING
            _queue_moved.wait_for(lambda: _queue[0] is self or self._state != "running")
        return self._state == "running"

    def _measure(self) -> None:
        """Pull the measurement to its end, or until somebody has cancelled it."""
        with contextlib.closing(measure_gap(self.request)) as measuring:
            for progress in measuring:
                if self._state != "running":
                    return
                self._line = progress.line
                if progress.features is not None:
                    write_features(self.path, *progress.features)
                if progress.report is not None and progress.report is not self._report:
                    write_report(self.path, progress.report)
                    self._report = progress.report

    def _leave_queue(self) -> None:
        with _queue_moved:
            _queue.remove(self)
            _queue_moved.notify_all()

    def _end(self, state: str, error: str | None = None) -> None:
        with self._lock:  # the first end counts
            if self._state == "running":
                self._ended, self._error = time.monotonic(), error
                self._state = state


def start(request: GapRequest, path: Path, ready: threading.Thread | None = None) -> Measurement:
    """Measure in the background, into `path`; a request that is under way there is not started twice.

    Another request under way for the same path is cancelled. Reading a report while it is replaced gives the old
    or the new one, whole.

    Args:
        request: what is measured.
        path: where its report is written.
        ready: what has to end before, as the import of the libraries that a measurement needs.

    Raises:
        ReadOnlyError: the report may be looked at only.
    """
    path = Path(os.path.abspath(path))
    check_writable(path)
    with _known_lock:
        present = _known.pop(path, None)
        if present is not None and present.state == "running":
            if present.request.key() == request.key():
                _known[path] = present
                return present
            present.cancel()
        finished = [other for other, measurement in _known.items() if measurement.state != "running"]
        for other in finished[: max(0, len(finished) - MAX_FINISHED)]:
            del _known[other]
        new = Measurement(request, path, ready)
        new._thread.start()
        _known[path] = new
    return new


def find(path: Path) -> Measurement | None:
    """The latest measurement into `path` by this process, under way or not; None if it knows of none."""
    with _known_lock:
        return _known.get(Path(os.path.abspath(path)))
