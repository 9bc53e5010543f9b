"""What a finished run scored on each of its test rows: a small file beside the result, read without torch.

    test_rows.npz    id      which row it is, so that two runs are paired by it
                     value   what it scored; the mean is the score of the test rows
                     group   which rows belong together, where the data say so

A score that is no mean over rows is written as one: the value of a row is the score plus the row's influence on it.
"""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.files import replacing

_DIGEST = 8  # bytes of a hash: two of a million rows share one with a chance of 3e-8


@dataclass(frozen=True, eq=False)
class RowScores:
    """Scores of test rows.

    Attributes:
        ids: (n,) uint64, hashes of the rows' names; every one once.
        values: (n,) float64, higher is better.
        groups: (n,) int64, equal for rows that belong together; None where nothing is known of it.
    """

    ids: np.ndarray
    values: np.ndarray
    groups: np.ndarray | None = None

    def explains(self, score: float, n: int) -> bool:
        """Whether these are the rows of a result: as many, each once, with the score as their mean."""
        room = 1e-5 * max(1.0, float(np.abs(self.values).max(initial=0.0)))  # values are kept in single precision
        return len(self.values) == n == len(np.unique(self.ids)) and abs(float(self.values.mean()) - score) <= room


def row_ids(names: np.ndarray) -> np.ndarray:
    """Hashes (n,) uint64 of names (n,) of rows."""
    hashes = b"".join(hashlib.blake2b(str(name).encode(), digest_size=_DIGEST).digest() for name in names)
    return np.frombuffer(hashes, np.uint64)


def write_row_scores(path: Path, found: RowScores) -> None:
    """Keep them, whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    arrays = {"id": found.ids, "value": found.values.astype(np.float32)}
    arrays |= {} if found.groups is None else {"group": found.groups.astype(np.int64)}
    with replacing(path) as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_row_scores(path: Path) -> RowScores | None:
    """What was kept; None where nothing was, or it is damaged: a comparison then says that it lacks the rows."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = dict(file)
        ids, values, groups = arrays["id"], arrays["value"], arrays.get("group")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    kinds = [(ids, "u"), (values, "f"), *([] if groups is None else [(groups, "i")])]
    if any(array.shape != (len(ids),) or array.dtype.kind != kind for array, kind in kinds):
        return None
    return RowScores(ids, values.astype(np.float64), groups) if np.isfinite(values).all() else None
