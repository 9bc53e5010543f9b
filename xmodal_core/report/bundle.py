"""Finished runs in one zip file, with all that is needed to read and to repeat them, and without their weights."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

from xmodal_core.runs.rundir import RunDir

KEPT = (
    "spec.json",
    "state.json",
    "result.json",
    "steps.jsonl",
    "predictions.parquet",
    "test_rows.npz",
    "reuse.json",
    "trajectory.json",
)  # checkpoints and waypoints are large, and logs tell where somebody's files lie
_FRAMES = "frames"
_DAY = (1980, 1, 1, 0, 0, 0)  # the same runs give the same bytes
RUNS = "runs"


def bundle(runs: Sequence[RunDir], beside: Mapping[str, str], shown: Callable[[str], str] = str) -> bytes:
    """A zip file.

    Args:
        runs: their files go to `runs/NAME/`.
        beside: texts by the name of their file, at the top.
        shown: what becomes of the JSON of runs, which may tell where somebody's files lie.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in beside.items():
            _add(archive, name, text.encode())
        for run in runs:
            frames = sorted((run.path / _FRAMES).glob("*.npz"))
            for path in [*(run.path / name for name in KEPT), *frames]:
                if path.is_file():
                    content = path.read_bytes()
                    content = shown(content.decode()).encode() if path.suffix == ".json" else content
                    _add(archive, f"{RUNS}/{run.path.name}/{path.relative_to(run.path).as_posix()}", content)
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
