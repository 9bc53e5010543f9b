"""Work in lanes: what is handed on, in which order, and what runs when."""

import threading
from collections.abc import Callable

import pytest

from xmodal_core.errors import DataError
from xmodal_core.gap.base import Pausing, finish
from xmodal_core.panel.abreast import Work, abreast

WAIT_S = 20.0


def steps(said: list[str], name: str, n: int) -> Pausing[str]:
    """Work of n evaluations, each of which is said, that ends in its own name."""
    for i in range(n):
        yield
        said.append(f"{name}{i}")
    return name


def refused(_: object = None) -> Pausing[str]:
    yield
    raise DataError("Too few rows.")


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_every_result_is_there_whatever_the_lanes_and_the_order_of_asking(lanes: int) -> None:
    said: list[str] = []
    works = [Work(name, steps(said, name, n)) for name, n in (("a", 3), ("b", 0), ("c", 2))]
    with abreast(works, lanes) as under_way:
        assert [finish(under_way.result(name)) for name in ("c", "a", "b", "a")] == ["c", "a", "b", "a"]
    assert sorted(said) == ["a0", "a1", "a2", "c0", "c1"]


def test_one_lane_does_one_piece_after_the_other() -> None:
    said: list[str] = []
    with abreast([Work(name, steps(said, name, 2)) for name in "abc"], 1) as under_way:
        finish(under_way.result("c"))
    assert said == ["a0", "a1", "b0", "b1", "c0", "c1"]


def test_a_second_lane_takes_the_last_piece_and_both_run_at_once() -> None:
    """Each waits for the other within an evaluation, which in one lane would be for ever."""
    meeting = threading.Barrier(2)

    def met(name: str) -> Pausing[str]:
        yield
        meeting.wait(WAIT_S)
        return name

    works = [Work("first", met("first")), Work("middle", refused()), Work("last", met("last"))]
    with abreast(works, 2) as under_way:
        assert finish(under_way.result("first")) == "first"
        assert finish(under_way.result("last")) == "last"


def test_an_error_comes_where_its_result_is_asked_for_and_takes_nothing_else_down() -> None:
    said: list[str] = []
    works = [Work("a", steps(said, "a", 2)), Work("bad", refused()), Work("of bad", steps(said, "never", 1), "bad")]
    with abreast(works, 2) as under_way:
        assert finish(under_way.result("a")) == "a"
        for _ in range(2):
            with pytest.raises(DataError, match="Too few rows"):
                finish(under_way.result("bad"))
    assert said == ["a0", "a1"]


def test_work_that_follows_other_work_begins_after_it() -> None:
    said: list[str] = []
    works = [Work("a", steps(said, "a", 3)), Work("then", steps(said, "then", 1), after="a")]
    with abreast(works, 2) as under_way:
        finish(under_way.result("then"))
    assert said == ["a0", "a1", "a2", "then0"]


def test_nothing_begins_after_the_last_pull_and_what_runs_is_waited_for() -> None:
    begun, ended, opened = threading.Event(), threading.Event(), threading.Event()
    said: list[str] = []

    def slow() -> Pausing[str]:
        yield
        begun.set()
        assert opened.wait(WAIT_S)
        ended.set()
        yield
        said.append("after the last pull")
        return "slow"

    def quick(until: Callable[[float], bool]) -> Pausing[str]:
        while True:
            yield
            assert until(WAIT_S)
            said.append("quick")

    with abreast([Work("quick", quick(begun.wait)), Work("slow", slow())], 2) as under_way:
        pull = under_way.result("quick")
        while not said:
            next(pull)
        so_far = len(said)
        opened.set()
    assert ended.is_set()
    assert said == ["quick"] * so_far
