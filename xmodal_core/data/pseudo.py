"""Pseudo-labels: classes for targets that are none, so that label-aware distances work on every task.

Reference: ORCA (Shen et al., ICML 2023) and its released code, which clusters the label vectors into ten groups.

Differs: numbers are standardised per output and wide targets reduced to their leading components first, the
clusters are learned on training rows with a seed, and a cluster of a single row joins its nearest neighbour. Classes
of cells are no numbers: what is clustered is the share of every class in each part of a sample.
"""

from dataclasses import replace

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.targets import class_cells

N_CLUSTERS = 10
_MAX_DIMENSIONS = 32  # of the space in which wide targets are clustered
_PARTS = {1: 8, 2: 4}  # parts along each axis in which classes of cells are counted, by number of axes


def pseudo_labels(dataset: LabelledDataset, k: int = N_CLUSTERS, seed: int = 0) -> np.ndarray:
    """Class per row (n,) int64: the classes themselves, or k-means clusters of the targets learned on training rows.

    Args:
        dataset: any task.
        k: clusters wanted; there are fewer where the targets have fewer different values.
        seed: of the clustering.

    Returns:
        Codes from 0 without gaps; clusters of a scalar target are numbered from its smallest values up.
    """
    if dataset.task is Task.CLASSIFICATION:
        return dataset.targets
    from sklearn.cluster import KMeans

    points, train = _points(dataset, seed), dataset.rows("train")
    k = min(k, len(np.unique(points[train], axis=0)))
    fitted = KMeans(max(k, 1), n_init=4, random_state=seed).fit(points[train])
    order = np.lexsort(fitted.cluster_centers_.T[::-1])
    return _without_lonely(fitted.transform(points)[:, order])


def pseudo_classified(dataset: LabelledDataset, k: int = N_CLUSTERS, seed: int = 0) -> LabelledDataset:
    """The same samples as a classification data set: unchanged if it is one, else with its pseudo-labels as classes.

    Raises:
        DataError: the targets fall into a single cluster.
    """
    if dataset.task is Task.CLASSIFICATION:
        return dataset
    labels = pseudo_labels(dataset, k, seed)
    names = tuple(f"target cluster {i + 1}" for i in range(int(labels.max()) + 1))
    return replace(dataset, task=Task.CLASSIFICATION, targets=labels, class_names=names)


def describe_labels(dataset: LabelledDataset, labels: np.ndarray) -> str:
    """One line on where class labels come from: empty for true classes."""
    if dataset.task is Task.CLASSIFICATION:
        return ""
    return f"pseudo-labels: {len(np.unique(labels))} k-means clusters of the {dataset.task} targets"


def _points(dataset: LabelledDataset, seed: int) -> np.ndarray:
    """Targets as (n, d) float64 points with d at most `_MAX_DIMENSIONS`."""
    if dataset.task is Task.SEGMENTATION:
        values = _class_shares(dataset)
    else:
        values = dataset.targets if dataset.task is Task.MULTILABEL else dataset.target_scale.apply(dataset.targets)
    points: np.ndarray = values.reshape(len(values), -1).astype(np.float64)
    train = dataset.rows("train")
    if points.shape[1] > _MAX_DIMENSIONS < len(train):
        from sklearn.decomposition import PCA

        reduce = PCA(_MAX_DIMENSIONS, svd_solver="randomized", random_state=seed).fit(points[train])
        points = reduce.transform(points)
    return points


def _class_shares(dataset: LabelledDataset) -> np.ndarray:
    """Share of each class among the cells of each part of a sample, (n, parts, K); 0 where a part has no class."""
    axes = dataset.targets.ndim - 1
    parts = [dataset.targets]
    for axis in range(1, axes + 1):
        parts = [piece for part in parts for piece in np.array_split(part, _PARTS[axes], axis) if piece.size]
    counts = np.stack([class_cells(part, dataset.n_classes) for part in parts], axis=1)  # (n, parts, K)
    return counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)


def _without_lonely(distances: np.ndarray) -> np.ndarray:
    """Nearest centre per row, after centres that attract a single row, or none, have been taken away."""
    kept = np.arange(distances.shape[1])
    while True:
        labels = distances[:, kept].argmin(axis=1)
        counts = np.bincount(labels, minlength=len(kept))
        if counts.min() >= 2 or len(kept) == 1:
            return labels.astype(np.int64)
        kept = np.delete(kept, counts.argmin())
