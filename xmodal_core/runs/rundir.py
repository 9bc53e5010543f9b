"""The durable directory of a run: its files and nothing else, so that reading one needs no torch and no process.

    spec.json               what to run; never changes
    state.json              where it is: replaced whole, by the worker
    steps.jsonl             one record a step: appended, so that a reader goes on from a byte offset
    frames/000012.npz       what step 12 can show
    waypoints/000040.safetensors  the body after step 40, where the specification asks for waypoints
    checkpoint.safetensors  where a resumed run goes on
    result.json             the evaluation of a finished run
    predictions.parquet     what a finished run says of every row
    test_rows.npz           what it scored on each test row
    looks.json              when a person opened the test result
    reuse.json              what its body still knows of the source, once measured
    trajectory.json         the same along its waypoints, beside a control
    control.json            what the person wants: train until step k, pause, cancel
    worker.lock             held by the worker for as long as it lives
    proc.json               which process that is, on which machine
    heartbeat               touched by the worker while it makes progress
    reserve                 room on the disk for the worker's last words
    log.txt                 what the worker printed

A file that is replaced appears whole or not at all; a record that was cut off by a crash is not read. Steps, checkpoint
and result are the truth: what state.json and proc.json say can be told from them and from the lock, and is, where one
is damaged.
"""

import contextlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from xmodal_core.errors import RunError
from xmodal_core.files import check_writable, clear_abandoned, replace_file, storing
from xmodal_core.runs.life import Life, is_held
from xmodal_core.runs.objects import identity, parse_object, read_object, write_object
from xmodal_core.runs.predictions import Columns, read_table, write_table
from xmodal_core.runs.process import ProcessStamp, is_alive
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.row_scores import RowScores, read_row_scores, write_row_scores
from xmodal_core.runs.state import Control, RunState
from xmodal_core.runs.trail import Frames, StepFiles, StepLog

RUN_ID = re.compile(r"[0-9a-z-]{1,40}")
_LOCK_S = 20.0  # the lock is held for milliseconds; longer means that its file system is broken
_LOG_BYTES = 1 << 18
_RESERVE_BYTES = 1 << 16
_AWAY_S = 60.0  # a worker of another machine that is silent for longer is not waited for


