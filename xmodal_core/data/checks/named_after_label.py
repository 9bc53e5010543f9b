"""A feature that by its name was made from the label: a prediction of it, or one for a class, such as p_oak."""

import numpy as np

from xmodal_core.data.checks.few import few, kept_as_features
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.name_words import words_of
from xmodal_core.data.reading import Reading

_PREDICTED = {"pred", "preds", "predicted", "prediction", "predictions", "yhat", "hat", "logit", "logits"}
_BESIDES = {"y", "label", "class", "target", "model", "score", "id", "prob", "proba", "probability", "true", "my"}
_TELLS = 0.95  # of pairs of a row of the class and one of another, the former has the higher value
_FEWEST = 50  # rows
_SHORTEST = 2  # letters of the name of a class


def check_named_after_label(draft: Draft, data: LabelledDataset) -> None:
    """Warn of predictions of the label, and of features that are called after a class and tell it."""
    if data.modality is not Modality.TABULAR or not draft.features:
        return
    told = {name for one in draft.warnings if one.mends is not None for name in one.mends.drop or ()}
    known = kept_as_features(draft) | told
    own = {index: feature.name for index, feature in enumerate(draft.features) if feature.name not in known}
    predicted = [name for name in own.values() if _is_prediction(name, draft.label)]
    after = [name for index, name in own.items() if name not in predicted and _is_after_class(data, index, name)]
    for names, why in ((predicted, "predicted from the label"), (after, "made for one class, which it tells")):
        if names:
            draft.warn(
                "determines-label",
                f"by its name each of {few(names)} was {why}, and may give the label away",
                "leave out what is not known before the label is, or say that it is a number or a category to keep it",
                Reading(drop=tuple(names)),
            )


def _is_prediction(name: str, label: str) -> bool:
    words = set(words_of(name))
    return bool(words & _PREDICTED) and words <= _PREDICTED | _BESIDES | set(words_of(label))


def _is_after_class(data: LabelledDataset, index: int, name: str) -> bool:
    """Whether the name has that of a class in it and more, and higher or lower values are those of the class."""
    if data.task is not Task.CLASSIFICATION or len(data) < _FEWEST:
        return False
    words = words_of(name)
    for code, label in enumerate(data.class_names):
        wanted = words_of(label)
        if len("".join(wanted)) < _SHORTEST or "".join(wanted).isdigit() or len(wanted) >= len(words):
            continue
        places = range(len(words) - len(wanted) + 1)
        if any(words[at : at + len(wanted)] == wanted for at in places) and _area(data, index, code) >= _TELLS:
            return True
    return False


def _area(data: LabelledDataset, index: int, code: int) -> float:
    """Share of pairs of a row of this class and one of another where the former is higher; ties count half."""
    own = data.targets == code
    _, places, counts = np.unique(data.inputs[:, index], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places.reshape(-1)]  # from 1, the middle one of those that tie
    n_own, n_other = int(own.sum()), int((~own).sum())
    if not n_own or not n_other:
        return 0.0
    area = (float(ranks[own].sum()) - n_own * (n_own + 1) / 2) / (n_own * n_other)
    return max(area, 1 - area)
