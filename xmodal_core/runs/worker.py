"""The worker of a run: `python -m xmodal_core.runs.worker RUN_DIR`, or `execute` in the foreground.

It starts without torch, so that a queue of workers costs little. What it keeps on disk at any moment is enough to
go on after a kill: the steps after the last checkpoint are then taken again, with the same numbers.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from xmodal_core.errors import RunError, XModalError
from xmodal_core.runs.failure import describe_failure
from xmodal_core.runs.job import ALL_STEPS
from xmodal_core.runs.life import Life
from xmodal_core.runs.process import own_stamp
from xmodal_core.runs.records import StepRecord, keeps_frame, step_record
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.slots import Place, device_slots, slots_folder
from xmodal_core.runs.state import Control
from xmodal_core.runs.telling import Telling

if TYPE_CHECKING:
    from xmodal_core.methods.base import Step
    from xmodal_core.runs.run import Run

_POLL_S = 0.04
_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)]
_CHECKPOINT_S = 30.0
_IDLE_S = 60.0  # a waiting worker keeps model and memory for this long; XMODAL_IDLE_S overrides it


def execute(
    run_dir: Path,
    *,
    follow_control: bool,
    on_step: Callable[[StepRecord], None] | None = None,
    prepared: "Run | None" = None,
) -> None:
    """Train a run to its end, or as far as its control says, from its checkpoint if it has one.

    Args:
        run_dir: a run directory.
        follow_control: take a slot of the device first, train only as far as asked, then wait for more, and leave
            when nobody asks. Otherwise train to the end at once; only a cancel is obeyed.
        on_step: called with every step record.
        prepared: the run of the directory's specification, where it was prepared before the directory was made;
            prepared here when None.

    Raises:
        RunHeldError: another process trains this run.
        RunError: without `follow_control`, it was cancelled.
        Exception: whatever ended the training; the state says "failed" and why, the log has the traceback.
    """
    run = RunDir.open(run_dir)
    if run.has_result():
        return
    life = _claim(run, follow_control)
    try:
        worker = _Worker(run, follow_control, on_step, prepared)
        with asked_to_leave(worker.ask_to_leave):
            _train(run, worker)
    finally:
        life.end()


def _train(run: RunDir, worker: "_Worker") -> None:
    try:
        worker.work()
    except _Left as left:
        if worker.follow:
            return
        how = {"cancelled": "was cancelled", "paused": "was interrupted"}[left.state]
        to_do = "start a new one" if left.state == "cancelled" else "resume it to go on"
        raise RunError(f"run {run.path.name} {how} after step {worker.done}; {to_do}.") from None
    except KeyboardInterrupt:
        run.write_control(Control())  # not to go on to the end at the next single step
        worker.leave("paused")
        raise
    except Exception as error:
        worker.fail(error)
        raise
    finally:
        worker.place.release()


class RunHeldError(RunError):
    """Another process trains this run."""


class _Left(Exception):  # noqa: N818 - it ends the loop and is no error
    """The worker has left the run in this state."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class _Worker:
    """What training one run needs to remember between steps."""

    def __init__(
        self,
        run_dir: RunDir,
        follow: bool,
        on_step: Callable[[StepRecord], None] | None,
        prepared: "Run | None",
    ) -> None:
        self.dir = run_dir
        self.prepared = prepared
        self.follow = follow
        self.on_step = on_step
        self.place = Place(slots_folder(), device_slots() if follow else {}, run_dir.workspace)
        self.run: Run | None = None
        self.seconds = 0.0  # of training, without waiting, over all workers that this run had
        self.control, self.control_version = Control(), (-1, -1)
        self.saved_at, self.saved_time = -1, time.monotonic()
        self.waypoints: tuple[int, ...] = ()
        self.told_to_leave = False
        self.telling = Telling(run_dir)

    @property
    def done(self) -> int:
        """Steps done, as far as is known without a model."""
        return self.telling.done

    def work(self) -> None:
        """The life of a worker."""
        self.dir.clear_abandoned()
        self.dir.reserve()
        self.take_slot()
        self.telling.tell("starting")
        run = self.run = self.prepare()
        self.telling.tell("running")
        total, steps = run.spec.total_steps(), run.steps()
        while run.done < total:
            self.consult()
            begun = time.monotonic()
            step = next(steps)
            took = time.monotonic() - begun
            self.telling.took(took)
            self.seconds += took
            self.record(run, step)
            if step.index == step.total or time.monotonic() - self.saved_time > _CHECKPOINT_S:
                self.save()
        self.save()
        outcome = run.outcome(self.seconds)
        self.dir.write_predictions(outcome.predictions)  # before the result, which says that all is there
        self.dir.write_row_scores(outcome.test_rows)
        self.dir.write_result(replace(outcome.result, finished=datetime.now(UTC).isoformat()))
        self.dir.free_reserve()
        self.leave("done")

    def prepare(self) -> "Run":
        """Load data, body and checkpoint. torch is imported here, with a slot in hand."""
        if self.place.gpu is not None:
            os.environ["CUDA_VISIBLE_DEVICES"] = self.place.gpu
        from xmodal_core.model.seeding import describe_device
        from xmodal_core.runs.checkpoint import load_checkpoint
        from xmodal_core.runs.run import prepare
        from xmodal_core.runs.spec import spec_from_json
        from xmodal_core.runs.waypoints import waypoint_steps

        spec = spec_from_json((self.dir.path / "spec.json").read_text(encoding="utf-8"))
        run = self.prepared or prepare(spec)
        if self.dir.checkpoint.is_file():
            self.seconds = load_checkpoint(run, self.dir.checkpoint)
        self.dir.cut_steps(run.done)
        self.saved_at = run.done if self.dir.checkpoint.is_file() else -1  # a run of no steps has one, too
        self.saved_time = time.monotonic()
        self.waypoints = waypoint_steps(spec.total_steps(), spec.waypoints)
        self.telling.prepared(run, describe_device(run.state.device))
        return run

    def record(self, run: "Run", step: "Step") -> None:
        """Write a finished step down: frame and waypoint, then the record that mentions the frame, then the state."""
        has_frame = bool(step.arrays) and keeps_frame(run.spec.stages(), step)
        if has_frame:
            self.dir.write_frame(run.done, step.arrays)
        if run.done in self.waypoints:
            self.keep_waypoint(run)
        record = step_record(step, run.done, self.seconds, has_frame)
        self.dir.append_step(record)
        self.telling.tell("running")
        if self.on_step is not None:
            self.on_step(record)

    def keep_waypoint(self, run: "Run") -> None:
        """Keep the body as it is now, for those who follow what becomes of it."""
        from xmodal_core.runs.waypoints import dump_waypoint

        data = dump_waypoint(run)
        if data is not None:
            self.dir.write_waypoint(run.done, data)

    def ask_to_leave(self) -> None:
        """Leave before the next step: the machine goes down, or somebody ends this process."""
        self.told_to_leave = True

    def consult(self) -> None:
        """Before a step: obey a cancel; wait where the person wants no more for now."""
        control = self.read_control()
        if control.cancel:
            self.stop()
        if self.told_to_leave:
            self.pause()
        if self.follow and not control.wants_more(self.done):
            self.wait()

    def wait(self) -> None:
        """Keep the model, let the slot go, and leave when nobody asks for more."""
        self.telling.tell("waiting")
        self.save()
        self.place.release()
        deadline = time.monotonic() + float(os.environ.get("XMODAL_IDLE_S") or _IDLE_S)
        while not self.read_control().wants_more(self.done):
            if self.told_to_leave:
                self.pause()
            if time.monotonic() >= deadline:
                self.leave_unless_wanted()
            time.sleep(_POLL_S)
        if self.control.cancel:
            self.stop()
        self.take_slot()
        self.telling.tell("running")

    def take_slot(self) -> None:
        """Wait in line for the device; a cancel or a pause reaches a run here, too."""
        if not self.follow:
            return
        self.telling.tell("queued")
        self.place.launched(self.dir.control_version()[0])
        while not self.place.take():
            control = self.read_control()
            if control.cancel:
                self.stop()
            if self.told_to_leave:
                self.pause()
            if control.pause:
                self.leave_unless_wanted()
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Leave for good."""
        self.save()
        self.leave("cancelled")
        raise _Left("cancelled")

    def pause(self) -> None:
        """Leave, to be started again; what was asked for is forgotten, so that a later step is one step."""
        self.save()
        with self.dir.lock():
            self.dir.write_control(replace(self.read_control(), pause=True, run_until=0))
            self._leave("paused")
        raise _Left("paused")

    def leave_unless_wanted(self) -> None:
        """Leave, to be started again; a request made in this very moment is not lost, as it needs the same lock."""
        with self.dir.lock():
            if self.dir.read_control().wants_more(self.done):
                return
            self._leave("paused")
        raise _Left("paused")

    def leave(self, state: str, error: str | None = None) -> None:
        """Write the last state and sign off."""
        with self.dir.lock():
            self._leave(state, error)

    def _leave(self, state: str, error: str | None = None) -> None:
        self.telling.tell(state, error)
        self.dir.forget_process()

    def fail(self, error: Exception) -> None:
        """Tell why it ended; on a full disk in the room that was reserved for it."""
        with contextlib.suppress(OSError):
            self.dir.free_reserve()
        sentence = describe_failure(error)
        details = sentence if isinstance(error, XModalError) else "".join(traceback.format_exception(error))
        with contextlib.suppress(OSError):
            self.leave("failed", sentence)
            with self.dir.log.open("a", encoding="utf-8") as log:
                log.write(details.rstrip() + "\n")

    def save(self) -> None:
        """Write a checkpoint, unless nothing was trained since the last one."""
        run = self.run
        self.saved_time = time.monotonic()
        if run is None or run.done == self.saved_at:
            return
        from xmodal_core.runs.checkpoint import dump_checkpoint

        self.dir.write_checkpoint(dump_checkpoint(run, self.seconds))
        self.saved_at, self.saved_time = run.done, time.monotonic()

    def read_control(self) -> Control:
        """What the person wants now; read again only when it changed."""
        self.telling.beat()
        version = self.dir.control_version()
        if version != self.control_version:
            self.control, self.control_version = self.dir.read_control_or(self.control), version
        return self.control


def _claim(run: RunDir, follow_control: bool) -> Life:
    """Sign on as the one worker of a run, until the life that is given back ends.

    Raises:
        RunHeldError: another process has.
    """
    life = run.life()
    if not life.take():
        found = run.read_process()
        by = "another process" if found is None else f"process {found.pid}" + (f" on {found.host}" * bool(found.host))
        raise RunHeldError(f"run {run.path.name} is being trained by {by}; wait for it, or cancel it.")
    try:
        with run.lock():
            run.write_process(own_stamp())
            if not follow_control:
                run.write_control(Control(run_until=ALL_STEPS))
    except BaseException:
        life.end()
        raise
    return life


@contextlib.contextmanager
def asked_to_leave(leave: Callable[[], None]) -> Iterator[None]:
    """Inside, SIGTERM, SIGHUP and the first Ctrl-C call `leave` instead of ending the process; in its main thread only.

    A second Ctrl-C interrupts as usual.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = {name: signal.getsignal(name) for name in _SIGNALS}

    def told(number: int, _: FrameType | None) -> None:
        leave()
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        for name in _SIGNALS:
            signal.signal(name, told)
        yield
    finally:
        for name, before in usual.items():
            signal.signal(name, before)


def main(arguments: Sequence[str]) -> int:
    """Entry of the process: exit code 0 when the run was left in order, 1 when it failed."""
    faulthandler.enable()  # a crash inside a library leaves its stack in the log
    try:
        execute(Path(arguments[0]), follow_control=True)
    except Exception as error:  # noqa: BLE001 - the run's state and log have it
        sys.stderr.write(f"left: {describe_failure(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
