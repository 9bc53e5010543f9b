"""Tables among arrays: names of the features, and which of them are categories."""

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.layout import MAX_CODES
from xmodal_core.data.understanding import Feature
from xmodal_core.errors import DataError


def take_categories(draft: Draft, flags: np.ndarray) -> None:
    """Count the codes of features that are marked as categories; NaN among them becomes a category of its own.

    Args:
        draft: of a table; its inputs and category counts change.
        flags: bool (f,).

    Raises:
        DataError: other values than codes.
    """
    table, n_missing = draft.inputs.copy(), 0
    counts = [0] * table.shape[1]
    for index in np.flatnonzero(flags):
        column = table[:, index]  # a view
        missing = np.isnan(column)
        known = column[~missing]
        if not ((known >= 0) & (known < MAX_CODES) & (known == np.floor(known))).all():
            raise DataError(
                f"{draft.name}: feature {index} is marked categorical but holds other values than codes, expected "
                f"whole numbers from 0 to {MAX_CODES - 1}; number its categories or unmark it."
            )
        n_codes = int(known.max(initial=-1)) + 1
        column[missing] = n_codes
        counts[index] = n_codes + bool(missing.any())
        n_missing += int(missing.sum())
    draft.inputs, draft.category_counts = table, tuple(counts)
    if n_missing:
        draft.modality_reason += f", {n_missing} missing categories kept as a category"


def checked_flags(name: str, flags: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Which features are categories, bool (f,).

    Raises:
        DataError: not one truth value for every feature of a table.
    """
    if flags.dtype != np.bool_ or inputs.ndim != 2 or flags.shape != inputs.shape[1:] or inputs.dtype.kind in "SU":
        raise DataError(
            f"{name}: is_categorical has shape {flags.shape} and type {flags.dtype} for X of shape "
            f"{inputs.shape}, expected one True or False per feature of a table; correct it or leave it out."
        )
    return flags


def name_features(draft: Draft, names: np.ndarray) -> bool:
    """Give the features of a table their names where there is one for each, and say whether there was."""
    words = [printable(str(word).strip()) for word in names.reshape(-1).tolist()]
    if len(words) != draft.inputs.shape[1] or len(set(words)) != len(words):
        return False
    missing = np.isnan(draft.inputs).mean(axis=0) if draft.inputs.dtype.kind == "f" else np.zeros(len(words))
    counts = draft.category_counts or (0,) * len(words)
    draft.features = [
        Feature(word, "category" if count else "number", float(share))
        for word, count, share in zip(words, counts, missing, strict=True)
    ]
    return True
