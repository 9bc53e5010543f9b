"""Slots: how many runs train at once on this machine, and who is next. A queue without a server.

A slot is a file lock, which the system lets go when its holder dies, however it dies. Who waits holds a
ticket, a small file; tickets of processes that are gone do not count and are cleared away.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout

from xmodal_core.data.store import cache_root
from xmodal_core.files import replace_file
from xmodal_core.runs.process import ProcessStamp, is_alive, own_stamp


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
    path: Path
    holder: ProcessStamp
    slots: frozenset[str]


class Place:
    """One process's place: first in the queue, then in a slot."""

    def __init__(self, folder: Path, slots: Mapping[str, str | None]) -> None:
        """Nothing is asked for yet; `slots` are those of `device_slots`."""
        self._folder = folder
        self._slots = dict(slots)
        self._ticket: _Ticket | None = None
        self._lock: FileLock | None = None
        self.gpu: str | None = None

    def take(self) -> bool:
        """Try to get a slot, at once; a place in the queue is kept from the first try on.

        The first in line for a slot gets it. A process that had a GPU waits for that one from then on: its
        model is there.
        """
        if self._lock is not None:
            return True
        self._ticket = self._ticket or self._queue_up()
        ahead = [t.slots for t in _tickets(self._folder) if t.path.name < self._ticket.path.name]
        for name in self._slots:
            if any(name in slots for slots in ahead):
                continue
            lock = FileLock(self._folder / f"{name}.lock")
            try:
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
        folder = self._folder / "queue"
        me = own_stamp()
        path = folder / f"{time.time_ns():020d}-{me.pid}.json"
        ticket = {"pid": me.pid, "create_time": me.create_time, "slots": list(self._slots)}
        replace_file(path, json.dumps(ticket))
        return _Ticket(path, me, frozenset(self._slots))

    def _leave_queue(self) -> None:
        if self._ticket is not None:
            self._ticket.path.unlink(missing_ok=True)
            self._ticket = None


def queue_position(folder: Path, pid: int) -> int | None:
    """1 for the next in line; None for a process that does not wait."""
    ahead: list[_Ticket] = []
    for ticket in _tickets(folder):
        if ticket.holder.pid == pid:
            return 1 + sum(bool(ticket.slots & other.slots) for other in ahead)
        ahead.append(ticket)
    return None


def _tickets(folder: Path) -> list[_Ticket]:
    """Tickets of living processes, oldest first."""
    found = []
    for path in sorted((folder / "queue").glob("*.json")):
        try:
            values = json.loads(path.read_text())
        except FileNotFoundError:
            continue
        ticket = _Ticket(path, ProcessStamp(values["pid"], values["create_time"]), frozenset(values["slots"]))
        if is_alive(ticket.holder):
            found.append(ticket)
        else:
            path.unlink(missing_ok=True)
    return found
