"""Numbers of any type to float32 without losing what tells samples apart.

Milliseconds since 1970 differ in digits that float32 does not have. Where a feature's values run together, its median
is taken off first, in the type that the file has: a shift changes no distance.
"""

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality

_SEEN = 20_000  # rows looked at
_NUMBERS = (Modality.TABULAR, Modality.SERIES, Modality.FIELD)
_LOST = 0.01  # share of distinct values that run together


def in_single_precision(draft: Draft, splits: np.ndarray) -> np.ndarray:
    """The draft's inputs as float32, centred per feature or channel where that keeps values apart.

    Args:
        draft: gets a clause for what was changed and a warning for what is lost all the same.
        splits: (n,); the shift is taken from training rows.
    """
    inputs = draft.inputs
    if draft.modality not in _NUMBERS or inputs.dtype.itemsize < 4 or inputs.dtype == np.float32:
        return inputs
    shifts, crowded = [], []
    for index in range(inputs.shape[1]):
        values = inputs[:_SEEN, index].reshape(-1)
        distinct = np.unique(values[np.isfinite(values)] if values.dtype.kind == "f" else values)
        with np.errstate(over="ignore"):
            kept = np.unique(distinct.astype(np.float32))
        if len(kept) < (1 - _LOST) * len(distinct):
            train = inputs[splits == "train", index].reshape(-1)
            shifts.append((index, np.sort(train[~np.isnan(train)] if train.dtype.kind == "f" else train)))
    single = np.empty(inputs.shape, np.float32)
    with np.errstate(over="ignore"):  # too large becomes infinite, which the data set refuses
        np.copyto(single, inputs, casting="unsafe")
    if not shifts:
        return single
    names = [_name(draft, index) for index, _ in shifts]
    draft.shifts = {}
    for index, train in shifts:
        middle = train[len(train) // 2]  # a value that occurs: exact in the type of the file
        draft.shifts[str(index)] = middle.item()
        column = inputs[:, index]
        with np.errstate(over="ignore"):
            single[:, index] = less(column, middle)
        n, n_kept = (len(np.unique(one)) for one in (column[:_SEEN], single[:_SEEN, index]))
        if n_kept < (1 - _LOST) * n:
            crowded.append((index, n - n_kept, n))
    draft.changed.append(f"centred {_few(names)}, whose digits single precision does not have")
    for index, n_lost, n in crowded:
        draft.warn(
            "precision-lost",
            f"{_name(draft, index)} has {n:,} different values of which {n_lost:,} run together in single precision",
            "give it in another unit, or as its logarithm",
        )
    return single


def less(values: np.ndarray, shift: float | np.generic) -> np.ndarray:
    """Values (n, ...) less a shift, as float64, subtracted in their own type."""
    middle = values.dtype.type(shift)
    below = values < middle  # whole numbers without a sign wrap around
    apart = np.where(below, middle - values, values - middle).astype(np.float64)
    return np.where(below, -apart, apart)


def _name(draft: Draft, index: int) -> str:
    if draft.features:
        return repr(draft.features[index].name)
    return f"{'feature' if draft.modality is Modality.TABULAR else 'channel'} {index + 1}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
