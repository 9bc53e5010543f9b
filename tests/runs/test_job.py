"""Runs as processes, without training anything: who is alive, who is next, and what a dead worker leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.results import a_result
from xmodal_core.runs import job
from xmodal_core.runs.process import ProcessStamp, is_alive, own_stamp, stamp_of
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.slots import Place, device_slots, slots_folder
from xmodal_core.runs.state import Control, RunState


def worked_on_by(run: RunDir, pid: int, state: str, done: int = 0) -> ProcessStamp:
    stamp = stamp_of(pid)
    assert stamp is not None
    run.write_process(stamp)
    run.write_state(RunState(state=state, pid=pid, done=done, total=10))
    return stamp


def test_a_run_that_was_never_started_is_new(run: RunDir) -> None:
    assert job.status(run) == job.JobStatus(state="new")


@pytest.mark.parametrize("state", ["starting", "running", "waiting", "queued"])
def test_the_state_of_a_living_worker_is_what_it_says(run: RunDir, state: str) -> None:
    worked_on_by(run, os.getpid(), state, done=4)
    found = job.status(run)
    assert (found.state, found.done, found.total) == (state, 4, 10)
    assert found.live is (state != "waiting")


def test_a_waiting_worker_that_was_asked_for_more_is_worth_watching(run: RunDir) -> None:
    worked_on_by(run, os.getpid(), "waiting", done=4)
    run.write_control(Control(run_until=5))
    assert job.status(run).live


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("queued", "lost"),
        ("starting", "lost"),
        ("running", "lost"),
        ("waiting", "paused"),
        ("paused", "paused"),
        ("done", "lost"),  # it has no result
        ("failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
def test_a_dead_worker_leaves_a_run_that_is_lost_unless_it_had_stopped(run: RunDir, told: str, shown: str) -> None:
    me = own_stamp()
    run.write_process(replace(me, ticks=0))  # the id is ours by now
    run.write_state(
        RunState(state=told, pid=me.pid, done=4, total=10, error="The reason." if told == "failed" else None)
    )
    found = job.status(run)
    assert (found.state, found.live) == (shown, False)
    assert found.error == {"lost": found.error, "failed": "The reason."}.get(shown)
    if shown == "lost":
        assert ("result of" if told == "done" else "after step 4") in str(found.error)
        assert "starts again" in str(found.error)
        run.write_checkpoint(b"")
        assert "from its checkpoint" in str(job.status(run).error)


def test_a_worker_that_has_not_spoken_yet_is_queued_whatever_its_predecessor_said(run: RunDir) -> None:
    run.write_state(RunState(state="failed", pid=os.getpid() + 1, error="Old.", done=4, total=10))
    me = own_stamp()
    run.write_process(me)
    found = job.status(run)
    assert (found.state, found.error, found.live) == ("queued", None, True)


def test_stepping_raises_what_was_asked_for_and_pausing_forgets_it(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_on_by(run, os.getpid(), "waiting")
    monkeypatch.setattr(job, "_start", lambda _: pytest.fail("a second worker"))
    job.go(run, 5)
    job.go(run, 3)
    assert run.read_control() == Control(run_until=5)
    job.pause(run)
    assert run.read_control() == Control(run_until=0, pause=True)
    job.go(run, 1)
    assert run.read_control() == Control(run_until=1)
    job.go(run, job.ALL_STEPS)
    assert run.read_control().run_until == job.ALL_STEPS


def test_a_run_without_a_worker_is_cancelled_at_once_and_takes_no_more_steps(
    run: RunDir, refusal: Callable[..., str]
) -> None:
    job.cancel(run)
    assert job.status(run).state == "cancelled"
    assert run.read_state().state == "cancelled"
    refusal(lambda: job.go(run, 1), "cancelled")


def test_a_finished_run_is_neither_started_nor_cancelled(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    run.write_state(RunState(state="running", done=10, total=10))  # what is finished is told by the result alone
    run.write_result(a_result("orca"))
    monkeypatch.setattr(job, "_start", lambda _: pytest.fail("started"))
    job.go(run, 11)
    job.cancel(run)
    assert job.status(run).state == "done"
    assert not run.read_control().cancel


def test_a_worker_that_ignores_a_cancel_is_ended_after_the_grace_and_not_before(
    run: RunDir, sleeper: subprocess.Popen[bytes]
) -> None:
    stamp = worked_on_by(run, sleeper.pid, "running")
    job.cancel(run, grace_s=60)
    assert job.status(run).state == "running"
    assert is_alive(stamp)
    run.write_control(replace(run.read_control(), kill_after=time.time() - 0.1))
    job.status(run)
    assert sleeper.wait(10) == -signal.SIGTERM
    assert job.status(run).state == "cancelled"


def test_a_worker_that_ignores_the_request_to_end_is_killed(run: RunDir) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-S", "-c", stubborn], start_new_session=True, stdout=-1) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        worked_on_by(run, process.pid, "running")
        job.cancel(run, grace_s=-1)
        job.status(run)
        time.sleep(0.2)
        assert process.poll() is None
        run.write_control(replace(run.read_control(), kill_after=time.time() - 60))
        job.status(run)
        assert process.wait(10) == -signal.SIGKILL
    assert job.status(run).state == "cancelled"


def test_runs_are_listed_newest_first_and_other_folders_are_not(tmp_path: Path) -> None:
    runs = [RunDir.create(tmp_path, "{}") for _ in range(3)]
    for i, each in enumerate(runs):
        os.utime(each.path / "spec.json", ns=(i, i))
    (tmp_path / "no-run").mkdir()
    RunDir.create_at(tmp_path / "No_Id", "{}")
    assert job.list_runs(tmp_path) == runs[::-1]
    assert job.list_runs(tmp_path / "absent") == []


def test_workers_queue_for_one_slot_and_a_killed_one_is_lost_and_started_again(
    tmp_path: Path, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real workers; none of them gets the slot, so that none imports torch."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise AssertionError('imported from the folder that a worker works in')")
    holder = Place(slots_folder(), device_slots())
    assert holder.take()
    first, second = (RunDir.create(tmp_path / "runs", "{}") for _ in range(2))
    job.go(first, job.ALL_STEPS)
    until(lambda: job.status(first).queue_position == 1)
    job.go(second, job.ALL_STEPS)
    job.go(second, job.ALL_STEPS)
    until(lambda: job.status(second).queue_position == 2)
    assert job.status(first).live
    process = second.read_process()
    assert process is not None
    assert Path(psutil.Process(process.pid).cwd()) == tmp_path.resolve(), "a path in a specification means the same"
    job.go(second, 3)
    assert second.read_process() == process, "a second worker was started"

    killed = first.read_process()
    assert killed is not None
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: job.status(first).state == "lost")
    until(lambda: job.status(second).queue_position == 1)
    job.go(first, 1)
    until(lambda: job.status(first).queue_position == 2)
    assert first.read_process() != killed

    job.cancel(second)
    assert job.status(second).state in ("queued", "cancelled")
    until(lambda: job.status(second).state == "cancelled")
    job.pause(first)
    until(lambda: job.status(first).state == "paused")
    until(lambda: not any(is_alive(p) for p in (process, killed)))
    holder.release()
    assert first.log_tail() == second.log_tail() == ""
