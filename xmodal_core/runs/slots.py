"""Slots: how many runs train at once on this machine, and who is next. A queue without a server.

A slot is a file lock, which the system lets go when its holder dies, however it dies. Who waits holds a ticket: a
lock, too, with a small file beside it that says for which slots and for which workspace. Its name says since when and
who. Tickets of processes that are gone do not count and are cleared away; a file that was damaged is written again by
whoever holds the ticket, and until then counts as one for every slot.

Turns go round among workspaces: next is the one that has had a slot least recently, and within it the run that was
launched first. Five runs of one person do not make three others wait for all of them.
"""

import hashlib
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
    """A place in the queue; `slots` are those that it waits for, None where that cannot be read; `of` a workspace."""

    path: Path
    slots: frozenset[str] | None
    of: str = ""

    @property
    def pid(self) -> int:
        """Of the process that waits."""
        return int(self.path.stem.rpartition("-")[2])

    def is_for(self, slot: str) -> bool:
        """Whether it waits for this one."""
        return self.slots is None or slot in self.slots


class Place:
    """One process's place: first in the queue, then in a slot."""

    def __init__(self, folder: Path, slots: Mapping[str, str | None], of: str = "") -> None:
        """Nothing is asked for yet.

        Args:
            folder: of the slots.
            slots: those of `device_slots`.
            of: the workspace whose turn it is, by any name that no other has.
        """
        self._folder = folder
        self._slots = dict(slots)
        self._of = of
        self._launched: int | None = None
        self._ticket: _Ticket | None = None
        self._life: Life | None = None
        self._lock: FileLock | None = None
        self.gpu: str | None = None

    def launched(self, time_ns: int) -> None:
        """When a person asked for it, which counts in the queue; else the first try does."""
        self._launched = time_ns

    def take(self) -> bool:
        """Try to get a slot, at once; a place in the queue is kept from the first try on.

        The first in line for a slot gets it. A process that had a GPU waits for that one from then on: its
        model is there.
        """
        if self._lock is not None:
            return True
        mine = self._ticket or self._queue_up()
        if _read(mine.path) != mine:
            self._write(mine)
        waiting = _tickets(self._folder)
        ahead = waiting[: next((i for i, ticket in enumerate(waiting) if ticket.path == mine.path), len(waiting))]
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
            replace_file(_served(self._folder, self._of), "")  # when, is when it was written
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
        path = self._folder / "queue" / f"{self._launched or time.time_ns():020d}-{os.getpid()}.json"
        self._launched = None  # a second turn is asked for when it is
        self._life = Life(path.with_suffix(_HELD))
        self._life.take()  # before the file, for a ticket that nobody holds is cleared away
        self._ticket = _Ticket(path, frozenset(self._slots), self._of)
        self._write(self._ticket)
        return self._ticket

    def _write(self, ticket: _Ticket) -> None:
        replace_file(ticket.path, json.dumps({"slots": sorted(ticket.slots or ()), "of": ticket.of}))

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
    """Tickets of living processes, in the order of their turns."""
    found = []
    for path in (folder / "queue").glob("*.json"):
        if not _NAME.fullmatch(path.name):  # no ticket of ours
            continue
        if is_held(path.with_suffix(_HELD)):
            found.append(_read(path))
        else:
            path.unlink(missing_ok=True)
            path.with_suffix(_HELD).unlink(missing_ok=True)
    last = {of: _last_turn(folder, of) for of in {ticket.of for ticket in found}}
    return sorted(found, key=lambda ticket: (last[ticket.of], ticket.path.name))


def _last_turn(folder: Path, of: str) -> int:
    try:
        return _served(folder, of).stat().st_mtime_ns
    except OSError:
        return 0


def _served(folder: Path, of: str) -> Path:
    """What is written when a workspace gets a slot; named so that it tells nobody which workspaces there are."""
    return folder / "turns" / hashlib.sha256(of.encode()).hexdigest()[:16]


def _read(path: Path) -> _Ticket:
    """A ticket by its file; for every slot, and of no workspace, where that is missing or damaged."""
    try:
        found = read_object(path, missing_is_empty=False)
    except (RunError, OSError):
        return _Ticket(path, None)
    slots, of = found.get("slots"), found.get("of", "")
    whole = isinstance(slots, list) and all(isinstance(slot, str) for slot in slots) and isinstance(of, str)
    return _Ticket(path, frozenset(slots), of) if whole else _Ticket(path, None)  # type: ignore[arg-type]
