"""The layers of a report measured in a thread of this process, as its panel is: start, watch, cancel."""

import logging
import os
import threading
from pathlib import Path

from xmodal_core.errors import XModalError
from xmodal_core.files import check_writable
from xmodal_core.panel.layers import LayersReport, measure_layers, write_layers
from xmodal_core.panel.request import GapRequest

MAX_KNOWN = 32

_logger = logging.getLogger(__name__)
_known: dict[Path, "LayersWork"] = {}  # oldest first
_known_lock = threading.Lock()


class LayersWork:
    """Layers being measured; `start_layers` makes it. All that is shown may be read from any thread.

    Attributes:
        state: running | done | failed | cancelled.
        error: why it failed, one sentence.
        pauses: batches and layers that have been begun.
    """

    def __init__(self, request: GapRequest, path: Path, ready: threading.Thread | None = None) -> None:
        self.state, self.error, self.pauses = "running", "", 0
        self._request, self._path, self._ready = request, path, ready
        self._thread = threading.Thread(target=self._run, name=f"layers-{request.key()}", daemon=True)

    def cancel(self) -> None:
        """Give up after the batch under way; nothing is kept."""
        if self.state == "running":
            self.state = "cancelled"

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the thread has ended; whether it has."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._ready is not None:
            self._ready.join()
        try:
            report = self._measured()
            if report is not None:
                write_layers(self._path, report)
                self.state = "done"
        except XModalError as error:
            self.state, self.error = "failed", " ".join(str(error).split())
        except Exception:
            _logger.exception("measuring the layers of %s", self._request.target)
            self.state, self.error = "failed", "The measurement ended in an error of this program; its log says where."

    def _measured(self) -> LayersReport | None:
        """Pulled to its end; None where somebody has cancelled it."""
        work = measure_layers(self._request)
        while self.state == "running":
            try:
                next(work)
            except StopIteration as end:
                report: LayersReport = end.value
                return report
            self.pauses += 1
        return None


def start_layers(request: GapRequest, path: Path, ready: threading.Thread | None = None) -> LayersWork:
    """Measure the layers beside the report at `path` once `ready` has ended; what is under way is not started twice."""
    path = Path(os.path.abspath(path))
    check_writable(path)
    with _known_lock:
        present = _known.get(path)
        if present is not None and present.state == "running":
            return present
        for oldest in list(_known)[: max(0, len(_known) - MAX_KNOWN)]:
            del _known[oldest]
        _known[path] = work = LayersWork(request, path, ready)
        work._thread.start()
    return work


def find_layers(path: Path) -> LayersWork | None:
    """The latest measurement of the layers beside the report at `path` by this process; None if it knows of none."""
    with _known_lock:
        return _known.get(Path(os.path.abspath(path)))
