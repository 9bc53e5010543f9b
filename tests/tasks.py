"""Tiny data sets of every task, learnable from a few samples."""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset


def tiny_task(task: Task, modality: Modality = Modality.IMAGE, n: int = 60) -> LabelledDataset:
    """Targets that follow the mean of a sample, or of each of its cells, in odd units."""
    rng = np.random.default_rng(0)
    shape = {Modality.SERIES: (2, 30), Modality.TABULAR: (7,), Modality.FIELD: (1, 8, 8)}.get(modality, (1, 8, 8))
    level = np.arange(n) % 6 - 2.5
    inputs = rng.normal(size=(n, *shape)) + level.reshape(n, *[1] * len(shape))
    targets, names = {
        Task.CLASSIFICATION: (level > 0, ["low", "high"]),
        Task.MULTILABEL: (np.stack([level > 0, level > 1, np.abs(level) < 1], axis=1), ["high", "top", "middle"]),
        Task.REGRESSION: (np.stack([300 + 40 * level, -level], axis=1), []),
        Task.DENSE: (inputs[:, :1] * 1e-3 + 5e-3, []),
    }[task]
    return make_dataset(f"tiny {task}", modality, inputs, targets, names, task=task)