@dataclass(frozen=True)
class RunDir:
    """One run directory."""

    path: Path

    @classmethod
    def create(cls, runs_root: Path, spec_json: str) -> "RunDir":
        """A new directory under `runs_root`, named by the time (UTC) and eight random digits.

        Raises:
            RunError: `spec_json` is no JSON object.
        """
        stamp = datetime.now(UTC).strftime("%y%m%d-%H%M%S")
        return cls.create_at(runs_root / f"{stamp}-{secrets.token_hex(4)}", spec_json)

    @classmethod
    def create_at(cls, path: Path, spec_json: str) -> "RunDir":
        """A run in a directory that is new or empty.

        Raises:
            RunError: the directory is in use, or `spec_json` is no JSON object.
            StorageError: it cannot be written.
        """
        parse_object(spec_json, "the specification")
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError(f"{path.name} is not an empty directory, expected a new one; choose another name.")
        run = cls(path)
        replace_file(run.path / "spec.json", spec_json, durable=True)
        return run

    @classmethod
    def open(cls, path: Path) -> "RunDir":
        """The run that is kept here.

        Raises:
            RunError: no such directory, or no run in it.
        """
        if not (path / "spec.json").is_file():
            raise RunError(f"{path.name} holds no run, expected a directory with a spec.json; check the name.")
        return cls(path)

    @classmethod
    def find(cls, runs_root: Path, run_id: str) -> "RunDir":
        """The run of this id; ids come from addresses, so nothing but an id gets through.

        Raises:
            RunError: it is no run id, or there is no such run.
        """
        path = (runs_root / run_id).resolve() if RUN_ID.fullmatch(run_id) else None
        if path is None or not path.is_relative_to(runs_root.resolve()):
            raise RunError(f"{run_id[:40]!r} is no run, expected an id of a-z, 0-9 and -; choose a run from the list.")
        return cls.open(path)

    @property
    def checkpoint(self) -> Path:
        """Where the checkpoint is or will be; after the last step it holds the final weights."""
        return self.path / "checkpoint.safetensors"

    @property
    def workspace(self) -> str:
        """Name of the folder of the workspace that it lies in; of any other place, of what lies two above."""
        return self.path.parent.parent.name

    @property
    def log(self) -> Path:
        """Where the worker's output goes."""
        return self.path / "log.txt"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Held while a worker is started or leaves, so that there is one worker and no request falls between two.

        Raises:
            RunError: somebody else keeps holding it.
            ReadOnlyError: the run may be looked at only.
        """
        check_writable(self.path)
        lock = FileLock(self.path / "launch.lock", timeout=_LOCK_S)
        try:
            with storing():
                lock.acquire()
        except Timeout as error:
            raise RunError(f"{self.path.name} is locked by another process; try again in a moment.") from error
        try:
            yield
        finally:
            lock.release()

    def life(self) -> Life:
        """What a worker holds for as long as it lives."""
        return Life(self.path / "worker.lock")

    def has_worker(self) -> bool:
        """Whether some process trains this run, or was started to and is on its way.

        A worker of another machine is told by its heartbeat where the folder's file system knows no locks.
        """
        if is_held(self.path / "worker.lock"):
            return True
        found = self.read_process()
        if found is None or found.is_of_here:
            return is_alive(found)
        silent = self.silent_s()
        return silent is not None and silent < _AWAY_S

    def spec_values(self) -> Mapping[str, Any]:
        """The specification as plain values.

        Raises:
            RunError: the file is missing or damaged.
        """
        return read_object(self.path / "spec.json", missing_is_empty=False)

    def identity(self) -> str:
        """What the specification is told by, see `objects.identity`; empty where it is damaged."""
        try:
            return identity(self.spec_values())
        except RunError:
            return ""

    def write_state(self, state: RunState) -> None:
        """Replace the state."""
        write_object(self.path / "state.json", state.to_json())

    def read_state(self) -> RunState:
        """The state; nothing is known before a worker wrote one. What is damaged is told from steps and result."""
        try:
            values = read_object(self.path / "state.json")
            if values or not self._steps.path.is_file():
                return RunState.from_json(values)
        except (RunError, ValueError):
            pass
        return self._state_by_steps()

    def _state_by_steps(self) -> RunState:
        records = self.read_steps()[0]
        state = "done" if self.has_result() else "paused" if records or self.checkpoint.is_file() else None
        if not records:
            return RunState(state=state)
        last = records[-1]
        place = {"stage": last["stage"], "stage_index": last["index"], "stage_total": last["total"]}
        return RunState(state=state, done=last["done"], **place)  # type: ignore[arg-type]

    def append_step(self, record: StepRecord) -> None:
        """Append one step record."""
        self._steps.append(record)

    def read_steps(self, offset: int = 0) -> tuple[list[StepRecord], int]:
        """Step records from a byte offset on, and the offset to go on from.

        A resumed run drops the records after its checkpoint. A reader from before gets everything from the start, so
        keep records by their `done`.
        """
        return self._steps.read(offset)

    def cut_steps(self, done: int) -> None:
        """Drop what is of steps after `done`, and a torn last line: a resumed run takes these steps again."""
        for kept in (self._steps, self._frames, self._waypoints):
            kept.cut(done)

    def write_frame(self, done: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep what step `done` can show."""
        self._frames.write(done, arrays)

    def read_frame(self, done: int) -> dict[str, np.ndarray]:
        """What step `done` can show.

        Raises:
            RunError: this step has no frame, or a damaged one.
        """
        return self._frames.read(done)

    def frame_numbers(self) -> list[int]:
        """Steps that have a frame, ascending."""
        return self._frames.numbers()

    def frame_written(self, done: int) -> int:
        """When the frame of a step was written, in nanoseconds; 0 without one. A resumed run writes frames again."""
        path = self._frames.of(done)
        return path.stat().st_mtime_ns if path.is_file() else 0

    def waypoint(self, done: int) -> Path:
        """Where the body after step `done` is, or would be."""
        return self._waypoints.of(done)

    def write_waypoint(self, done: int, data: bytes) -> None:
        """Keep the body after step `done`."""
        replace_file(self.waypoint(done), data)

    def waypoint_numbers(self) -> list[int]:
        """Steps after which the body was kept, ascending."""
        return self._waypoints.numbers()

    def read_control(self) -> Control:
        """What the person wants; nothing when nobody asked."""
        return self.read_control_or(Control())

    def read_control_or(self, otherwise: Control) -> Control:
        """What the person wants, or `otherwise` where the file is damaged: to ask again writes it anew."""
        try:
            return Control.from_json(read_object(self.path / "control.json"))
        except (RunError, ValueError):
            return otherwise

    def write_control(self, control: Control) -> None:
        """Ask the worker for something."""
        write_object(self.path / "control.json", asdict(control))

    def control_version(self) -> tuple[int, int]:
        """Changes when the control does, and costs one look at the file's name."""
        try:
            found = (self.path / "control.json").stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    def write_process(self, stamp: ProcessStamp) -> None:
        """Record the worker's process."""
        stamp.write(self.path / "proc.json")

    def read_process(self) -> ProcessStamp | None:
        """The worker's process, if one was recorded and has not left; None, too, where the record is damaged."""
        return ProcessStamp.read(self.path / "proc.json")

    def forget_process(self) -> None:
        """The worker leaves."""
        (self.path / "proc.json").unlink(missing_ok=True)

    def beat(self) -> None:
        """Tell that the worker makes progress."""
        with storing():
            (self.path / "heartbeat").touch()

    def silent_s(self) -> float | None:
        """Seconds since a worker last told that it makes progress, by the clock of the file system; None without one.

        Two files are compared, so that the clock of this machine does not matter.
        """
        try:
            beat = (self.path / "heartbeat").stat().st_mtime
            probe = self.path / ".now"
            probe.touch()
            return max(0.0, probe.stat().st_mtime - beat)
        except OSError:
            return None

    def reserve(self) -> None:
        """Keep room on the disk for what a worker has to say when it is full."""
        replace_file(self.path / "reserve", bytes(_RESERVE_BYTES))

    def free_reserve(self) -> None:
        """Give that room away."""
        (self.path / "reserve").unlink(missing_ok=True)

    def clear_abandoned(self) -> None:
        """Remove what killed workers have left unfinished."""
        clear_abandoned(self.path)

    def write_checkpoint(self, data: bytes) -> None:
        """Replace the checkpoint; the records that it builds on reach the disk first."""
        self._steps.reach_disk()
        replace_file(self.checkpoint, data, durable=True)

    @property
    def predictions(self) -> Path:
        """Where the predictions of a finished run are or will be."""
        return self.path / "predictions.parquet"

    def write_predictions(self, columns: Columns) -> None:
        """Keep what a finished run says of every row."""
        write_table(self.predictions, columns)

    def read_predictions(self) -> Columns | None:
        """What a finished run says of every row; None before its end, for a run of an earlier version, or damaged."""
        try:
            return read_table(self.predictions)
        except (OSError, ValueError):
            return None

    def write_row_scores(self, found: RowScores) -> None:
        """Keep what a finished run scored on each test row."""
        write_row_scores(self.path / "test_rows.npz", found)

    def read_row_scores(self) -> RowScores | None:
        """What a finished run scored on each test row; None before its end, for an earlier version's, or damaged."""
        return read_row_scores(self.path / "test_rows.npz")

    def write_result(self, result: RunResult) -> None:
        """Keep the evaluation of a finished run."""
        write_object(self.path / "result.json", result.to_json(), durable=True)

    def has_result(self) -> bool:
        """Whether there is an evaluation that can be read: only then is a run finished."""
        try:
            return self.result() is not None
        except RunError:
            return False

    def result(self) -> RunResult | None:
        """The evaluation, or None while there is none.

        Raises:
            RunError: the file is damaged, or from another version.
        """
        values = read_object(self.path / "result.json")
        return RunResult.from_json(values, f"result.json of {self.path.name}") if values else None

    def result_written(self) -> float:
        """When the file of the result was written, Unix time; 0 while there is none."""
        path = self.path / "result.json"
        return path.stat().st_mtime if path.is_file() else 0.0

    def write_reuse(self, values: Mapping[str, Any]) -> None:
        """Keep what was measured of the source's knowledge."""
        write_object(self.path / "reuse.json", values)

    def look(self) -> None:
        """Write down that the test result was opened now."""
        times = [*self.looks(), datetime.now(UTC).isoformat(timespec="seconds")]
        write_object(self.path / "looks.json", {"times": times})

    def looks(self) -> tuple[str, ...]:
        """When the test result was opened, ISO 8601 in UTC; none where the record is damaged."""
        try:
            times = read_object(self.path / "looks.json").get("times")
        except RunError:
            return ()
        return tuple(str(time) for time in times) if isinstance(times, list) else ()

    def read_reuse(self) -> Mapping[str, Any] | None:
        """What was measured of the source's knowledge; None where nothing was, or it is damaged."""
        return self._measured("reuse.json")

    def write_trajectory(self, values: Mapping[str, Any]) -> None:
        """Keep what was measured along the waypoints."""
        write_object(self.path / "trajectory.json", values)

    def read_trajectory(self) -> Mapping[str, Any] | None:
        """What was measured along the waypoints; None where nothing was, or it is damaged."""
        return self._measured("trajectory.json")

    def _measured(self, name: str) -> Mapping[str, Any] | None:
        """A measurement, which can be repeated: one that cannot be read is as good as none."""
        try:
            return read_object(self.path / name) or None
        except (RunError, OSError, ValueError):
            return None

    def log_tail(self, lines: int = 200) -> str:
        """The last lines that the worker printed."""
        if not self.log.is_file():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _LOG_BYTES))
            text = file.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    @property
    def _steps(self) -> StepLog:
        return StepLog(self.path / "steps.jsonl")

    @property
    def _frames(self) -> Frames:
        return Frames(self.path / "frames", ".npz", self.identity())

    @property
    def _waypoints(self) -> StepFiles:
        return StepFiles(self.path / "waypoints", ".safetensors")
