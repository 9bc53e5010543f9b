"""Room is made of what is finished, oldest first, and of nothing that runs, can go on or is pinned."""

import os
from pathlib import Path

import pytest

from tests.results import a_result
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState
from xmodal_core.workspace.room import is_pinned, make_room, pin, sizes

WEIGHTS = 100_000


def a_run(workspace: Path, name: str, age: int, state: str = "done") -> RunDir:
    run = RunDir.create_at(workspace / "runs" / name, '{"method": "orca"}')
    os.utime(run.path / "spec.json", (1e9 - age, 1e9 - age))
    run.write_checkpoint(bytes(WEIGHTS))
    run.write_state(RunState(state=state))
    if state == "done":
        run.write_result(a_result("orca"))
    return run


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, RunDir]:
    found = {name: a_run(tmp_path, name, age) for age, name in enumerate(("new", "old", "older", "pinned"))}
    found |= {"paused": a_run(tmp_path, "paused", 50, "paused"), "failed": a_run(tmp_path, "failed", 60, "failed")}
    pin(found["pinned"])
    return found


def test_nothing_goes_while_there_is_room(tmp_path: Path, runs: dict[str, RunDir]) -> None:
    given = make_room(tmp_path, 10**9)
    assert (given.weights, given.runs, given.freed) == ((), (), 0)
    assert given.left == sum(sizes(tmp_path).values())


def test_weights_go_first_and_those_of_the_oldest(tmp_path: Path, runs: dict[str, RunDir]) -> None:
    quota = sum(sizes(tmp_path).values()) - 2 * WEIGHTS + 10
    told = make_room(tmp_path, quota, really=False)
    assert told.weights == ("failed", "older")
    assert runs["older"].checkpoint.exists()
    assert make_room(tmp_path, quota) == told
    assert sum(sizes(tmp_path).values()) == told.left <= quota
    assert [run.checkpoint.exists() for run in runs.values()] == [True, True, False, True, True, False]
    assert runs["older"].result() is not None


def test_of_what_runs_can_go_on_or_is_pinned_nothing_goes(tmp_path: Path, runs: dict[str, RunDir]) -> None:
    life = runs["new"].life()
    assert life.take()
    told = make_room(tmp_path, 0, really=False)
    given = make_room(tmp_path, 0)
    life.end()
    assert set(given.runs) == {"old", "older", "failed"} == set(told.runs)
    assert abs(given.left - told.left) < 5_000
    for name in ("new", "paused", "pinned"):
        assert runs[name].checkpoint.stat().st_size == WEIGHTS
    assert is_pinned(runs["pinned"])
    pin(runs["pinned"], pinned=False)
    assert "pinned" in make_room(tmp_path, 0).runs
