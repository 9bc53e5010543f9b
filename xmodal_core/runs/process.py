"""Processes by id *and* start, for an id alone may be a zombie, or by now somebody else's; their environment.

Where the system tells it, the start is counted from the machine's own start, which no setting of the clock moves.
"""

import os
import platform
import signal
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from xmodal_core.errors import RunError
from xmodal_core.runs.objects import read_object, write_object

_TOLERANCE_S = 1.0
_START_FIELD = 19  # of /proc/PID/stat behind the name, in ticks since the machine's start


@dataclass(frozen=True)
class ProcessStamp:
    """A process, told from every later one that gets the same id, and from those of other machines.

    Attributes:
        pid: its id.
        create_time: when it started, Unix seconds.
        ticks: when it started, ticks since the machine's start; None where the system does not tell.
        host: name of the machine, for people.
        boot: which start of which machine counts the ids, in which container; empty where the system does not tell.
    """

    pid: int
    create_time: float
    ticks: int | None = None
    host: str = ""
    boot: str = ""

    def write(self, file: Path) -> None:
        """Record the process in a file."""
        write_object(file, asdict(self))

    @classmethod
    def read(cls, file: Path) -> "ProcessStamp | None":
        """The process that was written; None where there is no file, or the record is damaged."""
        try:
            values = read_object(file)
        except (RunError, OSError):
            return None
        pid, create_time, ticks = (values.get(name) for name in ("pid", "create_time", "ticks"))
        if type(pid) is not int or not 0 < pid < 2**31:
            return None
        if not isinstance(create_time, int | float) or isinstance(create_time, bool):
            return None
        host, boot = (value if isinstance(value := values.get(name), str) else "" for name in ("host", "boot"))
        return cls(pid, float(create_time), ticks if type(ticks) is int else None, host, boot)

    @property
    def is_of_here(self) -> bool:
        """Whether its id means the same here: the same start of the same machine, the same container."""
        return not self.boot or self.boot == _boot()


@cache
def _boot() -> str:
    """This start of this machine and the container's name space of ids; empty where the system does not tell."""
    try:
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _ticks(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        return int(text[text.rindex(")") + 2 :].split()[_START_FIELD])
    except (OSError, ValueError, IndexError):
        return None


def stamp_of(pid: int) -> ProcessStamp | None:
    """The process of this id as it is now, None where there is none."""
    try:
        return ProcessStamp(pid, psutil.Process(pid).create_time(), _ticks(pid), platform.node(), _boot())
    except psutil.NoSuchProcess:
        return None


def own_stamp() -> ProcessStamp:
    """This process."""
    found = stamp_of(os.getpid())
    assert found is not None
    return found


def is_alive(stamp: ProcessStamp | None) -> bool:
    """Whether the process exists here, still runs code (a zombie does not) and is the one that was stamped."""
    if stamp is None or not stamp.is_of_here:
        return False
    try:
        process = psutil.Process(stamp.pid)
        if stamp.ticks is not None and (ticks := _ticks(stamp.pid)) is not None:
            if ticks != stamp.ticks:
                return False
        elif abs(process.create_time() - stamp.create_time) >= _TOLERANCE_S:
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
