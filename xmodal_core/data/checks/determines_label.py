"""A feature that alone tells the label while the others do not come near: its name, its code, or what came of it."""

import numpy as np

from xmodal_core.data.checks.few import feature_name, few, kept_as_features
from xmodal_core.data.checks.single_feature import correlations, learned_alone
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading

_TELLS = 0.995  # share of rows, or correlation with a number to predict
_COMES_NEAR = 0.95  # what the middle one of the other features stays below
_FEWEST = 50  # rows; of fewer all may be told by chance


def check_determines_label(draft: Draft, data: LabelledDataset) -> None:
    """Warn of features of a table that give the label away.

    Where half of the features tell it, it is an easy question and not a leak.
    """
    alone = _alone(data)
    telling = [index for index, share in alone.items() if share >= _TELLS]
    others = [share for share in alone.values() if share < _TELLS]
    if not telling or len(telling) > len(others) or np.median(others) >= _COMES_NEAR:
        return
    kept = kept_as_features(draft)
    telling = [index for index in telling if feature_name(draft, index) not in kept]
    if not telling:
        return
    names = [feature_name(draft, index) for index in telling]
    least = min(alone[index] for index in telling)
    if data.task is Task.CLASSIFICATION:
        found = f"alone the class of {least:.1%} of rows can be told, from the next feature {max(others):.1%}"
    else:
        found = (
            f"alone the target can be told, with a correlation of {least:.4f}, of the next feature {max(others):.2f}"
        )
    draft.warn(
        "determines-label",
        f"from {few(names)} {found}, which may give the label away",
        "leave out what is not known before the label is, or say that it is a number or a category to keep it",
        Reading(drop=tuple(names)) if draft.features else None,
    )


def _alone(data: LabelledDataset) -> dict[int, float]:
    """How well each feature of a table tells the target; empty where that is not asked."""
    if data.modality is not Modality.TABULAR or data.inputs.shape[1] < 2 or len(data) < _FEWEST:
        return {}
    if data.task is Task.CLASSIFICATION:
        return learned_alone(data)
    if data.task is Task.REGRESSION and data.n_outputs == 1:
        return dict(enumerate(correlations(data).tolist()))
    return {}
