"""Cells behind the end, or before the start, of sequences."""

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.targets import IGNORED

_CHUNK = 2**20  # cells looked at together


def find_padding(inputs: np.ndarray, codes: np.ndarray, modality: Modality) -> tuple[int, int, bool] | None:
    """Where sequences end, or start, in a code that occurs nowhere else and its cells are all of one class.

    Returns:
        The code, the class, and whether that class occurs elsewhere; None where there is no such run.
    """
    rows = steps_of(inputs, modality)
    if rows is None or rows.shape != codes.shape:
        return None
    for code in np.union1d(rows[:, -1], rows[:, 0]):
        is_code = rows == code
        trailing = np.logical_and.accumulate(is_code[:, ::-1], axis=1)[:, ::-1]
        leading = np.logical_and.accumulate(is_code, axis=1)
        lengths = is_code.sum(axis=1)
        at_one_end = np.array_equal(trailing, is_code) or np.array_equal(leading, is_code)
        if not at_one_end or lengths.max() < 2 or lengths.min() == lengths.max():
            continue
        of_padding = np.unique(codes[is_code])
        if len(of_padding) > 1 or of_padding[0] == IGNORED:
            continue
        return int(code), int(of_padding[0]), bool((codes[~is_code] == of_padding[0]).any())
    return None


def steps_of(inputs: np.ndarray, modality: Modality) -> np.ndarray | None:
    """A code for every step (n, t) of sequences and of series of one-hot letters, 0 for no letter; else None."""
    if modality is Modality.SEQUENCE:
        return inputs.reshape(len(inputs), -1)
    if modality is not Modality.SERIES or inputs.ndim != 3 or inputs.shape[1] < 2:
        return None
    for part in np.array_split(inputs, max(1, inputs.size // _CHUNK)):
        if not np.isin(part, (0, 1)).all() or (part.sum(axis=1) > 1).any():
            return None
    return np.where(inputs.any(axis=1), inputs.argmax(axis=1) + 1, 0)
