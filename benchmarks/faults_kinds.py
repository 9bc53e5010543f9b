"""The faults of `benchmarks.faults`: what is done to a run, and what must be so afterwards."""

import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np

from xmodal_core.errors import XModalError
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.slots import slots_folder
from xmodal_core.runs.state import Control

_BUDGET = {"align_steps": 5, "curriculum_steps": 5, "refine_steps": 8}
_PATIENCE_S = 120.0
CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(200),
    "cut": b'{"state": "runn',
    "no text": b"\xff\xfe\x00\x80",
    "a list": b"[1, 2, 3]",
    "other kinds": b'{"state": 7, "pid": "x", "run_until": [], "create_time": {}, "done": "three"}',
    "null": b"null",
    "deep": b"[" * 50_000,
}


@dataclass(frozen=True)
class Scene:
    """One method on tiny data, and what an undisturbed run of it has left."""

    folder: Path
    spec: str
    total: int
    records: list[dict[str, Any]]
    weights: dict[str, np.ndarray]
    foreign: bytes  # a checkpoint of another run

    def run(self) -> RunDir:
        """A new run of the same specification."""
        return RunDir.create(self.folder / "runs", self.spec)


@dataclass(frozen=True)
class Fault:
    """Something that happens to a run.

    Attributes:
        strike: does it, given scene, run, step and chance; yields what is wrong.
        tracebacks: whether the log may have one.
    """

    strike: Callable[[Scene, RunDir, int, random.Random], Iterator[str]]
    tracebacks: bool = False


def scene_of(folder: Path, method: str) -> Scene:
    """Run a method undisturbed."""
    from tests.tiny import FRUIT, TinyFiles
    from xmodal_core.data.dataset import Modality
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import needs_source

    files = TinyFiles(folder)
    data, body = files.data(Modality.IMAGE, names=FRUIT), files.body
    settings = {"encoder": "lexical"} if method == "lsg" else {}
    budget = {f"{stage}_steps": _BUDGET[f"{stage}_steps"] for stage in METHODS[method].stages}
    values = {"method": method, "target": data, "body": body, "budget": budget, "settings": settings}
    values |= {"source": data if needs_source(METHODS[method]) else ""}
    runs = [RunDir.create(folder / "whole", json.dumps(values | {"seed": seed})) for seed in (0, 1)]
    for run in runs:
        finish(run)
    whole, other = runs
    total = len(whole.read_steps()[0])
    return Scene(
        folder, json.dumps(values | {"seed": 0}), total, records(whole), weights(whole), other.checkpoint.read_bytes()
    )


def settled(scene: Scene, fault: Fault, step: int, rng: random.Random) -> list[str]:
    """Do a fault to a new run, let it go on to its end, and say everything that is wrong."""
    run = scene.run()
    try:
        wrong = list(fault.strike(scene, run, step, rng))
        finish(run)
        wrong += list(compared(scene, run))
    except (XModalError, OSError, ValueError, AssertionError) as error:
        wrong = [f"wrong: {type(error).__name__}: {str(error)[:200]}"]
    if not fault.tracebacks and "Traceback" in run.log_tail(10_000):
        wrong.append("traceback")
    return wrong


def compared(scene: Scene, run: RunDir) -> Iterator[str]:
    """What of a finished run is not as in the undisturbed one."""
    if (state := job.status(run).state) != "done":
        yield f"wrong: ended {state}"
        return
    if records(run) != scene.records:
        yield "differs: records"
    found = weights(run)
    if found.keys() != scene.weights.keys() or any(not np.array_equal(found[k], v) for k, v in scene.weights.items()):
        yield "differs: weights"


def records(run: RunDir) -> list[dict[str, Any]]:
    """Step records without what depends on the clock."""
    return [{k: v for k, v in record.items() if k != "seconds"} for record in run.read_steps()[0]]


def weights(run: RunDir) -> dict[str, np.ndarray]:
    """Every tensor of the last checkpoint."""
    from safetensors.numpy import load_file

    return dict(load_file(run.checkpoint))


def finish(run: RunDir) -> None:
    """Let a run go on to its end."""
    with worker(run) as process:
        process.join()


