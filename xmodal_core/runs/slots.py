"""Slots: how many runs train at once on this machine, and who is next. A queue without a server.

A slot is a file lock, which the system lets go when its holder dies, however it dies. Who waits holds a ticket: a
lock, too, with a small file beside it that says for which slots. Its name says since when and who. Tickets of processes
that are gone do not count and are cleared away; a file that was damaged is written again by whoever holds the ticket,
and until then counts as one for every slot.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout

from xmodal_core.data.store import cache_root
from xmodal_core.errors import RunError
from xmodal_core.files import replace_file, storing
from xmodal_core.runs.life import Life, is_held
from xmodal_core.runs.objects import read_object

_HELD = ".lock"  # of the lock beside a ticket
_NAME = re.compile(r"\d{20}-\d+\.json")


def slots_folder() -> Path:
    """One folder for all workspaces: they share the machine's devices."""
    return cache_root() / "slots"


def device_slots() -> dict[str, str | None]:
    """Slots of this machine by name, each with its GPU (an entry of CUDA_VISIBLE_DEVICES) or None for the CPU.

    One slot a GPU. Without a GPU, one on up to two cores and one for every two cores on more; the environment
    variable XMODAL_CPU_SLOTS overrides that. Asked without torch, so that a waiting worker stays small.
    """
    gpus = _gpus()
    if gpus:
        return {f"cuda-{gpu.replace('/', '_')}": gpu for gpu in gpus}
    cores = os.cpu_count() or 1
    n = int(os.environ.get("XMODAL_CPU_SLOTS") or (1 if cores <= 2 else cores // 2))
    return {f"cpu-{i}": None for i in range(max(1, n))}


def _gpus() -> list[str]:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    program = shutil.which("nvidia-smi")
    if visible in ("", "-1") or program is None or _torch_is_cpu_only():
        return []
    if visible is not None:
        return [entry.strip() for entry in visible.split(",")]
    try:
        listing = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [str(i) for i in range(sum(line.startswith("GPU ") for line in listing.splitlines()))]


def _torch_is_cpu_only() -> bool:
    try:
        return "+cpu" in version("torch")
    except PackageNotFoundError:
        return True


@dataclass(frozen=True)
class _Ticket:
    """A place in the queue; `slots` are those that it waits for, None where that cannot be read."""

    path: Path
    slots: frozenset[str] | None

    @property
    def pid(self) -> int:
        """Of the process that waits."""
        return int(self.path.stem.rpartition("-")[2])

    def is_for(self, slot: str) -> bool:
        """Whether it waits for this one."""
        return self.slots is None or slot in self.slots


class Place:
    """One process's place: first in the queue, then in a slot."""

    def __init__(self, folder: Path, slots: Mapping[str, str | None]) -> None:
        """Nothing is asked for yet; `slots` are those of `device_slots`."""
        self._folder = folder
        self._slots = dict(slots)
        self._ticket: _Ticket | None = None
        self._life: Life | None = None
        self._lock: FileLock | None = None
        self.gpu: str | None = None

    def take(self) -> bool:
        """Try to get a slot, at once; a place in the queue is kept from the first try on.

        The first in line for a slot gets it. A process that had a GPU waits for that one from then on: its
        model is there.
        """
        if self._lock is not None:
            return True
        mine = self._ticket or self._queue_up()
        if _slots_in(mine.path) != mine.slots:
            self._write(mine)
        ahead = [ticket for ticket in _tickets(self._folder) if ticket.path.name < mine.path.name]
        for name in self._slots:
            if any(ticket.is_for(name) for ticket in ahead):
                continue
            lock = FileLock(self._folder / f"{name}.lock")
            try:
                with storing():
                    lock.acquire(blocking=False)
            except Timeout:
                continue
            self._lock, self.gpu = lock, self._slots[name]
            if self.gpu is not None:
                self._slots = {name: self.gpu}
            self._leave_queue()
            return True
        return False

    def release(self) -> None:
        """Let the slot go, or leave the queue."""
        self._leave_queue()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _queue_up(self) -> _Ticket:
        path = self._folder / "queue" / f"{time.time_ns():020d}-{os.getpid()}.json"
        self._life = Life(path.with_suffix(_HELD))
        self._life.take()  # before the file, for a ticket that nobody holds is cleared away
        self._ticket = _Ticket(path, frozenset(self._slots))
        self._write(self._ticket)
        return self._ticket

    def _write(self, ticket: _Ticket) -> None:
        replace_file(ticket.path, json.dumps({"slots": sorted(ticket.slots or ())}))

    def _leave_queue(self) -> None:
        if self._ticket is not None:
            self._ticket.path.unlink(missing_ok=True)
            self._ticket = None
        if self._life is not None:
            self._life.end()
            self._life.remove()
            self._life = None


def queue_position(folder: Path, pid: int) -> int | None:
    """1 for the next in line; None for a process that does not wait."""
    ahead: list[_Ticket] = []
    for ticket in _tickets(folder):
        if ticket.pid == pid:
            return 1 + sum(_compete(ticket, other) for other in ahead)
        ahead.append(ticket)
    return None


def _compete(one: _Ticket, other: _Ticket) -> bool:
    return one.slots is None or other.slots is None or bool(one.slots & other.slots)


def _tickets(folder: Path) -> list[_Ticket]:
    """Tickets of living processes, oldest first."""
    found = []
    for path in sorted((folder / "queue").glob("*.json")):
        if not _NAME.fullmatch(path.name):  # no ticket of ours
            continue
        if is_held(path.with_suffix(_HELD)):
            found.append(_Ticket(path, _slots_in(path)))
        else:
            path.unlink(missing_ok=True)
            path.with_suffix(_HELD).unlink(missing_ok=True)
    return found


def _slots_in(path: Path) -> frozenset[str] | None:
    """The slots that a ticket's file names; None where it is missing or damaged."""
    try:
        slots = read_object(path, missing_is_empty=False).get("slots")
    except (RunError, OSError):
        return None
    return frozenset(slots) if isinstance(slots, list) and all(isinstance(slot, str) for slot in slots) else None
