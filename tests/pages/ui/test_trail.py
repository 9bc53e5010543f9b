"""Step records as all viewers of a server share them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui import show, trail
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir


def record(done: int, seconds: float = 0.0, stage: str = "refine") -> StepRecord:
    return {
        "done": done,
        "stage": stage,
        "index": done,
        "total": 50,
        "metrics": {"loss": 1 / done},
        "seconds": seconds,
        "frame": False,
    }


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir(tmp_path)


def test_only_what_is_new_is_read(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, asked = trail.Trail(run.path), []
    read = RunDir.read_steps
    monkeypatch.setattr(RunDir, "read_steps", lambda self, offset=0: asked.append(offset) or read(self, offset))
    run.append_step(record(1))
    assert [r["done"] for r in shared.read()] == [1]
    run.append_step(record(2))
    assert [r["done"] for r in shared.read()] == [1, 2]
    assert [r["done"] for r in shared.read()] == [1, 2]
    end = (run.path / "steps.jsonl").stat().st_size
    assert asked == [0, end // 2, end]  # both lines are equally long


def test_those_who_look_at_once_see_the_same(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(trail.time, "monotonic", lambda: now[0])
    shared = trail.Trail(run.path)
    run.append_step(record(1))
    assert len(shared.read(fresh_s=1.0)) == 1
    run.append_step(record(2))
    assert len(shared.read(fresh_s=1.0)) == 1
    now[0] += 1.1
    assert len(shared.read(fresh_s=1.0)) == 2


def test_a_reader_may_change_its_list(run: RunDir) -> None:
    shared = trail.Trail(run.path)
    run.append_step(record(1))
    shared.read().clear()
    assert len(shared.read()) == 1


@given(cuts=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 12), st.booleans()), max_size=8))
def test_what_is_shared_is_what_lies_there(cuts: list[tuple[int, int, bool]], tmp_path_factory) -> None:
    """Whatever is taken, cut and taken again, and whenever somebody looks."""
    run = RunDir(tmp_path_factory.mktemp("run"))
    shared, done, clock = trail.Trail(run.path), 0, 0.0
    for steps, kept, is_looked_at in cuts:
        for _ in range(steps):
            done, clock = done + 1, clock + 1.0
            run.append_step(record(done, clock))
        if is_looked_at:
            assert shared.read() == run.read_steps()[0]
        if kept < done:
            run.cut_steps(kept)
            done = kept
            assert shared.read() == run.read_steps()[0]
    assert shared.read() == run.read_steps()[0]


def test_records_of_one_stage(run: RunDir) -> None:
    run.append_step(record(1, stage="align"))
    run.append_step(record(2))
    assert [r["done"] for r in trail.records(run, "align")] == [1]
    assert [r["done"] for r in trail.records(run)] == [1, 2]


def test_a_figure_is_drawn_once(run: RunDir) -> None:
    drawn, made = [], [record(1)]

    def draw() -> object:
        drawn.append(1)
        return np.zeros(1)

    first = show.drawn((str(run.path), trail.stamp(made)), draw)
    assert show.drawn((str(run.path), trail.stamp(made)), draw) is first
    again = [record(1, seconds=2.0)]  # the step was taken once more
    assert show.drawn((str(run.path), trail.stamp(again)), draw) is not first
    assert len(drawn) == 2
    assert trail.stamp([]) == ()


def test_those_who_left_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(trail.time, "monotonic", lambda: now[0])
    pollers = trail.Pollers(forget_s=30.0)
    assert [pollers.seen(name) for name in ("a", "b", "a")] == [1, 2, 2]
    now[0] += 31
    assert pollers.seen("b") == 1


def test_many_viewers_look_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        session_id = "me"

    assert trail.interval(2.0) == 2.0  # outside of the app
    monkeypatch.setattr(trail, "get_script_run_ctx", lambda **_: Context)
    monkeypatch.setattr(trail, "_pollers", trail.Pollers)
    assert trail.interval(2.0) == 2.0
    monkeypatch.setattr(trail.Pollers, "seen", lambda *_: 30)
    assert trail.interval(2.0) == 3.0
