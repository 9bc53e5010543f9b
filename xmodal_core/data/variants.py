"""The same data set with fewer training rows, or with its training labels dealt out at random."""

from dataclasses import replace

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, stratified_rows
from xmodal_core.errors import SettingsError


def with_train_rows(dataset: LabelledDataset, n: int, seed: int) -> LabelledDataset:
    """Keep n training rows, classes in proportion, and every validation and test row.

    Raises:
        SettingsError: there are fewer than n training rows.
    """
    train = dataset.rows("train")
    if n > len(train):
        raise SettingsError(
            f"train_rows is {n}, but {dataset.name} has {len(train)} training rows; ask for {len(train)} at most."
        )
    kept = train[stratified_rows(dataset.strata[train], n, seed)]
    rows = np.sort(np.concatenate([kept, dataset.rows("val", "test")]))
    return replace(
        dataset,
        inputs=dataset.inputs[rows],
        targets=dataset.targets[rows],
        splits=dataset.splits[rows],
        uid=dataset.uid[rows],
        groups=None if dataset.groups is None else dataset.groups[rows],
    )


def with_shuffled_labels(dataset: LabelledDataset, seed: int) -> LabelledDataset:
    """Deal the targets of the training rows out among them: what training does to a body when nothing can be learnt."""
    targets, train = dataset.targets.copy(), dataset.rows("train")
    targets[train] = targets[np.random.default_rng(seed).permutation(train)]
    return replace(dataset, targets=targets)
