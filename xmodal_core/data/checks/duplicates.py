"""Samples that occur more than once, within and across splits, more often than chance would have it."""

import hashlib

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft

_WORTH_A_WORD = 0.005  # share of rows
_FEWEST = 2  # repeated rows of a table; one is an accident, and a picture is never equal to another by accident
_BEYOND_CHANCE = 3.0  # times as many as where the columns are shuffled
_SHUFFLED = 20_000  # rows
_LONG_TEXT = 20  # characters; shorter ones are said by many


def check_duplicates(draft: Draft, data: LabelledDataset) -> None:
    """Warn where test or validation rows are training rows too, and where many rows are repeated."""
    codes = _codes(data.inputs)
    repeated = len(codes) - (codes.max() + 1)
    is_accident = data.modality is Modality.TABULAR and repeated < _FEWEST
    if is_accident or repeated <= _WORTH_A_WORD * len(data) or _is_chance(data, repeated):
        return
    in_train = np.zeros(codes.max() + 1, bool)
    in_train[codes[data.splits == "train"]] = True
    held = np.flatnonzero((data.splits != "train") & in_train[codes])
    if len(held) > _WORTH_A_WORD * len(data):
        draft.warn(
            "duplicates-across-splits",
            f"{len(held):,} of {int((data.splits != 'train').sum()):,} validation and test rows are equal to a "
            "training row",
            "remove repeated rows, or name the column of the group that they belong to",
        )
    else:
        draft.warn("duplicates", f"{repeated:,} of {len(data):,} rows repeat another row", "remove repeated rows")


def _codes(inputs: np.ndarray) -> np.ndarray:
    keys = np.array([hashlib.blake2b(_bytes(row), digest_size=8).digest() for row in inputs])
    codes: np.ndarray = np.unique(keys, return_inverse=True)[1].reshape(-1)
    return codes


def _bytes(row: np.ndarray) -> bytes:
    return str(row).encode() if row.dtype.kind == "U" else row.tobytes()


def _is_chance(data: LabelledDataset, repeated: int) -> bool:
    """Whether rows of few different values, or short texts, would repeat so often anyway.

    Of a table the columns are shuffled within each class: what repeats then repeats by chance.
    """
    if data.modality is Modality.TEXT:
        distinct = np.unique(data.inputs)
        return bool(np.median(np.char.str_len(data.inputs)) < _LONG_TEXT and len(distinct) < 0.5 * len(data))
    if data.modality is not Modality.TABULAR:
        return False
    if data.inputs.shape[1] == 1:
        return True
    rows = np.arange(len(data))[:_SHUFFLED]
    inputs, rng = data.inputs[rows].copy(), np.random.default_rng(0)
    kinds = data.targets[rows] if data.task is Task.CLASSIFICATION else np.zeros(len(rows), np.int64)
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        for index in range(inputs.shape[1]):
            inputs[members, index] = inputs[rng.permutation(members), index]
    expected = len(rows) - (_codes(inputs).max() + 1)
    return bool(repeated * len(rows) / len(data) <= _BEYOND_CHANCE * expected)
