"""A feature of a table that only counts its rows."""

import numpy as np

from xmodal_core.data.checks.few import feature_name, kept_as_features
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading

_FEWEST = 10
_GAPS = 2.0  # a counter may have lost every second row
_SHUFFLED_FROM = 30  # rows; fewer numbers without a repeat may be chance


def check_row_numbers(draft: Draft, data: LabelledDataset) -> None:
    """Warn of a feature of whole numbers without a repeat that rise with the rows, or lie as close as they can."""
    if data.modality is not Modality.TABULAR or len(data) < _FEWEST:
        return
    kept = kept_as_features(draft)
    for index in range(draft.inputs.shape[1]):
        counts = draft.category_counts[index] if any(draft.category_counts) else 0
        name = feature_name(draft, index)
        is_date = bool(draft.features) and draft.features[index].kind == "date"
        if counts or is_date or name in kept or not _counts(draft.inputs[:, index]):
            continue
        draft.warn(
            "row-numbers",
            f"{name!r} counts the rows: {len(data):,} different whole numbers in as many rows",
            "leave it out if it only counts, or say that it is a number",
            Reading(drop=(name,)) if draft.features else None,
        )


def _counts(values: np.ndarray) -> bool:
    if values.dtype.kind == "f" and (values[:_FEWEST] != np.floor(values[:_FEWEST])).any():
        return False
    ordered = np.sort(values.astype(np.float64))
    if not (np.diff(ordered) > 0).all() or (ordered != np.floor(ordered)).any():
        return False
    is_close = ordered[-1] - ordered[0] + 1 <= _GAPS * len(ordered)
    rises = bool((np.diff(values.astype(np.float64)) > 0).all())
    return is_close and (rises or len(values) >= _SHUFFLED_FROM)
