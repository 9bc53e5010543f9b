"""A table and its draft, for tests of single checks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution, Feature


def warnings(
    check: Callable[[Draft, LabelledDataset], None],
    inputs: np.ndarray,
    targets: Sequence[Any] | np.ndarray,
    *,
    names: Sequence[str] = (),
    splits: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    task: Task = Task.CLASSIFICATION,
    modality: Modality = Modality.TABULAR,
    **said: Any,
) -> list[Caution]:
    """What a check has to say about samples with names "a", "b" ... of classes unless others are given."""
    inputs, targets = np.asarray(inputs), np.asarray(targets)
    classes = [f"c{i}" for i in range(int(targets.max()) + 1)] if task is Task.CLASSIFICATION else []
    data = make_dataset("t", modality, inputs, targets, classes, splits=splits, task=task, groups=groups)
    features = []
    if modality is Modality.TABULAR:
        features = [Feature(name, "number") for name in (names or "abcdefghij"[: inputs.shape[1]])]
    draft = Draft("t", "t", Reading(**said), "f", modality, "", data.inputs, targets, features=features)
    draft.splits, draft.groups, draft.group = splits, groups, "who" if groups is not None else ""
    check(draft, data)
    return draft.warnings
