"""Features of 0 and 1 with a common beginning of their names that together spell the label."""

import numpy as np

from xmodal_core.data.checks.few import few, kept_as_features
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading

_TELLS = 0.995  # share of rows
_MARKS = "_-. :="
_ANSWERS = (("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"))  # categories of code 0 and 1


def check_one_hot_label(draft: Draft, data: LabelledDataset) -> None:
    """Warn where siblings such as is_ash, is_birch and is_cedar say the class, each of them only a part of it."""
    if data.modality is not Modality.TABULAR or data.task is not Task.CLASSIFICATION or not draft.features:
        return
    kept = kept_as_features(draft)
    for members in _siblings(draft, data):
        names = [draft.features[index].name for index in members]
        patterns, codes = np.unique(data.inputs[:, members], axis=0, return_inverse=True)
        if len(patterns) > 2 * data.n_classes or kept & set(names) or len(members) > data.n_classes:
            continue
        votes = np.zeros((len(patterns), data.n_classes))
        np.add.at(votes, (codes.reshape(-1), data.targets), 1)
        if votes.max(axis=1).sum() >= _TELLS * len(data):
            draft.warn(
                "one-hot-label",
                f"{len(members)} columns of 0 and 1 ({few(names)}) together say the class of "
                f"{votes.max(axis=1).sum() / len(data):.1%} of rows",
                "leave them out, or read them as the label (label=A+B)",
                Reading(drop=tuple(names)),
            )


def _siblings(draft: Draft, data: LabelledDataset) -> list[list[int]]:
    """Indices of two or more features of 0 and 1, never two of them 1, whose names begin alike."""
    by_start: dict[str, list[int]] = {}
    for index, feature in enumerate(draft.features):
        at = min((feature.name.find(mark) for mark in _MARKS if mark in feature.name), default=-1)
        is_answer = tuple(word.lower() for word in feature.categories) in _ANSWERS
        if at > 0 and (feature.kind == "number" or is_answer) and np.isin(data.inputs[:, index], (0, 1)).all():
            by_start.setdefault(feature.name[:at], []).append(index)
    groups = [members for members in by_start.values() if len(members) > 1]
    return [members for members in groups if (data.inputs[:, members].sum(axis=1) <= 1).all()]
