"""Errands: told, timed, cancelled, lost, and carried out in a process of their own."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from xmodal_core.errors import RunError
from xmodal_core.runs import errand
from xmodal_core.runs.detached import start_detached
from xmodal_core.runs.errand import Doing, ErrandDir, ErrandState, carry_out, result_of
from xmodal_core.runs.process import ProcessStamp, own_stamp


@pytest.fixture
def told(tmp_path: Path) -> ErrandDir:
    (tmp_path / "one").mkdir()
    return ErrandDir(tmp_path / "one")


def waited(told: ErrandDir) -> ErrandState:
    deadline = time.monotonic() + 60
    while (found := errand.status(told)).live:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_the_time_that_is_left_follows_from_the_pace_so_far_and_runs_down() -> None:
    now = time.time()
    state = ErrandState("running", share=0.25, at=now, begun=now - 10)  # a quarter in 10 s: 30 s are left
    assert state.left_s == pytest.approx(30, abs=0.5)
    assert replace(state, at=now - 10, begun=now - 20).left_s == pytest.approx(20, abs=0.5)
    assert replace(state, at=now - 10, begun=now - 20).share_now == pytest.approx(0.5, abs=0.02)
    assert replace(state, at=now - 100, begun=now - 110).left_s == 0
    assert replace(state, at=now - 100, begun=now - 110).share_now < 1
    for unknown in (replace(state, share=0.0), replace(state, state="done")):
        assert unknown.left_s is None


def test_work_is_told_as_it_goes_and_ends_done(told: ErrandDir) -> None:
    seen = []

    def work() -> Iterator[Doing]:
        yield Doing("first", 0.2)
        seen.append(told.read())
        yield Doing("second", 0.7)

    assert carry_out(told, work) == 0
    assert (seen[0].state, seen[0].line, seen[0].share) == ("running", "first", 0.2)
    assert (told.read().state, told.read().share, told.read().error) == ("done", 1.0, None)


def test_work_that_fails_says_why(told: ErrandDir) -> None:
    def work() -> Iterator[Doing]:
        yield Doing("first", 0.2)
        raise RunError("Found nothing.")

    assert carry_out(told, work) == 1
    assert (told.read().state, told.read().error) == ("failed", "Found nothing.")


def test_what_work_returns_can_be_had_without_asking_how_far_it_is() -> None:
    def work() -> Generator[Doing, None, int]:
        yield Doing("first", 0.2)
        return 7

    assert result_of(work()) == 7


def test_one_whose_process_is_gone_is_lost_and_a_damaged_file_is_none(told: ErrandDir) -> None:
    assert errand.status(told).state == "new"
    told.write(ErrandState("running", begun=time.time()))
    assert (errand.status(told).state, errand.status(told).live) == ("lost", False)
    own_stamp().write(told.path / "proc.json")
    assert errand.status(told).state == "running"
    (told.path / "state.json").write_text("{")
    assert errand.status(told).state == "new"


def test_a_process_is_started_once_and_a_cancel_ends_it(told: ErrandDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand, "start_detached", _sleeper)
    errand.start(told, "xmodal_core.reuse.worker", [])
    first = told.process()
    errand.start(told, "xmodal_core.reuse.worker", [])
    assert told.process() == first
    assert errand.status(told).live
    errand.cancel(told)
    assert errand.status(told).state == "cancelled"
    assert told.process() == first
    errand.cancel(told)
    assert errand.status(told).state == "cancelled"


def test_a_real_process_reports_what_it_could_not_do(told: ErrandDir, tmp_path: Path) -> None:
    errand.start(told, "xmodal_core.reuse.worker", [str(tmp_path / "no-run")])
    found = waited(told)
    assert found.state == "failed", told.log.read_text()
    assert "holds no run" in (found.error or "")


def _sleeper(module: str, arguments: Sequence[str], log: Path) -> ProcessStamp | None:
    del module, arguments
    return start_detached("timeit", ["-n", "1", "-r", "1", "import time; time.sleep(60)"], log)
