"""Several pieces of pausing work at once, a core for each, and their results in the order in which they are asked for.

Threads are enough: what a reading does is done by numpy, scipy and compiled loops, which let others run meanwhile. A
piece is only ever advanced by one thread at a time and shares nothing with the others, so that its result is the same
to the last bit however many are on their way.

Work goes on while it is pulled and no further: a pull advances every lane and waits for the first of them to reach its
next pause. Whoever stops pulling finds at most one evaluation a lane still running, and none begun after it.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic

from xmodal_core.gap.base import Pausing, T


@dataclass(frozen=True, eq=False)
class Work(Generic[T]):
    """A piece of work under a name.

    Attributes:
        name: under which its result is asked for.
        steps: what is done, with a pause before every evaluation.
        after: the name of work that has to have ended before, and without an error; None for no such work.
    """

    name: str
    steps: Pausing[T]
    after: str | None = None


class Abreast(Generic[T]):
    """Work on its way; `abreast` makes it."""

    def __init__(self, works: Sequence[Work[T]], lanes: int, pool: ThreadPoolExecutor) -> None:
        self._waiting, self._pool = deque(works), pool
        self._lanes: list[Work[T] | None] = [None] * lanes
        self._running: dict[int, Future[None]] = {}  # by lane; a lane that has work and is not here is at a pause
        self._ended: dict[str, Future[T]] = {}

    def result(self, name: str) -> Pausing[T]:
        """What the work of this name ends in; pauses whenever any work does.

        Raises:
            Exception: what the work raised.
        """
        while name not in self._ended:
            self._advance()
            if name not in self._ended:
                yield
        return self._ended[name].result()

    def _advance(self) -> None:
        """Send every lane to its next pause, and wait for the first to come there."""
        for lane in range(len(self._lanes)):
            if self._lanes[lane] is None:
                self._lanes[lane] = self._next(from_end=lane > 0)
            work = self._lanes[lane]
            if work is not None and lane not in self._running:
                self._running[lane] = self._pool.submit(next, work.steps)
        wait(self._running.values(), return_when=FIRST_COMPLETED)
        for lane in [lane for lane, step in self._running.items() if step.done()]:
            self._arrived(lane, self._running.pop(lane))

    def _next(self, *, from_end: bool) -> Work[T] | None:
        """Work that may begin: the first lane takes it in order, the others the last, which is the longest, at once."""
        for work in reversed(self._waiting) if from_end else self._waiting:
            if work.after is None or self._succeeded(work.after):
                self._waiting.remove(work)
                return work
        return None

    def _succeeded(self, name: str) -> bool:
        return name in self._ended and self._ended[name].exception() is None

    def _arrived(self, lane: int, step: "Future[None]") -> None:
        """A lane is at a pause, or at the end of its work."""
        work, error = self._lanes[lane], step.exception()
        if work is None or error is None:
            return
        self._lanes[lane] = None
        end: Future[T] = Future()
        self._ended[work.name] = end
        if isinstance(error, StopIteration):
            end.set_result(error.value)
        else:
            end.set_exception(error)


@contextmanager
def abreast(works: Sequence[Work[T]], lanes: int) -> Iterator[Abreast[T]]:
    """Take up work, at most `lanes` pieces at once; on leaving, evaluations under way are waited for.

    Args:
        works: in the order in which results will be asked for, the short ones first; names differ.
        lanes: 1 does one after the other, as they stand.
    """
    with ThreadPoolExecutor(lanes, thread_name_prefix="reading") as pool:
        yield Abreast(works, lanes, pool)
