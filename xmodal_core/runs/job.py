"""Runs as processes: start one, step it, pause it, cancel it, and see how it stands.

A worker (`xmodal_core.runs.worker`) is a process of its own: it outlives a refresh, a closed tab and a restarted
server. All that it and the app tell each other is in the run directory.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from xmodal_core.errors import RunError
from xmodal_core.runs.detached import start_detached
from xmodal_core.runs.process import ProcessStamp, end
from xmodal_core.runs.rundir import RUN_ID, RunDir
from xmodal_core.runs.slots import queue_position, slots_folder
from xmodal_core.runs.state import Control, RunState

ALL_STEPS = 2**31 - 1  # `run_until` of a run that goes to its end
FINAL = ("done", "failed", "cancelled")
_MOVING = ("queued", "starting", "running")
_HUNG_S = (
    120.0  # without a sign of life, or so many steps' time, a worker hangs; the evaluation at the end takes longer
)
_HUNG_STEPS = 30.0
_EVALUATING = 10.0
_KILL_AFTER_S = 5.0  # between asking an overdue worker to end and ending it


@dataclass(frozen=True)
class JobStatus:
    """How a run stands.

    Attributes:
        state: "new" (never started) | "queued" | "starting" | "running" | "waiting" (the worker is there and has
            reached the step it was asked for) | "paused" (no worker; can go on) | "done" | "failed" | "cancelled" |
            "lost" (the worker died; can go on from its checkpoint, or from the start where it had none).
        done, total: steps over all stages; `total` is 0 until the first worker has read the specification.
        stage, stage_index, stage_total: the present stage, and its steps.
        error: why it failed or was lost, one sentence.
        device: what it trains on.
        queue_position: 1 for the next in line, while it is queued.
        steps_per_second: pace of the last steps.
        live: something will change without anybody's doing: worth asking again soon.
        has_checkpoint: there is one to go on from.
        silent_s: seconds without a sign of life of a worker that hangs; None where all is well.
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
    has_checkpoint: bool = False
    silent_s: float | None = None


def go(run: RunDir, until: int) -> None:
    """Let a run train until `until` steps, over all stages, are done; a worker is started where none is left.

    What was asked for before is never lowered, but a pause is over. A finished run stays as it is; a failed
    or lost one tries again from its checkpoint.

    Raises:
        RunError: it was cancelled.
    """
    with run.lock():
        state, control = run.read_state().state, run.read_control()
        if run.has_result():
            return
        if state == "cancelled" or control.cancel:
            raise RunError(f"run {run.path.name} was cancelled and takes no more steps; start a new one.")
        run.write_control(Control(run_until=max(until, control.run_until)))
        if not run.has_worker():
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
        if control.cancel or run.has_result() or state.state in ("failed", "cancelled"):
            return
        run.write_control(replace(control, cancel=True, kill_after=time.time() + grace_s))
        if not run.has_worker():
            run.write_state(replace(state, state="cancelled"))


def status(run: RunDir) -> JobStatus:
    """How a run stands; ends a worker that ignored a cancel for too long."""
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
    alive = run.has_worker()  # before the state: what a worker wrote before it left is then final
    state, control = run.read_state(), run.read_control()
    if worker is not None and alive and control.cancel and time.time() > control.kill_after:
        end(worker, force=time.time() > control.kill_after + _KILL_AFTER_S)
    if not alive:
        state = _true(run, state)
    name = _name(state, worker, alive, control)
    done = state.done or 0
    has_checkpoint = run.checkpoint.is_file()
    return JobStatus(
        state=name,
        done=done,
        total=state.total or 0,
        stage=state.stage,
        stage_index=state.stage_index or 0,
        stage_total=state.stage_total or 0,
        error=_error(run, name, state, has_checkpoint),
        device=state.device,
        queue_position=queue_position(slots_folder(), worker.pid) if worker and name == "queued" else None,
        steps_per_second=state.steps_per_second if name == "running" else None,
        live=name in _MOVING or (name == "waiting" and control.wants_more(done)),
        has_checkpoint=has_checkpoint,
        silent_s=_silence(run, state) if alive and name in ("running", "waiting") else None,
    )


def _true(run: RunDir, state: RunState) -> RunState:
    """The state of a run that nobody trains, held against its result: that alone says whether it is finished."""
    if run.has_result():
        return replace(state, state="done", error=None)
    return replace(state, state="evaluated") if state.state == "done" else state


def _silence(run: RunDir, state: RunState) -> float | None:
    """Seconds without a sign of life, where they are too many."""
    silent = run.silent_s()
    limit = max(_HUNG_S, _HUNG_STEPS / max(state.steps_per_second or 1.0, 1e-3))
    if state.total and state.done == state.total:
        limit *= _EVALUATING
    return silent if silent is not None and silent > limit else None


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


def _error(run: RunDir, name: str, state: RunState, has_checkpoint: bool) -> str | None:
    if name == "failed":
        return state.error
    if name != "lost":
        return None
    on = "the run can go on from its checkpoint" if has_checkpoint else "it had no checkpoint yet and starts again"
    if state.state == "evaluated":
        return f"The result of {run.path.name} is missing or damaged; {on}, and is evaluated anew."
    return f"The worker died after step {state.done or 0}, see the log; {on}."


def _start(run: RunDir) -> None:
    """Start a worker and record its process; the caller holds the run's lock."""
    stamp = start_detached("xmodal_core.runs.worker", [str(run.path.resolve())], run.log)
    if stamp is not None:
        run.write_process(stamp)
