"""What our processes ask of the libraries they load."""

import os
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from functools import cache
from typing import Any

_ENVIRONMENT = {
    # Threads that spin while they wait starve worker, server and browser: four times slower on two cores.
    "OMP_WAIT_POLICY": "passive",
    "KMP_BLOCKTIME": "0",
    # torch's buffers from 2 MB in huge pages, where the kernel leaves the choice to programs: new ones are then cheap.
    "THP_MEM_ALLOC_ENABLE": "1",
    # POT is given numpy arrays only, and would load torch to know a tensor: two seconds where nothing else needs it.
    "POT_BACKEND_DISABLE_PYTORCH": "1",
}


class _Hold:
    """Who needs the BLAS on one thread right now, and what to give back when nobody does any more."""

    def __init__(self) -> None:
        self.lock, self.holders, self.limits = threading.Lock(), 0, None


_hold: Any = _Hold()


def settle(environment: MutableMapping[str, str]) -> None:
    """Ask the libraries for quiet threads and large pages, unless the person asked for something else.

    They read this as they load: call it before the first of them is imported, or for a process to be started.
    """
    for name, value in _ENVIRONMENT.items():
        environment.setdefault(name, value)


def cores() -> int:
    """Cores that this process may use; `OMP_NUM_THREADS` asks for fewer."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return min(usable, max(1, int(asked))) if asked.isdecimal() else usable


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold the BLAS of numpy and scipy to one thread; torch, numba and OpenMP keep theirs.

    On small matrices the threads of a BLAS wait for each other more than they compute: the linear probe of a panel took
    twenty times longer with two threads on two busy cores than with one. And a sum does not round differently on a
    machine with more cores.

    The limit is one of the whole process, and the library lets only the thread that set it change it back. Threads that
    each set and restored it would leave it wherever the last of them found it; so holders are counted, over all
    threads: the first one sets the limit and the last one gives back what was there.
    """
    with _hold.lock:
        if not _hold.holders:
            _hold.limits = _controller().limit(limits=1, user_api="blas")
        _hold.holders += 1
    try:
        yield
    finally:
        with _hold.lock:
            _hold.holders -= 1
            if not _hold.holders:
                _give_back()


def _give_back() -> None:
    from threadpoolctl import OpenBLASController

    OpenBLASController.clear_controlling_thread(force=True)  # the thread that set the limit may be another one
    _hold.limits.restore_original_limits()
    OpenBLASController.clear_controlling_thread(force=True)
    _hold.limits = None


@cache
def _controller() -> Any:
    import scipy.linalg  # noqa: F401 - brings a BLAS of its own, which is held only if it is there
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
