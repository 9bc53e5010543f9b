"""What a workspace holds, and which of its files mean something elsewhere.

uploads/      data sets, and the files that they were read from
runs/         one folder a run
followed/     runs along which it is asked what becomes of the source's knowledge
experiments/  one folder an experiment
gap/          readings of gaps
"""

import re
from collections.abc import Iterator
from pathlib import Path

UPLOADS, RUNS, FOLLOWED, EXPERIMENTS, GAP = "uploads", "runs", "followed", "experiments", "gap"
KINDS = (UPLOADS, RUNS, FOLLOWED, EXPERIMENTS, GAP)
_WEIGHTS = re.compile(r".*\.safetensors")
_OF_HERE = re.compile(r".*\.lock|\..*|.*\.tmp|proc\.json|control\.json|heartbeat|reserve|log\.txt|view\.token")


def files(workspace: Path, weights: bool) -> Iterator[Path]:
    """The files of a workspace that mean something elsewhere, in order.

    Locks, processes and wishes belong to this machine, logs tell where somebody's files lie, and the token of a link
    belongs to whoever made it.

    Args:
        workspace: the folder.
        weights: checkpoints and waypoints, too, without which runs can be read but not gone on with.
    """
    for kind in KINDS:
        for path in sorted((workspace / kind).rglob("*")):
            if path.is_symlink() or not path.is_file() or _OF_HERE.fullmatch(path.name):
                continue
            if weights or not _WEIGHTS.fullmatch(path.name):
                yield path


def size(folder: Path) -> int:
    """Bytes of all files below a folder; one that goes meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
