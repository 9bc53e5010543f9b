"""How much room a workspace takes, and what is given up where it is too much: never what runs, never what is pinned."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from xmodal_core.files import replace_file
from xmodal_core.runs.job import list_runs
from xmodal_core.runs.rundir import RunDir
from xmodal_core.workspace.layout import FOLLOWED, KINDS, RUNS, size

_PIN = "pinned"


@dataclass(frozen=True)
class Given:
    """What was given up, or would be.

    Attributes:
        weights: runs whose checkpoints and waypoints went; their results stay.
        runs: runs that went whole.
        freed: bytes.
        left: bytes that the workspace takes after it.
    """

    weights: tuple[str, ...]
    runs: tuple[str, ...]
    freed: int
    left: int


def pin(run: RunDir, pinned: bool = True) -> None:
    """Keep a run whatever the room; or no longer."""
    if pinned:
        replace_file(run.path / _PIN, b"")
    else:
        (run.path / _PIN).unlink(missing_ok=True)


def is_pinned(run: RunDir) -> bool:
    """Whether a run is kept whatever the room."""
    return (run.path / _PIN).exists()


def sizes(workspace: Path) -> dict[str, int]:
    """Bytes of every kind of thing in a workspace."""
    return {kind: size(workspace / kind) for kind in KINDS}


def make_room(workspace: Path, quota: int, *, really: bool = True) -> Given:
    """Bring a workspace below a quota, as far as it goes: weights of finished runs, then whole runs; oldest first.

    Runs that somebody trains, or that can still go on, and pinned ones stay whole.

    Args:
        workspace: the folder.
        quota: bytes.
        really: otherwise it is only told what would go.
    """
    total = sum(sizes(workspace).values())
    before, weights, gone = total, [], []
    oldest = [run for kind in (FOLLOWED, RUNS) for run in reversed(list_runs(workspace / kind)) if _may_go(run)]
    for run in oldest:
        if total <= quota:
            break
        heavy = [run.checkpoint, *sorted((run.path / "waypoints").glob("*.safetensors"))]
        freed = sum(path.stat().st_size for path in heavy if path.is_file())
        if freed:
            total -= freed
            weights.append(run.path.name)
            for path in heavy if really else ():
                path.unlink(missing_ok=True)
    for run in oldest:
        if total <= quota:
            break
        total -= size(run.path) - (0 if really else _weight_of(run))
        gone.append(run.path.name)
        if really:
            with run.lock():
                if run.has_worker():
                    continue
            shutil.rmtree(run.path, ignore_errors=True)
    return Given(tuple(weights), tuple(gone), before - total, total)


def _weight_of(run: RunDir) -> int:
    heavy = [run.checkpoint, *(run.path / "waypoints").glob("*.safetensors")]
    return sum(path.stat().st_size for path in heavy if path.is_file())


def _may_go(run: RunDir) -> bool:
    if is_pinned(run) or run.has_worker():
        return False
    return run.has_result() or run.read_state().state in ("failed", "cancelled")
