"""Runs as processes, without training anything: who is alive, who is next, and what a dead worker leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from xmodal_core.environment import settle
from xmodal_core.runs import job
from xmodal_core.runs.process import ProcessStamp, end, is_alive, own_stamp, stamp_of
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.slots import Place, device_slots, queue_position, slots_folder
from xmodal_core.runs.state import Control, RunState

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create(tmp_path / "runs", "{}")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a group of its own, as workers do."""
    process = subprocess.Popen(SLEEP, start_new_session=True)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def one_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("XMODAL_CPU_SLOTS", "1")
    return device_slots()


@pytest.fixture(autouse=True)
def _no_worker_outlives_its_test() -> Iterator[None]:
    yield
    for child in job._children:
        child.kill()
        child.wait()
    job._children.clear()


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def worked_on_by(run: RunDir, pid: int, state: str, done: int = 0) -> ProcessStamp:
    stamp = stamp_of(pid)
    assert stamp is not None
    run.write_process(stamp.pid, stamp.create_time)
    run.write_state(RunState(state=state, pid=pid, done=done, total=10))
    return stamp


def test_this_process_is_alive_and_its_id_at_another_time_is_not() -> None:
    me = own_stamp()
    assert is_alive(me)
    assert not is_alive(replace(me, create_time=me.create_time - 3))
    assert not is_alive(None)
    assert stamp_of(2**22 + 1) is None


def test_a_zombie_is_not_alive_though_its_id_exists(sleeper: subprocess.Popen[bytes]) -> None:
    stamp = stamp_of(sleeper.pid)
    assert is_alive(stamp)
    sleeper.kill()
    until(lambda: psutil.Process(sleeper.pid).status() == psutil.STATUS_ZOMBIE)
    os.kill(sleeper.pid, 0)  # the system says that it is there
    assert not is_alive(stamp)


def test_a_process_with_a_reused_id_is_not_ended(sleeper: subprocess.Popen[bytes]) -> None:
    stamp = stamp_of(sleeper.pid)
    assert stamp is not None
    end(replace(stamp, create_time=stamp.create_time - 60), force=True)
    assert is_alive(stamp)
    end(stamp, force=False)
    assert sleeper.wait(10) == -signal.SIGTERM


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
        ("done", "done"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
def test_a_dead_worker_leaves_a_run_that_is_lost_unless_it_had_stopped(run: RunDir, told: str, shown: str) -> None:
    me = own_stamp()
    run.write_process(me.pid, me.create_time - 100)  # the id is ours by now
    run.write_state(
        RunState(state=told, pid=me.pid, done=4, total=10, error="The reason." if told == "failed" else None)
    )
    found = job.status(run)
    assert (found.state, found.live) == (shown, False)
    assert found.error == {"lost": found.error, "failed": "The reason."}.get(shown)
    if shown == "lost":
        assert "after step 4" in str(found.error)


def test_a_worker_that_has_not_spoken_yet_is_queued_whatever_its_predecessor_said(run: RunDir) -> None:
    run.write_state(RunState(state="failed", pid=os.getpid() + 1, error="Old.", done=4, total=10))
    me = own_stamp()
    run.write_process(me.pid, me.create_time)
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
    run.write_state(RunState(state="done", done=10, total=10))
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


def test_places_in_one_slot_are_taken_in_the_order_of_asking(tmp_path: Path, one_slot: dict[str, str | None]) -> None:
    first, second, third = (Place(tmp_path, one_slot) for _ in range(3))
    assert first.take()
    assert first.take()
    assert not second.take()
    assert not third.take()
    first.release()
    assert not third.take(), "it must not overtake"
    assert second.take()
    second.release()
    assert not first.take(), "who had it queues up again"
    assert third.take()
    third.release()
    assert first.take()


def test_who_leaves_the_queue_or_dies_in_it_is_not_waited_for(
    tmp_path: Path, one_slot: dict[str, str | None], sleeper: subprocess.Popen[bytes]
) -> None:
    holder, dead, leaver, last = (Place(tmp_path, one_slot) for _ in range(4))
    assert holder.take()
    ticket = tmp_path / "queue" / f"{0:020d}-{sleeper.pid}.json"
    stamp = stamp_of(sleeper.pid)
    assert stamp is not None
    assert not dead.take()
    ticket.write_text(f'{{"pid": {stamp.pid}, "create_time": {stamp.create_time}, "slots": ["cpu-0"]}}')
    dead.release()
    assert not leaver.take()
    assert not last.take()
    assert queue_position(tmp_path, sleeper.pid) == 1
    assert queue_position(tmp_path, os.getpid()) == 2
    leaver.release()
    holder.release()
    assert not last.take()
    sleeper.kill()
    sleeper.wait()
    assert last.take()
    assert not ticket.exists()
    assert queue_position(tmp_path, os.getpid()) is None


def test_each_gpu_is_a_slot_and_who_had_one_waits_for_that_one(tmp_path: Path) -> None:
    slots: dict[str, str | None] = {"cuda-0": "0", "cuda-1": "1"}
    first, second, third = (Place(tmp_path, slots) for _ in range(3))
    assert (first.take(), first.gpu) == (True, "0")
    assert (second.take(), second.gpu) == (True, "1")
    first.release()
    assert (third.take(), third.gpu) == (True, "0")
    assert not first.take(), "its model is on GPU 0"
    second.release()
    assert not first.take()
    third.release()
    assert (first.take(), first.gpu) == (True, "0")


def test_cpu_slots_follow_the_cores_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("XMODAL_CPU_SLOTS", raising=False)
    for cores, n in ((1, 1), (2, 1), (4, 2), (9, 4)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert device_slots() == {f"cpu-{i}": None for i in range(n)}
    monkeypatch.setenv("XMODAL_CPU_SLOTS", "3")
    assert len(device_slots()) == 3


def test_workers_queue_for_one_slot_and_a_killed_one_is_lost_and_started_again(
    tmp_path: Path, one_slot: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real workers; none of them gets the slot, so that none imports torch."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise AssertionError('imported from the folder that a worker works in')")
    holder = Place(slots_folder(), one_slot)
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
    assert Path(psutil.Process(process[0]).cwd()) == tmp_path.resolve(), "a path in a specification means the same"
    job.go(second, 3)
    assert second.read_process() == process, "a second worker was started"

    killed = first.read_process()
    assert killed is not None
    os.kill(killed[0], signal.SIGKILL)
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
    until(lambda: not any(is_alive(ProcessStamp(*p)) for p in (process, killed)))
    holder.release()
    assert first.log_tail() == second.log_tail() == ""


def test_what_a_person_asks_of_a_library_stays() -> None:
    asked = {"OMP_WAIT_POLICY": "active"}
    settle(asked)
    assert asked["OMP_WAIT_POLICY"] == "active"
    assert asked["THP_MEM_ALLOC_ENABLE"] == "1"
