"""A score row by row: values (n,) whose mean is the score of a split, so that its rows can be resampled.

Accuracy and relative error are means over rows already. Others are written as one by their influence function: the
value of row i is the score plus n times its derivative by the weight of the row. The mean of the influences is zero,
and their variance over n is that of the score over draws of rows, to first order.

Reference: Efron 1982, The jackknife, the bootstrap and other resampling plans, chapter 6 (infinitesimal jackknife);
with the leave-one-out jackknife these are the pseudo-values of Dorfman, Berbaum and Metz, Invest. Radiol. 27, 1992.
"""

from collections.abc import Callable, Mapping

import numpy as np
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.targets import IGNORED
from xmodal_core.evaluation import least_norm


class RowJudge:
    """Takes what a network said of rows, batch by batch, and keeps of it what their values need.

    Args:
        dataset: what it was trained on.
    """

    def __init__(self, dataset: LabelledDataset) -> None:
        self._dataset = dataset
        self._rows: list[np.ndarray] = []
        self._kept: list[np.ndarray] = []

    def add(self, rows: np.ndarray, outputs: Tensor) -> None:
        """Row numbers (b,) and outputs (b, n_outputs, ...): logits, or numbers in standard units."""
        self._rows.append(rows)
        self._kept.append(_KEPT[self._dataset.task](self._dataset, rows, outputs.numpy()))

    def values(self) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers (n,) and what each scored (n,), float64; at least one row was added."""
        rows = np.concatenate(self._rows)
        return rows, _VALUES[self._dataset.task](self._dataset.targets[rows], np.concatenate(self._kept))


def average_precision_by_row(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Average precision plus each row's influence on it, (n,); see `average_precision`.

    AP is the mean over positives p of TP(p) / N(p), counted to the end of p's run of equal scores. By the weight of row
    i it changes by what i adds as a positive itself, and by what it adds to the counts of every p not before it.

    Args:
        scores: (n,) higher for more likely positives.
        positive: (n,) bool with at least one True.
    """
    order = np.argsort(-scores, kind="stable")
    hit = positive[order].astype(np.float64)
    run = np.concatenate([[0], np.cumsum(np.diff(scores[order]) != 0)])  # number of the run of equal scores
    last = np.append(np.flatnonzero(np.diff(run)), len(run) - 1)
    hits, asked = np.cumsum(hit)[last], last + 1.0
    gained = np.diff(hits, prepend=0.0)  # positives in each run
    ap = float((gained * hits / asked).sum() / hits[-1])
    # over this run and those behind it, of each positive there: 1 / N, and TP / N squared
    true, all_ = (np.cumsum((gained * part)[::-1])[::-1] for part in (1 / asked, hits / asked**2))
    change = hit * ((hits / asked)[run] - ap) + hit * true[run] - all_[run]
    values = np.empty(len(hit))
    values[order] = ap + len(hit) * change / hits[-1]
    return values


def _right(dataset: LabelledDataset, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return (outputs.argmax(axis=1) == dataset.targets[rows]).astype(np.float64)


def _as_it_is(_: LabelledDataset, __: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return outputs


def _numbers(dataset: LabelledDataset, _: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return dataset.target_scale.undo(outputs.astype(np.float64))


def _off(dataset: LabelledDataset, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Size of the error of a field, (b,)."""
    wanted = dataset.targets[rows].reshape(len(rows), -1).astype(np.float64)
    return np.asarray(np.linalg.norm(_numbers(dataset, rows, outputs).reshape(wanted.shape) - wanted, axis=1))


def _cells(dataset: LabelledDataset, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Cells with a class, and those of them that are named right, (b, 2)."""
    wanted = dataset.targets[rows].reshape(len(rows), -1)
    real = wanted != IGNORED
    right = (outputs.argmax(axis=1).reshape(wanted.shape) == wanted) & real
    return np.stack([real.sum(axis=1), right.sum(axis=1)], axis=1).astype(np.float64)


def _themselves(_: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return kept


def _precision(targets: np.ndarray, logits: np.ndarray) -> np.ndarray:
    labels = np.flatnonzero(targets.any(axis=0))
    if not len(labels):
        return np.zeros(len(targets))
    return np.mean([average_precision_by_row(logits[:, j], targets[:, j] == 1) for j in labels], axis=0)


def _explained(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """R^2 of each output plus influences, averaged: 1 - E / V, with E and V means over rows."""
    error = (predicted - targets) ** 2
    spread = (targets - targets.mean(axis=0, dtype=np.float64)) ** 2
    e, v = error.mean(axis=0), spread.mean(axis=0)
    varies = v > 0
    size = np.where(varies, v, 1.0)
    influence = np.where(varies, (e * spread / size - error) / size, 0.0)  # E's and V's own influences cancel
    return np.asarray((np.where(varies, 1 - e / size, e == 0) + influence).mean(axis=1))


def _relative(targets: np.ndarray, off: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(targets.reshape(len(targets), -1).astype(np.float64), axis=1)
    return -off / np.maximum(norms, least_norm(norms))


def _share_of_cells(_: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """A ratio of two sums: right cells over cells."""
    cells, right = counted.T
    if not cells.any():
        return np.zeros(len(cells))
    share = right.sum() / cells.sum()
    return np.asarray(share + (right - share * cells) / cells.mean())


_KEPT: Mapping[Task, Callable[[LabelledDataset, np.ndarray, np.ndarray], np.ndarray]] = {
    Task.CLASSIFICATION: _right,
    Task.MULTILABEL: _as_it_is,
    Task.REGRESSION: _numbers,
    Task.DENSE: _off,
    Task.SEGMENTATION: _cells,
}
_VALUES: Mapping[Task, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    Task.CLASSIFICATION: _themselves,
    Task.MULTILABEL: _precision,
    Task.REGRESSION: _explained,
    Task.DENSE: _relative,
    Task.SEGMENTATION: _share_of_cells,
}
