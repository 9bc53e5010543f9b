"""Features of a table that hardly change."""

import numpy as np

from xmodal_core.data.checks.few import few, kept_as_features
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading

_FEWEST = 100  # rows; of fewer a rare value is no wonder
_RARE = 0.001  # share of rows that differ


def check_near_constant(draft: Draft, data: LabelledDataset) -> None:
    """Tell of features that are the same in every row, and warn of such as differ in at most one row of a thousand."""
    if data.modality is not Modality.TABULAR or not draft.features:
        return
    constant, near = [], []
    for index, feature in enumerate(draft.features):
        differ = _n_that_differ(data.inputs[:, index])
        if not differ:
            constant.append(feature.name)
        elif differ <= max(1, _RARE * len(data)) and feature.kind != "indicator" and len(data) >= _FEWEST:
            near.append(feature.name)
    if constant:
        draft.changed.append(f"{few(constant)} {'is' if len(constant) == 1 else 'are'} the same in every row")
    near = [name for name in near if name not in kept_as_features(draft)]
    if near:
        draft.warn(
            "near-constant",
            f"{few(near)} {'has' if len(near) == 1 else 'have'} one value in all but "
            f"{max(1, int(_RARE * len(data))):,} of {len(data):,} rows at the most",
            "leave out what hardly changes, or say that it is a number or a category",
            Reading(drop=tuple(near)),
        )


def _n_that_differ(values: np.ndarray) -> int:
    """Rows that do not have the middle value, which is the most frequent one where it has more than half."""
    middle = np.partition(values, len(values) // 2)[len(values) // 2]
    return int((values != middle).sum())
