"""Runs as processes: start one, step it, pause it, cancel it, and see how it stands.

A worker (`xmodal_core.runs.worker`) is a process of its own: it outlives a refresh, a closed tab and a restarted
server. All that it and the app tell each other is in the run directory.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from xmodal_core.errors import RunError
from xmodal_core.runs.detached import reap, start_detached
from xmodal_core.runs.process import ProcessStamp, end, is_alive
from xmodal_core.runs.rundir import RUN_ID, RunDir
from xmodal_core.runs.slots import queue_position, slots_folder
from xmodal_core.runs.state import Control, RunState

ALL_STEPS = 2**31 - 1  # `run_until` of a run that goes to its end
FINAL = ("done", "failed", "cancelled")
_MOVING = ("queued", "starting", "running")
_KILL_AFTER_S = 5.0  # between asking an overdue worker to end and ending it


@dataclass(frozen=True)
class JobStatus:
    """How a run stands.

    Attributes:
        state: "new" (never started) | "queued" | "starting" | "running" | "waiting" (the worker is there and has
            reached the step it was asked for) | "paused" (no worker; can go on) | "done" | "failed" | "cancelled" |
            "lost" (the worker died; can go on from its checkpoint).
        done, total: steps over all stages; `total` is 0 until the first worker has read the specification.
        stage, stage_index, stage_total: the present stage, and its steps.
        error: why it failed or was lost, one sentence.
        device: what it trains on.
        queue_position: 1 for the next in line, while it is queued.
        steps_per_second: pace of the last steps.
        live: something will change without anybody's doing: worth asking again soon.
    """

    state: str
    done: int = 0
    total: int = 0
    stage: str | None = None
    stage_index: int = 0
    stage_total: int = 0
    error: str | None = None
    device: str | None = None
    queue_position: int | None = None
    steps_per_second: float | None = None
    live: bool = False


def go(run: RunDir, until: int) -> None:
    """Let a run train until `until` steps, over all stages, are done; a worker is started where none is left.

    What was asked for before is never lowered, but a pause is over. A finished run stays as it is; a failed
    or lost one tries again from its checkpoint.

    Raises:
        RunError: it was cancelled.
    """
    reap()
    with run.lock():
        state, control = run.read_state().state, run.read_control()
        if state == "done":
            return
        if state == "cancelled" or control.cancel:
            raise RunError(f"run {run.path.name} was cancelled and takes no more steps; start a new one.")
        run.write_control(Control(run_until=max(until, control.run_until)))
        if not is_alive(run.read_process()):
            _start(run)


def pause(run: RunDir) -> None:
    """Stop before the next step; what was asked for is forgotten, so that a later step is one step."""
    with run.lock():
        run.write_control(replace(run.read_control(), pause=True, run_until=0))


def cancel(run: RunDir, grace_s: float = 10.0) -> None:
    """Stop a run for good; returns at once.

    The worker stops before its next step. One that has not done so after `grace_s` seconds is ended by the next
    call of `status`.
    """
    with run.lock():
        state, control = run.read_state(), run.read_control()
        if state.state in FINAL or control.cancel:
            return
        run.write_control(replace(control, cancel=True, kill_after=time.time() + grace_s))
        if not is_alive(run.read_process()):
            run.write_state(replace(state, state="cancelled"))


def status(run: RunDir) -> JobStatus:
    """How a run stands; ends a worker that ignored a cancel for too long."""
    reap()
    seen = _look(run)
    if seen.state == "lost":  # or between two workers: look again while nobody starts or leaves
        with run.lock():
            seen = _look(run)
    return seen


def list_runs(runs_root: Path) -> list[RunDir]:
    """Runs under a folder, newest first."""
    found = [p for p in runs_root.glob("*") if RUN_ID.fullmatch(p.name) and (p / "spec.json").is_file()]
    found.sort(key=lambda p: ((p / "spec.json").stat().st_mtime_ns, p.name), reverse=True)
    return [RunDir(p) for p in found]


def _look(run: RunDir) -> JobStatus:
    worker = run.read_process()
    alive = is_alive(worker)  # before the state: what a worker wrote before it left is then final
    state, control = run.read_state(), run.read_control()
    if worker is not None and alive and control.cancel and time.time() > control.kill_after:
        end(worker, force=time.time() > control.kill_after + _KILL_AFTER_S)
    name = _name(state, worker, alive, control)
    done = state.done or 0
    return JobStatus(
        state=name,
        done=done,
        total=state.total or 0,
        stage=state.stage,
        stage_index=state.stage_index or 0,
        stage_total=state.stage_total or 0,
        error=_error(name, state),
        device=state.device,
        queue_position=queue_position(slots_folder(), worker.pid) if worker and name == "queued" else None,
        steps_per_second=state.steps_per_second if name == "running" else None,
        live=name in _MOVING or (name == "waiting" and control.wants_more(done)),
    )


def _name(state: RunState, worker: ProcessStamp | None, alive: bool, control: Control) -> str:
    told = state.state
    if alive and worker is not None and state.pid != worker.pid:
        return "queued"  # it has only just been started; what is written there is its predecessor's
    if told in FINAL or alive:
        return str(told)
    if control.cancel:
        return "cancelled"
    if told in ("paused", "waiting"):  # a waiting worker has its checkpoint: nothing is lost with it
        return "paused"
    return "new" if told is None and worker is None else "lost"


def _error(name: str, state: RunState) -> str | None:
    if name == "lost":
        return f"The worker died after step {state.done or 0}, see the log; the run can go on from its checkpoint."
    return state.error if name == "failed" else None


def _start(run: RunDir) -> None:
    """Start a worker and record its process; the caller holds the run's lock."""
    stamp = start_detached("xmodal_core.runs.worker", [str(run.path.resolve())], run.log)
    if stamp is not None:
        run.write_process(stamp)