@contextmanager
def worker(run: RunDir, until: int = job.ALL_STEPS, largest_file: int | None = None) -> Iterator[BaseProcess]:
    """A worker of a run as a process of its own; ended when the block ends.

    It is a copy of a process in which torch is there already but has never computed: threads of OpenMP do not come
    along in a copy, and what waits for them waits for ever.

    Args:
        run: the run.
        until: step to which it is asked to train.
        largest_file: bytes that a file may have, as on a disk that is almost full.
    """
    run.write_control(Control(run_until=until))
    context = get_context("forkserver")
    context.set_forkserver_preload(["xmodal_core.runs.run", "xmodal_core.runs.worker"])
    process = context.Process(target=_work, args=(run, dict(os.environ), largest_file))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _work(run: RunDir, environment: dict[str, str], largest_file: int | None) -> None:
    from xmodal_core.runs import worker as module

    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    log = os.open(run.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    os._exit(module.main([str(run.path)]))


def reach(run: RunDir, step: int) -> None:
    """Wait until a run has taken a step, or its worker has left."""
    deadline = time.monotonic() + _PATIENCE_S
    while sum(1 for _ in run.read_steps()[0]) < step and run.result() is None:
        assert time.monotonic() < deadline, f"step {step} was never reached"
        time.sleep(0.002)


def told(run: RunDir, *allowed: str) -> Iterator[str]:
    """Something wrong where a run is told to be in another state than these."""
    state = job.status(run).state
    if state not in allowed:
        yield f"wrong: {state}, expected {' or '.join(allowed)}"


def kept(run: RunDir) -> Iterator[str]:
    """Something wrong where a step up to the checkpoint is gone."""
    if run.checkpoint.is_file():
        from safetensors import safe_open

        with safe_open(str(run.checkpoint), framework="np") as file:
            rest = json.loads((file.metadata() or {})["xmodal"])
        have = {(record["stage"], record["index"]) for record in run.read_steps()[0]}
        if rest["stage"] is not None and rest["index"] and (rest["stage"], rest["index"]) not in have:
            yield f"lost: step {rest['index']} of {rest['stage']}"


def killed(run: RunDir, step: int, number: int = signal.SIGKILL) -> None:
    """Train to about a step and end the worker there."""
    with worker(run) as process:
        reach(run, step)
        os.kill(process.pid or 0, number)
        process.join()


def _kill(_: Scene, run: RunDir, step: int, __: random.Random) -> Iterator[str]:
    killed(run, step)
    yield from told(run, "lost", "done")
    yield from kept(run)


def _asked_to_leave(number: int, _: Scene, run: RunDir, step: int, __: random.Random) -> Iterator[str]:
    killed(run, step, number)
    yield from told(run, "paused", "done")
    yield from kept(run)
    if run.result() is None and not run.checkpoint.is_file():
        yield "lost: it left without a checkpoint"


def _second_worker(_: Scene, run: RunDir, step: int, __: random.Random) -> Iterator[str]:
    with worker(run) as first:
        reach(run, step)
        with worker(run) as second:
            second.join()
            if second.exitcode == 0 and run.result() is None:
                yield "wrong: a second worker trained"
        first.join()


def _damaged(name: str, alive: bool, _: Scene, run: RunDir, step: int, rng: random.Random) -> Iterator[str]:
    """A small file of the run gets other content, beside a worker or after one that was killed."""
    content = rng.choice(list(CONTENTS.values()))
    if alive:
        with worker(run) as process:
            reach(run, step)
            (run.path / name).write_bytes(content)
            job.status(run)
            process.join()
        yield from told(run, "done", "paused")
        return
    killed(run, step)
    (run.path / name).write_bytes(content)
    yield from told(run, "lost", "paused", "done", "new")
    yield from kept(run)


def _damaged_line(_: Scene, run: RunDir, step: int, rng: random.Random) -> Iterator[str]:
    killed(run, step)
    before = len(run.read_steps()[0])
    with (run.path / "steps.jsonl").open("ab") as file:
        file.write(rng.choice(list(CONTENTS.values())) + rng.choice([b"", b"\n"]))
    if len(run.read_steps()[0]) != before:
        yield "wrong: a damaged line was read"
    yield from told(run, "lost", "done")


def _checkpoint(change: Callable[[Scene, bytes, random.Random], bytes], *given: Any) -> Iterator[str]:
    scene, run, step, rng = given
    with worker(run, until=step) as process:
        process.join()
    whole = run.checkpoint.read_bytes()
    run.checkpoint.write_bytes(change(scene, whole, rng))
    with worker(run) as process:
        process.join()
        code = process.exitcode
    found = job.status(run)
    if code == 0 or found.state != "failed" or "checkpoint" not in str(found.error):
        yield f"refused: not ({found.state}: {found.error})"
    run.checkpoint.write_bytes(whole)


def _flip(_: Scene, whole: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(8, len(whole))
    return whole[:place] + bytes([whole[place] ^ 1 << rng.randrange(8)]) + whole[place + 1 :]


def _cut(_: Scene, whole: bytes, rng: random.Random) -> bytes:
    return whole[: rng.randrange(len(whole))]


def _of_another(scene: Scene, _: bytes, __: random.Random) -> bytes:
    return scene.foreign


def _frame(_: Scene, run: RunDir, step: int, rng: random.Random) -> Iterator[str]:
    killed(run, step)
    for number in run.frame_numbers()[:3]:
        path = run.path / "frames" / f"{number:06d}.npz"
        path.write_bytes(_cut(_, path.read_bytes(), rng))
        try:
            run.read_frame(number)
            yield f"refused: frame {number} was read"
        except XModalError:
            pass
        path.unlink()


def _ticket(_: Scene, run: RunDir, step: int, rng: random.Random) -> Iterator[str]:
    queue = slots_folder() / "queue"
    queue.mkdir(parents=True, exist_ok=True)
    strange = queue / f"{0:020d}-{os.getpid()}.json"
    strange.write_bytes(rng.choice(list(CONTENTS.values())))
    with worker(run, until=step) as process:
        process.join()
    strange.unlink(missing_ok=True)
    yield from told(run, "paused", "done")


def _clock(_: Scene, run: RunDir, step: int, rng: random.Random) -> Iterator[str]:
    """The clock is set while a worker trains: start times by it no longer fit."""
    with worker(run) as process:
        reach(run, step)
        stamp = run.read_process()
        if stamp is not None:
            run.write_process(replace(stamp, create_time=stamp.create_time + rng.choice([-3600.0, -2.0, 2.0, 3600.0])))
        if run.result() is None:
            yield from told(run, "running", "waiting", "queued", "starting", "done")
        process.join()


def _elsewhere(_: Scene, run: RunDir, step: int, __: random.Random) -> Iterator[str]:
    """A second container on the same folder, for which the ids of processes mean something else."""
    with worker(run) as process:
        reach(run, step)
        stamp = run.read_process()
        if stamp is not None:
            run.write_process(replace(stamp, pid=2**22 + 1, boot="another container"))
        if run.result() is None:
            yield from told(run, "running", "waiting", "queued", "starting", "done")
        process.join()


def _full_disk(_: Scene, run: RunDir, step: int, __: random.Random) -> Iterator[str]:
    """No file may grow beyond what the weights need, which a disk that is full comes to."""
    with worker(run, until=step, largest_file=1 << 14) as process:
        process.join()
    found = job.status(run)
    if found.state != "failed" or "file" not in str(found.error):
        yield f"wrong: {found.state}: {found.error}"
    yield from kept(run)


def _result(_: Scene, run: RunDir, __: int, rng: random.Random) -> Iterator[str]:
    finish(run)
    (run.path / "result.json").write_bytes(rng.choice(list(CONTENTS.values())))
    yield from told(run, "lost")


def _abandoned(_: Scene, run: RunDir, step: int, __: random.Random) -> Iterator[str]:
    killed(run, step)
    left = run.path / ".00ff.tmp"
    left.touch()
    os.utime(left, (0, 0))
    finish(run)
    if left.exists():
        yield "wrong: an abandoned file is still there"


FAULTS: dict[str, Fault] = {
    "killed": Fault(_kill),
    "asked to end": Fault(partial(_asked_to_leave, signal.SIGTERM)),
    "hung up": Fault(partial(_asked_to_leave, signal.SIGHUP)),
    "interrupted": Fault(partial(_asked_to_leave, signal.SIGINT)),
    "second worker": Fault(_second_worker),
    **{f"{name} damaged, killed": Fault(partial(_damaged, name, False)) for name in ("state.json", "proc.json")},
    **{f"{name} damaged, alive": Fault(partial(_damaged, name, True)) for name in ("state.json", "proc.json")},
    "control.json damaged, killed": Fault(partial(_damaged, "control.json", False)),
    "control.json damaged, alive": Fault(partial(_damaged, "control.json", True)),
    "line of steps damaged": Fault(_damaged_line),
    "bit of the checkpoint": Fault(partial(_checkpoint, _flip)),
    "checkpoint cut": Fault(partial(_checkpoint, _cut)),
    "checkpoint of another run": Fault(partial(_checkpoint, _of_another)),
    "frame cut": Fault(_frame),
    "ticket damaged": Fault(_ticket),
    "clock set": Fault(_clock),
    "second container": Fault(_elsewhere),
    "disk full": Fault(_full_disk),
    "result damaged": Fault(_result),
    "file abandoned": Fault(_abandoned),
}
