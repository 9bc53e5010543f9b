"""Experiments as processes: start one, stop it for now or for good, see how it stands."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from xmodal_core.errors import RunError
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.progress import Progress
from xmodal_core.runs import job
from xmodal_core.runs.detached import start_detached
from xmodal_core.runs.process import end
from xmodal_core.runs.rundir import RunDir

_LOCK_S = 20.0


@dataclass(frozen=True)
class ExperimentStatus:
    """How an experiment stands.

    Attributes:
        state: "queued" | "running" | "done" | "failed" | "cancelled" | "stopped" (no process; it can go on where it
            was).
        progress: how far it is; None before it began.
        finished: of its runs, as many as have come to their end.
        error: why it failed, one sentence.
    """

    state: str
    progress: Progress | None
    finished: int
    error: str | None = None

    @property
    def live(self) -> bool:
        """Whether it changes without anybody's doing."""
        return self.state in ("queued", "running")


def go(experiment: ExperimentDir, runs_root: Path) -> None:
    """Start the process of an experiment, or a new one where the last has ended before its end."""
    with FileLock(experiment.path / "launch.lock", timeout=_LOCK_S):  # two tabs, one process
        if experiment.has_worker() or experiment.state()[0] == "done":
            return
        experiment.write_state("queued")
        arguments = [str(experiment.path.resolve()), str(runs_root.resolve())]
        stamp = start_detached("xmodal_core.experiment.worker", arguments, experiment.log)
        if stamp is not None:
            experiment.write_process(stamp)


def stop(experiment: ExperimentDir) -> None:
    """End the process; what its runs have kept stays, and `go` goes on from there."""
    process = experiment.process()
    if process is not None:
        end(process, force=False)


def cancel(experiment: ExperimentDir, runs_root: Path) -> None:
    """End an experiment for good, with those of its runs that are not finished and that no other one waits for."""
    stop(experiment)
    others = [one for one in experiments(experiment.path.parent) if one != experiment and one.has_worker()]
    wanted = {run.path for other in others for run in _runs(other, runs_root)}
    for run in _runs(experiment, runs_root):
        if run.path not in wanted:
            with contextlib.suppress(RunError):
                job.cancel(run)
    experiment.write_state("cancelled")


def status(experiment: ExperimentDir, runs_root: Path) -> ExperimentStatus:
    """How an experiment stands."""
    state, error = experiment.state()
    if state in ("queued", "running") and not experiment.has_worker():
        state = "stopped"
    progress = experiment.progress()
    finished = sum((runs_root / name / "result.json").is_file() for name in (progress.runs if progress else ()))
    return ExperimentStatus(state or "stopped", progress, finished, error if state == "failed" else None)


def experiments(folder: Path) -> list[ExperimentDir]:
    """Experiments under a folder, newest first."""
    found = [path for path in folder.glob("*") if (path / "design.json").is_file()]
    found.sort(key=lambda path: ((path / "design.json").stat().st_mtime_ns, path.name), reverse=True)
    return [ExperimentDir(path) for path in found]


def _runs(experiment: ExperimentDir, runs_root: Path) -> list[RunDir]:
    progress = experiment.progress()
    names = () if progress is None else progress.runs
    return [RunDir(runs_root / name) for name in names if (runs_root / name / "spec.json").is_file()]
