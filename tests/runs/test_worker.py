"""Training as a durable run, on a tiny transformer: stepping, pausing, killing and going on change no number."""

import errno
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from xmodal_core.files import replace_file, storing
from xmodal_core.methods import METHODS
from xmodal_core.runs import job
from xmodal_core.runs.checkpoint import pack, unpack
from xmodal_core.runs.process import own_stamp, stamp_of
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import Control, RunState
from xmodal_core.runs.worker import execute

STEPS, KILLED_AT = 160, 20


def numbers(run: RunDir) -> list[dict[str, Any]]:
    """Step records without what depends on the clock."""
    return [{k: v for k, v in record.items() if k != "seconds"} for record in run.read_steps()[0]]


def weights(run: RunDir) -> dict[str, np.ndarray]:
    with safe_open(run.checkpoint, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict


def assert_same_training(one: RunDir, other: RunDir) -> None:
    assert numbers(one) == numbers(other)
    found, expected = weights(one), weights(other)
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(found[name], tensor, err_msg=name)


def test_a_run_in_the_foreground_leaves_everything_that_it_did(new_run: Callable[..., RunDir]) -> None:
    run, seen = new_run(12), []
    execute(run.path, follow_control=False, on_step=seen.append)
    records, _ = run.read_steps()
    assert records == seen
    assert [r["done"] for r in records] == list(range(1, 13))
    assert all(r["stage"] == "refine" and r["total"] == 12 and np.isfinite(r["metrics"]["loss"]) for r in records)
    assert records[-1]["seconds"] >= records[0]["seconds"] > 0
    result = run.result()
    assert result is not None
    assert result.steps == 12
    assert result.validation is not None
    assert result.test.n + result.validation.n + result.target.n_train == 60
    found = job.status(run)
    assert (found.state, found.done, found.total, found.stage, found.stage_index) == ("done", 12, 12, "refine", 12)
    assert found.device is not None
    assert found.device.startswith("cpu")
    assert (run.path / "heartbeat").is_file()
    assert run.read_process() is None
    execute(run.path, follow_control=False)
    assert len(run.read_steps()[0]) == 12, "a finished run is not trained again"


def test_a_pause_a_step_and_a_cancel_are_obeyed_before_the_next_step(new_run: Callable[..., RunDir]) -> None:
    run = new_run(50)

    def ask(record: Mapping[str, Any]) -> None:
        if record["done"] == 4:
            job.pause(run)
        if record["done"] == 7:
            job.cancel(run)

    execute(run.path, follow_control=True, on_step=ask)
    found = job.status(run)
    assert (found.state, found.done, found.total) == ("paused", 0, 50), "asked for nothing, it only gets ready"
    run.write_control(Control(run_until=50))
    execute(run.path, follow_control=True, on_step=ask)
    assert (job.status(run).state, job.status(run).done) == ("paused", 4)
    run.write_control(Control(run_until=5))
    execute(run.path, follow_control=True, on_step=ask)
    assert (job.status(run).state, job.status(run).done) == ("paused", 5)
    run.write_control(Control(run_until=50))
    execute(run.path, follow_control=True, on_step=ask)
    assert (job.status(run).state, job.status(run).done) == ("cancelled", 7)
    assert [r["done"] for r in run.read_steps()[0]] == list(range(1, 8))
    assert run.checkpoint.is_file()
    assert run.result() is None


def test_a_cancel_in_the_foreground_is_told(new_run: Callable[..., RunDir], refusal: Callable[..., str]) -> None:
    run = new_run(50)
    refusal(lambda: execute(run.path, follow_control=False, on_step=lambda _: job.cancel(run)), "after step 1")


def test_an_interrupted_foreground_run_goes_on_with_the_same_numbers(new_run: Callable[..., RunDir]) -> None:
    whole, interrupted = new_run(20), new_run(20)
    execute(whole.path, follow_control=False)

    def interrupt(record: Mapping[str, Any]) -> None:
        if record["done"] == 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(interrupted.path, follow_control=False, on_step=interrupt)
    assert (job.status(interrupted).state, job.status(interrupted).done) == ("paused", 13)
    execute(interrupted.path, follow_control=False)
    assert_same_training(interrupted, whole)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_who_is_asked_to_leave_finishes_the_step_keeps_it_and_leaves(
    new_run: Callable[..., RunDir], refusal: Callable[..., str], number: signal.Signals
) -> None:
    whole, followed, alone = new_run(12), new_run(12), new_run(12)
    execute(whole.path, follow_control=False)
    usual = signal.getsignal(number)

    def ask(record: Mapping[str, Any]) -> None:
        if record["done"] == 5:
            os.kill(os.getpid(), number)

    followed.write_control(Control(run_until=12))
    execute(followed.path, follow_control=True, on_step=ask)
    refusal(lambda: execute(alone.path, follow_control=False, on_step=ask), "interrupted after step 5", "resume")
    for run in (followed, alone):
        found = job.status(run)
        assert (found.state, found.done, found.has_checkpoint) == ("paused", 5, True)
        assert not run.has_worker()
        assert not run.read_control().wants_more(5)
        execute(run.path, follow_control=False)
        assert_same_training(run, whole)
    assert signal.getsignal(number) == usual


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def standing_at(path: Path, **changes: Any) -> bytes:
    """The checkpoint with something else beside its tensors, and the checksum that goes with it."""
    tensors, meta = unpack(path)
    return pack(tensors, {**meta, **changes})


DAMAGE: dict[str, Callable[[RunDir, RunDir], bytes]] = {
    "empty": lambda run, _: b"",
    "cut": lambda run, _: run.checkpoint.read_bytes()[:-100],
    "a bit of the weights": lambda run, _: flipped(run.checkpoint.read_bytes(), -64),
    "a bit in the middle": lambda run, _: flipped(run.checkpoint.read_bytes(), len(run.checkpoint.read_bytes()) // 2),
    "a bit of the header": lambda run, _: flipped(run.checkpoint.read_bytes(), 40),
    "another run's": lambda _, other: other.checkpoint.read_bytes(),
    "a step that is none": lambda run, _: standing_at(run.checkpoint, index=9999),
    "a step before the first": lambda run, _: standing_at(run.checkpoint, index=-1),
    "a stage that is none": lambda run, _: standing_at(run.checkpoint, stage="align"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_checkpoint_that_is_not_the_runs_own_and_whole_is_refused(
    new_run: Callable[..., RunDir], refusal: Callable[..., str], damage: Callable[[RunDir, RunDir], bytes]
) -> None:
    run, other = new_run(8), new_run(8, seed=4)
    for each in (run, other):
        each.write_control(Control(run_until=3))
        execute(each.path, follow_control=True)
    replace_file(run.checkpoint, damage(run, other))
    refusal(lambda: execute(run.path, follow_control=False), "checkpoint", "start the run again")
    assert job.status(run).state == "failed"
    assert "Traceback" not in run.log_tail()


def test_a_result_that_is_damaged_is_made_anew_from_the_checkpoint(new_run: Callable[..., RunDir]) -> None:
    run = new_run(4)
    execute(run.path, follow_control=False)
    whole = run.result()
    (run.path / "result.json").write_text('{"test"')
    found = job.status(run)
    assert found.state == "lost"
    assert "result" in str(found.error)
    execute(run.path, follow_control=False)
    again = run.result()
    assert whole is not None
    assert again is not None
    assert again.test == whole.test
    assert len(run.read_steps()[0]) == 4


def test_a_full_disk_is_said_in_the_room_that_was_kept_for_it(
    new_run: Callable[..., RunDir], monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    run, write = new_run(6), RunDir.write_state

    def full() -> None:
        with storing():
            raise OSError(errno.ENOSPC, "No space left on device")

    def write_if_there_is_room(self: RunDir, state: RunState) -> None:
        if (self.read_steps()[0] and (self.path / "reserve").is_file()) or state.state == "running":
            full()
        write(self, state)

    monkeypatch.setattr(RunDir, "write_state", write_if_there_is_room)
    refusal(lambda: execute(run.path, follow_control=False), "The disk is full")
    monkeypatch.undo()
    found = job.status(run)
    assert (found.state, str(found.error)[:16]) == ("failed", "The disk is full")
    assert not (run.path / "reserve").exists()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_on_from_any_step_with_the_same_numbers_and_frames(
    new_run: Callable[..., RunDir], method: str
) -> None:
    plan = {"align_steps": 2, "curriculum_steps": 3, "refine_steps": 3}
    own = {"encoder": "lexical", "keep_names": "*"} if method == "lsg" else {}  # classes here are called 0, 1, 2
    whole, stepped = (new_run(method=method, budget=plan, settings=own) for _ in range(2))
    execute(whole.path, follow_control=False)
    total = job.status(whole).total
    for done in range(1, total):
        stepped.write_control(Control(run_until=done))
        execute(stepped.path, follow_control=True)  # nobody asks for more: it leaves, and a new one prepares again
        assert (job.status(stepped).state, job.status(stepped).done) == ("paused", done)
    execute(stepped.path, follow_control=False)
    assert_same_training(stepped, whole)
    assert stepped.frame_numbers() == whole.frame_numbers() == [r["done"] for r in numbers(whole) if r["frame"]]
    for number in whole.frame_numbers():
        found, expected = stepped.read_frame(number), whole.read_frame(number)
        assert found.keys() == expected.keys()
        for name, array in expected.items():
            np.testing.assert_array_equal(found[name], array, err_msg=f"{name} of frame {number}")


def test_a_run_that_somebody_trains_is_left_alone(new_run: Callable[..., RunDir], refusal: Callable[..., str]) -> None:
    run, parent = new_run(5), stamp_of(os.getppid())
    assert parent is not None
    life = run.life()
    assert life.take()
    run.write_process(parent)
    refusal(lambda: execute(run.path, follow_control=False), str(parent.pid), parent.host)
    (run.path / "proc.json").write_bytes(b"")
    refusal(lambda: execute(run.path, follow_control=False), "another process")
    assert run.read_state() == RunState()
    life.end()
    me = own_stamp()
    run.write_process(replace(me, create_time=me.create_time - 50))
    execute(run.path, follow_control=False)
    assert job.status(run).state == "done"


@pytest.mark.parametrize("changes", [{"target": "no-such-data"}, {"body": "/no/such/body"}, {"seed": -1}])
def test_a_run_that_cannot_be_had_fails_with_its_own_sentence(
    new_run: Callable[..., RunDir], refusal: Callable[..., str], changes: dict[str, Any]
) -> None:
    run = new_run(5, **changes)
    text = refusal(lambda: execute(run.path, follow_control=False), str(*changes.values()))
    found = job.status(run)
    assert (found.state, found.error) == ("failed", text)
    assert "Traceback" not in run.log_tail()


def test_a_defect_is_named_in_one_line_and_kept_in_the_log(new_run: Callable[..., RunDir]) -> None:
    run = new_run(5)

    def break_down(record: Mapping[str, Any]) -> None:
        raise ZeroDivisionError("a number\nby nothing")

    with pytest.raises(ZeroDivisionError):
        execute(run.path, follow_control=False, on_step=break_down)
    assert job.status(run).error == "a defect: ZeroDivisionError: a number by nothing"
    assert "Traceback" in run.log_tail()
    assert "break_down" in run.log_tail()


def test_a_worker_steps_waits_dies_and_goes_on_bit_for_bit(
    new_run: Callable[..., RunDir], until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def reached(run: RunDir, condition: Callable[[job.JobStatus], bool]) -> job.JobStatus:
        until(lambda: condition(job.status(run)), lambda: (job.status(run), run.log_tail()))
        return job.status(run)

    whole, run, failing = new_run(STEPS), new_run(STEPS), new_run(STEPS, target="no-such-data")
    monkeypatch.setenv("XMODAL_IDLE_S", "3600")  # it is killed below, however slow the run beside it is
    monkeypatch.setenv("OMP_NUM_THREADS", str(torch.get_num_threads()))  # a worker with as many threads as this process
    job.go(run, 2)
    execute(whole.path, follow_control=False)  # meanwhile, uninterrupted
    found = reached(run, lambda s: s.state == "waiting")
    assert (found.done, found.total, found.live) == (2, STEPS, False)
    worker = run.read_process()
    assert worker is not None

    job.go(failing, job.ALL_STEPS)  # the waiting worker has left the slot
    found = reached(failing, lambda s: not s.live)
    assert found.state == "failed"
    assert "no-such-data" in str(found.error)

    job.go(run, 5)
    assert job.status(run).live
    reached(run, lambda s: s.state == "waiting" and s.done == 5)
    assert run.read_process() == worker, "the same worker, its model still warm"
    job.go(run, STEPS - 1)
    reached(run, lambda s: s.done >= KILLED_AT)
    os.kill(worker.pid, signal.SIGKILL)
    found = reached(run, lambda s: not s.live)
    assert found.state == "lost"
    assert KILLED_AT <= found.done < STEPS - 1
    assert len(numbers(run)) >= KILLED_AT

    monkeypatch.setenv("XMODAL_IDLE_S", "0")
    job.go(run, STEPS - 1)
    reached(run, lambda s: s.state == "paused" and s.done == STEPS - 1)
    execute(run.path, follow_control=False)
    assert job.status(run).state == "done"
    assert_same_training(run, whole)
    assert run.result() is not None
    assert whole.result() is not None
    assert run.result().test == whole.result().test
