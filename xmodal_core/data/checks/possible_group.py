"""A feature that may say which rows belong together: rows of one value lie side by side and have one class."""

import numpy as np

from xmodal_core.data.checks.few import feature_name, kept_as_features
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading

_FEWEST = 10  # groups
_ROWS = (2, 50)  # of a group, on average
_PER_CLASS = 3  # more groups than so many times the classes: fewer are another name of the class


def check_possible_group(draft: Draft, data: LabelledDataset) -> None:
    """Warn of features of a table that are numbers or names of subjects by their values alone."""
    if data.modality is not Modality.TABULAR or data.task is not Task.CLASSIFICATION or not draft.features:
        return
    if draft.groups is not None:
        return
    told = {one.mends.group for one in draft.warnings if one.code == "possible-group" and one.mends is not None}
    kept = kept_as_features(draft) | {name for name in told if name is not None}
    for index in range(len(draft.features)):
        name, values = feature_name(draft, index), data.inputs[:, index]
        if name in kept or not _are_groups(values, data.targets, data.n_classes):
            continue
        n = len(np.unique(values))
        draft.warn(
            "possible-group",
            f"each of {n:,} values of {name!r} has its {len(data) / n:.0f} rows side by side in the file, all of "
            "one class",
            "keep rows of one value in one split, or say that it is a number or a category",
            Reading(group=name),
        )


def _are_groups(values: np.ndarray, targets: np.ndarray, n_classes: int) -> bool:
    if (values[:100] != np.floor(values[:100])).any():
        return False
    starts = np.flatnonzero(np.diff(values)) + 1
    n = len(starts) + 1
    if n < max(_FEWEST, _PER_CLASS * n_classes + 1) or not _ROWS[0] <= len(values) / n <= _ROWS[1]:
        return False
    inside = np.diff(targets) != 0
    inside[starts - 1] = False  # from one group to the next the class may change
    return not inside.any() and len(np.unique(values)) == n
