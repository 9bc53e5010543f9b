"""Errands: measurements that take longer than a page may wait, each a process and a directory, as a run is.

The process outlives a refresh, a change of page and a restarted server. It writes how far it is; whoever looks reads
that, and may end it. What it finds it keeps where its kind of finding is kept.

    state.json   how far it is, and how it ended
    proc.json    its process
    log.txt      what it printed
"""

import sys
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from xmodal_core.errors import RunError
from xmodal_core.runs.detached import start_detached
from xmodal_core.runs.failure import describe_failure
from xmodal_core.runs.objects import read_object, write_object
from xmodal_core.runs.process import ProcessStamp, end, is_alive
from xmodal_core.values import JsonValue

T = TypeVar("T")
_LOCK_S = 20.0
_GRACE_S, _POLL_S = 2.0, 0.02  # for a process that was asked to end
_EARLY = 0.03  # a share so small tells nothing about the time that is left
_SURE = 0.99  # nothing is over before it says so


@dataclass(frozen=True)
class Doing:
    """How far an errand is.

    Attributes:
        line: what it does now.
        share: of its time that is over, in [0, 1], as far as is known.
    """

    line: str
    share: float


@dataclass(frozen=True)
class ErrandState(JsonValue):
    """What is known of an errand.

    Attributes:
        state: "new" (never started) | "starting" | "running" | "done" | "failed" | "cancelled" | "lost" (its process
            died).
        line, share: see `Doing`.
        at: Unix time at which that was told.
        begun: Unix time of its start.
        ended: Unix time of its end; None before.
        error: why it failed, one sentence.
    """

    state: str
    line: str = ""
    share: float = 0.0
    at: float = 0.0
    begun: float = 0.0
    ended: float | None = None
    error: str | None = None

    @property
    def live(self) -> bool:
        """Whether it changes without anybody's doing."""
        return self.state in ("starting", "running")

    @property
    def seconds(self) -> float:
        """Since its start, up to its end."""
        return max(0.0, (self.ended or time.time()) - self.begun)

    @property
    def left_s(self) -> float | None:
        """Seconds that are left if the rest goes at the pace so far; None as long as that cannot be told."""
        if not self.live or self.share < _EARLY:
            return None
        whole = (self.at - self.begun) / self.share
        return max(0.0, whole - self.seconds)

    @property
    def share_now(self) -> float:
        """The share of its time that is over by now: between two tellings it goes on at the pace so far."""
        left = self.left_s
        return self.share if left is None else max(self.share, self.seconds / max(self.seconds + left, 1e-9) * _SURE)


@dataclass(frozen=True)
class ErrandDir:
    """One errand's directory."""

    path: Path

    @property
    def log(self) -> Path:
        """Where the output of its process goes."""
        return self.path / "log.txt"

    def write(self, state: ErrandState) -> None:
        """Replace what is known of it."""
        write_object(self.path / "state.json", state.to_json())

    def read(self) -> ErrandState:
        """What is known of it; a damaged file is one of an errand that was never started."""
        try:
            return ErrandState.from_json(read_object(self.path / "state.json", missing_is_empty=False), "state.json")
        except RunError:
            return ErrandState("new")

    def process(self) -> ProcessStamp | None:
        """Its process, if one was recorded."""
        return ProcessStamp.read(self.path / "proc.json")


def start(errand: ErrandDir, module: str, arguments: Sequence[str]) -> None:
    """Start `python -m module PATH arguments`; one that is under way is not started twice."""
    errand.path.mkdir(parents=True, exist_ok=True)
    with FileLock(errand.path / "launch.lock", timeout=_LOCK_S):  # two tabs, one process
        if is_alive(errand.process()):
            return
        errand.write(ErrandState("starting", "Starting", begun=time.time()))
        stamp = start_detached(module, [str(errand.path.resolve()), *arguments], errand.log)
        if stamp is not None:
            stamp.write(errand.path / "proc.json")


def cancel(errand: ErrandDir) -> None:
    """End it; what it has kept stays."""
    process = errand.process()
    if process is not None:
        end(process, force=False)
        deadline = time.monotonic() + _GRACE_S
        while is_alive(process) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        end(process, force=True)
    told = errand.read()  # nobody writes it any more
    if told.live:
        errand.write(replace(told, state="cancelled", ended=time.time()))


def status(errand: ErrandDir) -> ErrandState:
    """How it stands."""
    alive = is_alive(errand.process())  # before the state: what it wrote before it left is then final
    told = errand.read()
    if told.live and not alive:
        return replace(told, state="lost", ended=told.begun, error="The process that measured has died; see its log.")
    return told


def result_of(work: Generator[Doing, None, T]) -> T:
    """What some work returns, for who does not ask how far it is."""
    while True:
        try:
            next(work)
        except StopIteration as end_of_work:
            return end_of_work.value  # type: ignore[no-any-return]


def carry_out(errand: ErrandDir, work: Callable[[], Iterable[Doing]]) -> int:
    """The life of its process: pull the work to its end and tell how far it is; the exit code."""
    told = replace(errand.read(), state="running")
    if not told.begun:
        told = replace(told, begun=time.time())
    try:
        for doing in work():
            told = replace(told, line=doing.line, share=min(1.0, doing.share), at=time.time())
            errand.write(told)
    except Exception as error:  # noqa: BLE001 - its state says why, its log where
        errand.write(replace(told, state="failed", ended=time.time(), error=describe_failure(error)))
        sys.stderr.write(f"left: {describe_failure(error)}\n")
        return 1
    errand.write(replace(told, state="done", share=1.0, ended=time.time()))
    return 0
