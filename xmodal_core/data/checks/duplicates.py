"""Samples that occur more than once, within and across splits."""

import hashlib

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft

_WORTH_A_WORD = 0.005  # share of rows


def check_duplicates(draft: Draft, data: LabelledDataset) -> None:
    """Warn where test or validation rows are training rows too, and where many rows are repeated."""
    keys = np.array([hashlib.blake2b(_bytes(row), digest_size=8).digest() for row in data.inputs])
    _, codes = np.unique(keys, return_inverse=True)
    in_train = np.zeros(codes.max() + 1, bool)
    in_train[codes[data.splits == "train"]] = True
    held = np.flatnonzero((data.splits != "train") & in_train[codes])
    repeated = len(codes) - (codes.max() + 1)
    if len(held) > _WORTH_A_WORD * len(data):
        draft.warn(
            "duplicates-across-splits",
            f"{len(held):,} of {int((data.splits != 'train').sum()):,} validation and test rows are equal to a "
            "training row",
            "remove repeated rows, or name the column of the group that they belong to",
        )
    elif repeated > _WORTH_A_WORD * len(data):
        draft.warn("duplicates", f"{repeated:,} of {len(data):,} rows repeat another row", "remove repeated rows")


def _bytes(row: np.ndarray) -> bytes:
    return str(row).encode() if row.dtype.kind == "U" else row.tobytes()
