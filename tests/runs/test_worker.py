"""Training as a durable run, on a tiny transformer: stepping, pausing, killing and going on change no number."""

import errno
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from xmodal_core.errors import RunError
from xmodal_core.methods import METHODS
from xmodal_core.runs import job
from xmodal_core.runs.failure import describe_failure
from xmodal_core.runs.plan import stage_at
from xmodal_core.runs.process import own_stamp
from xmodal_core.runs.records import keeps_frame
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import Control, RunState
from xmodal_core.runs.worker import execute

STEPS = 300


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A tiny body and a tiny target, both local."""
    from transformers import ViTConfig, ViTModel

    folder = tmp_path_factory.mktemp("inputs")
    config = ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=16, patch_size=4
    )
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder / "body")
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    images = rng.normal(size=(60, 1, 8, 8)).astype(np.float32) + labels[:, None, None, None]
    np.savez(folder / "target.npz", X=images, y=labels)
    return {"target": str(folder / "target.npz"), "body": str(folder / "body")}


@pytest.fixture
def make_run(tmp_path: Path, inputs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunDir]:
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("XMODAL_CPU_SLOTS", "1")
    monkeypatch.setenv("XMODAL_IDLE_S", "0")

    def make(steps: int, **changes: Any) -> RunDir:
        spec = {"method": "finetune", "seed": 3, "budget": {"refine_steps": steps}, **inputs, **changes}
        return RunDir.create(tmp_path / "runs", json.dumps(spec))

    return make


@pytest.fixture(autouse=True)
def _no_worker_outlives_its_test() -> Iterator[None]:
    yield
    for child in job._children:
        child.kill()
        child.wait()
    job._children.clear()


def until(run: RunDir, condition: Callable[[job.JobStatus], bool], seconds: float = 60.0) -> job.JobStatus:
    deadline = time.monotonic() + seconds
    while not condition(found := job.status(run)):
        assert time.monotonic() < deadline, (found, run.log_tail())
        time.sleep(0.02)
    return found


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


def test_a_run_in_the_foreground_leaves_everything_that_it_did(make_run: Callable[..., RunDir]) -> None:
    run, seen = make_run(12), []
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


def test_a_pause_a_step_and_a_cancel_are_obeyed_before_the_next_step(make_run: Callable[..., RunDir]) -> None:
    run = make_run(50)

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


def test_a_cancel_in_the_foreground_is_told(make_run: Callable[..., RunDir], refusal: Callable[..., str]) -> None:
    run = make_run(50)
    refusal(lambda: execute(run.path, follow_control=False, on_step=lambda _: job.cancel(run)), "after step 1")


def test_an_interrupted_foreground_run_goes_on_with_the_same_numbers(make_run: Callable[..., RunDir]) -> None:
    whole, interrupted = make_run(20), make_run(20)
    execute(whole.path, follow_control=False)

    def interrupt(record: Mapping[str, Any]) -> None:
        if record["done"] == 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(interrupted.path, follow_control=False, on_step=interrupt)
    assert (job.status(interrupted).state, job.status(interrupted).done) == ("paused", 13)
    execute(interrupted.path, follow_control=False)
    assert_same_training(interrupted, whole)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_on_from_any_step_with_the_same_numbers_and_frames(
    make_run: Callable[..., RunDir], inputs: dict[str, str], method: str
) -> None:
    plan = {"align_steps": 2, "curriculum_steps": 3, "refine_steps": 3}
    own = {"encoder": "lexical", "keep_names": "*"} if method == "lsg" else {}  # classes here are called 0, 1, 2
    spec = {"method": method, "source": inputs["target"], "budget": plan, "settings": own}
    whole, stepped = (make_run(0, **spec) for _ in range(2))
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


def test_a_run_that_somebody_trains_is_left_alone(make_run: Callable[..., RunDir], refusal: Callable[..., str]) -> None:
    import psutil

    run, parent = make_run(5), psutil.Process(os.getppid())
    run.write_process(parent.pid, parent.create_time())
    refusal(lambda: execute(run.path, follow_control=False), str(parent.pid))
    assert run.read_state() == RunState()
    me = own_stamp()
    run.write_process(me.pid, me.create_time - 50)
    execute(run.path, follow_control=False)
    assert job.status(run).state == "done"


@pytest.mark.parametrize("changes", [{"target": "no-such-data"}, {"body": "/no/such/body"}, {"seed": -1}])
def test_a_run_that_cannot_be_had_fails_with_its_own_sentence(
    make_run: Callable[..., RunDir], refusal: Callable[..., str], changes: dict[str, Any]
) -> None:
    run = make_run(5, **changes)
    text = refusal(lambda: execute(run.path, follow_control=False), str(*changes.values()))
    found = job.status(run)
    assert (found.state, found.error) == ("failed", text)
    assert "Traceback" not in run.log_tail()


def test_a_defect_is_named_in_one_line_and_kept_in_the_log(make_run: Callable[..., RunDir]) -> None:
    run = make_run(5)

    def break_down(record: Mapping[str, Any]) -> None:
        raise ZeroDivisionError("a number\nby nothing")

    with pytest.raises(ZeroDivisionError):
        execute(run.path, follow_control=False, on_step=break_down)
    assert job.status(run).error == "a defect: ZeroDivisionError: a number by nothing"
    assert "Traceback" in run.log_tail()
    assert "break_down" in run.log_tail()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "Out of memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"), "Out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (RunError("Found this."), "Found this."),
        (RuntimeError("shape mismatch"), "a defect: RuntimeError: shape mismatch"),
        (OSError(errno.EACCES, "no"), "a defect: PermissionError"),
    ],
)
def test_why_a_run_failed_is_said_plainly(error: Exception, words: str) -> None:
    assert words in describe_failure(error)


def test_all_frames_of_alignment_are_kept_and_some_of_the_others() -> None:
    from xmodal_core.methods.base import Stage, Step

    stages = [("align", 500), ("curriculum", 1000), ("refine", 3000)]
    kept = {
        stage: sum(keeps_frame(stages, Step(Stage(stage), i, total, {})) for i in range(1, total + 1))
        for stage, total in stages
    }
    assert kept["align"] == 500
    assert 195 <= kept["curriculum"] + kept["refine"] <= 205
    short = [("curriculum", 7)]
    assert all(keeps_frame(short, Step(Stage.CURRICULUM, i, 7, {})) for i in range(1, 8))


def test_the_stage_is_that_of_the_last_finished_step() -> None:
    stages = [("align", 3), ("refine", 2)]
    places = [stage_at(stages, done) for done in range(6)]
    assert places[:4] == [("align", index, 3) for index in range(4)]
    assert places[4:] == [("refine", 1, 2), ("refine", 2, 2)]
    assert stage_at([], 0) == (None, 0, 0)


def test_a_worker_steps_waits_dies_and_goes_on_bit_for_bit(
    make_run: Callable[..., RunDir], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run, failing = make_run(STEPS), make_run(STEPS), make_run(STEPS, target="no-such-data")
    monkeypatch.setenv("XMODAL_IDLE_S", "60")
    monkeypatch.setenv("OMP_NUM_THREADS", str(torch.get_num_threads()))  # a worker with as many threads as this process
    job.go(run, 2)
    execute(whole.path, follow_control=False)  # meanwhile, uninterrupted
    found = until(run, lambda s: s.state == "waiting")
    assert (found.done, found.total, found.live) == (2, STEPS, False)
    worker = run.read_process()
    assert worker is not None

    job.go(failing, job.ALL_STEPS)  # the waiting worker has left the slot
    found = until(failing, lambda s: not s.live)
    assert found.state == "failed"
    assert "no-such-data" in str(found.error)

    job.go(run, 5)
    assert job.status(run).live
    until(run, lambda s: s.state == "waiting" and s.done == 5)
    assert run.read_process() == worker, "the same worker, its model still warm"
    job.go(run, STEPS - 1)
    until(run, lambda s: s.done >= 40)
    os.kill(worker[0], signal.SIGKILL)
    found = until(run, lambda s: not s.live)
    assert found.state == "lost"
    assert 40 <= found.done < STEPS - 1
    assert len(numbers(run)) >= 40

    monkeypatch.setenv("XMODAL_IDLE_S", "0")
    job.go(run, STEPS - 1)
    until(run, lambda s: s.state == "paused" and s.done == STEPS - 1)
    execute(run.path, follow_control=False)
    assert job.status(run).state == "done"
    assert_same_training(run, whole)
    assert run.result() is not None
    assert whole.result() is not None
    assert run.result().test == whole.result().test
