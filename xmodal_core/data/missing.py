"""Missing values of a table: told of, dropped or refused as the person says, else filled in and marked.

A number becomes the median of the training rows and gets a feature that says where; a category has one for missing.
"""

from dataclasses import replace

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import IS_MISSING, Feature
from xmodal_core.errors import DataError

MISSING_CATEGORY = "(missing)"  # the last category of a feature that has missing values
_NAMED = 3


def settle_missing(draft: Draft) -> None:
    """Drop or refuse rows with missing values where that was said, else warn.

    Args:
        draft: of any modality; only tables are looked at.

    Raises:
        DataError: values are missing and were said to be refused, or every row lacks one.
    """
    gone = _missing(draft)  # (n, f)
    if gone is None or not gone.any():
        return
    rows = np.asarray(gone.any(axis=1))
    features = _features(draft)
    counts = [(features[index].name, int(gone[:, index].sum())) for index in np.flatnonzero(gone.any(axis=0))]
    found = ", ".join(f"{n:,} in {name!r}" for name, n in counts[:_NAMED])
    found += f" and some in {len(counts) - _NAMED} more" if len(counts) > _NAMED else ""
    if draft.reading.missing == "refuse" or (draft.reading.missing == "drop" and rows.all()):
        raise DataError(
            f"{draft.name}: {int(rows.sum()):,} of {len(rows):,} rows have missing values ({found}), expected a "
            "value in every row; fill them in, leave these columns out, or use --read missing=impute."
        )
    if draft.reading.missing == "drop":
        draft.keep(~rows)
        draft.leave_out("rows", [f"row {row + 1}" for row in np.flatnonzero(rows)], "a value is missing")
    elif draft.reading.missing is None:
        draft.warn(
            "missing-values",
            f"values are missing in {int(rows.sum()):,} of {len(rows):,} rows ({found}); numbers were filled in "
            "with the median of the training rows and marked, categories got one for missing",
            "say so (missing=impute), or leave these rows out (missing=drop)",
            Reading(missing="impute"),
        )


def fill_missing(draft: Draft, splits: np.ndarray) -> None:
    """Replace NaN in the inputs of a table, with an indicator of 0 and 1 for each such feature behind all others.

    A feature without a value in any training row gets 0.

    Args:
        draft: its inputs, features and category counts are changed; gets a clause.
        splits: (n,); only training rows are looked at.
    """
    gone = _missing(draft)
    if gone is None or not gone.any():
        return
    features = _features(draft)
    marked = [features[index] for index in np.flatnonzero(gone.any(axis=0)) if features[index].kind == "category"]
    if marked:
        draft.changed.append(f"missing values of {_few(marked)} are a category of their own")
    inputs = draft.inputs.copy()
    lacking = np.flatnonzero(np.isnan(inputs).any(axis=0)) if inputs.dtype.kind == "f" else np.empty(0, int)
    if not len(lacking):
        return
    gone = np.isnan(inputs[:, lacking])
    for index, where in zip(lacking, gone.T, strict=True):
        known = inputs[(splits == "train") & ~where, index]
        fill = float(np.median(known)) if len(known) else 0.0
        inputs[where, index] = fill
        features[index] = replace(features[index], fill=fill)
    draft.inputs = np.concatenate([inputs, gone.astype(inputs.dtype)], axis=1)
    draft.features = [*features, *(Feature(features[index].name + IS_MISSING, "indicator") for index in lacking)]
    if len(draft.category_counts):
        draft.category_counts = (*draft.category_counts, *(0 for _ in lacking))
    draft.changed.append(
        f"filled in {int(gone.sum()):,} missing values of {_few([features[i] for i in lacking])} with the median of "
        "the training rows, each marked by a feature of its own"
    )


def _missing(draft: Draft) -> np.ndarray | None:
    """Where a value is missing, bool (n, f); None where the inputs are no table."""
    if draft.modality is not Modality.TABULAR or draft.inputs.ndim != 2 or draft.inputs.dtype.kind not in "iufb":
        return None
    gone = np.isnan(draft.inputs) if draft.inputs.dtype.kind == "f" else np.zeros(draft.inputs.shape, bool)
    for index, feature in enumerate(draft.features):
        if feature.categories and feature.categories[-1] == MISSING_CATEGORY:
            gone[:, index] = draft.inputs[:, index] == len(feature.categories) - 1
    return gone


def _features(draft: Draft) -> list[Feature]:
    """Those of the draft, or such without a name of their own."""
    counts = draft.category_counts or (0,) * draft.inputs.shape[1]
    return list(draft.features) or [
        Feature(f"feature {index + 1}", "category" if count else "number") for index, count in enumerate(counts)
    ]


def _few(features: list[Feature]) -> str:
    names = ", ".join(repr(feature.name) for feature in features[:_NAMED])
    return names + (f" and {len(features) - _NAMED} more" if len(features) > _NAMED else "")
