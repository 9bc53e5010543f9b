"""What we ask of libraries, where nobody has asked otherwise."""

import os
import threading

import pytest
from threadpoolctl import threadpool_info

from xmodal_core.environment import cores, one_blas_thread, settle


def test_what_a_person_asks_of_a_library_stays() -> None:
    asked = {"OMP_WAIT_POLICY": "active"}
    settle(asked)
    assert asked["OMP_WAIT_POLICY"] == "active"
    assert asked["THP_MEM_ALLOC_ENABLE"] == "1"


def test_cores_are_those_of_the_process_or_fewer_where_fewer_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    for asked, found in (("", 3), ("1", 1), ("2,1", 2), ("8", 3), ("0", 1), ("many", 3)):
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert cores() == found
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert cores() == 3


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.usefixtures("two_blas_threads")
def test_the_blas_is_given_back_by_the_last_of_several_threads_that_hold_it() -> None:
    """The thread that set the limit leaves first, and is still there as the other one leaves."""
    held, left = threading.Event(), threading.Event()

    def other() -> None:
        with one_blas_thread():
            held.set()
            assert left.wait(20)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        assert blas_threads() == {1}
        thread.start()
        assert held.wait(20)
        with one_blas_thread():
            pass
    assert blas_threads() == {1}
    left.set()
    thread.join()
    assert blas_threads() == {2}
