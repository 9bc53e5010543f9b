"""Processes by id *and* start time, for an id alone may be a zombie, or by now somebody else's; their environment."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from xmodal_core.errors import RunError
from xmodal_core.runs.objects import read_object, write_object

_TOLERANCE_S = 1.0


@dataclass(frozen=True)
class ProcessStamp:
    """A process, told from every later one that gets the same id.

    Attributes:
        pid: its id.
        create_time: when it started, Unix seconds.
    """

    pid: int
    create_time: float

    def write(self, file: Path) -> None:
        """Record the process in a file."""
        write_object(file, {"pid": self.pid, "create_time": self.create_time})

    @classmethod
    def read(cls, file: Path) -> "ProcessStamp | None":
        """The process that was written; None where there is no file, or the record is damaged."""
        try:
            values = read_object(file)
        except RunError:
            return None
        pid, create_time = values.get("pid"), values.get("create_time")
        return cls(pid, float(create_time)) if isinstance(pid, int) and isinstance(create_time, int | float) else None


def stamp_of(pid: int) -> ProcessStamp | None:
    """The process of this id as it is now, None where there is none."""
    try:
        return ProcessStamp(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def own_stamp() -> ProcessStamp:
    """This process."""
    return ProcessStamp(os.getpid(), psutil.Process().create_time())


def is_alive(stamp: ProcessStamp | None) -> bool:
    """Whether the process exists, still runs code (a zombie does not) and is the one that was stamped."""
    if stamp is None:
        return False
    try:
        process = psutil.Process(stamp.pid)
        if abs(process.create_time() - stamp.create_time) >= _TOLERANCE_S:
            return False
        return bool(process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD))
    except psutil.NoSuchProcess:
        return False


def end(stamp: ProcessStamp, *, force: bool) -> None:
    """Ask a process and, where it leads one, its group to end; with `force` they have no say."""
    if not is_alive(stamp):
        return
    try:
        if os.name == "posix" and os.getpgid(stamp.pid) == stamp.pid:
            os.killpg(stamp.pid, signal.SIGKILL if force else signal.SIGTERM)
            return
        process = psutil.Process(stamp.pid)
        for each in [*process.children(recursive=True), process]:
            (each.kill if force else each.terminate)()
    except (ProcessLookupError, psutil.NoSuchProcess):
        return
