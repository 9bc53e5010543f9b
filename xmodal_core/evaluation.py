"""How good predictions are, on a whole split at once, and the loss that each task is trained with."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset, Samples, Task
from xmodal_core.data.targets import IGNORED
from xmodal_core.losses import Loss, relative_l2, weighted_labels
from xmodal_core.model.crossmodal import CrossModalModel
from xmodal_core.scores import SCORES, Evaluation

BATCH_SIZE = 256
_TINY_NORM = 1e-6  # least norm of a target, as a share of the split's typical one, that an error is divided by


def task_loss(dataset: LabelledDataset, field_loss: str = "squared", positive_weight: float = 1.0) -> Loss:
    """Mean loss of (outputs, targets), targets as `target_tensor` gives them.

    Cross-entropy of a sample, or of its cells without the ignored ones; binary cross-entropy per label; or the squared
    error in standard units. Each is a mean over rows, so that a batch may be worked through in parts: the cross-entropy
    of cells is divided by the cells with a class that a training row has on average.

    Args:
        dataset: whose task, target units and training rows it is made from.
        field_loss: of a dense target, one of `FIELD_LOSSES`; `relative_l2` is in target units.
        positive_weight: of a multi-label target; see `weighted_labels`.

    Differs: ORCA weights the positives of multi-label sets (4 or 10) and trains fields on their relative L2 error;
    here both are settings of the methods, off by default.
    """
    if dataset.task is Task.DENSE and field_loss == "relative_l2":
        return relative_l2(dataset)
    if dataset.task is Task.MULTILABEL and positive_weight != 1:
        return weighted_labels(dataset, positive_weight)
    if dataset.task is Task.SEGMENTATION:
        cells_per_row = float(dataset.train_cells.sum() / len(dataset.rows("train")))
        return lambda logits, targets: _cell_loss(logits, targets, len(targets) * cells_per_row)
    losses: dict[Task, Loss] = {
        Task.CLASSIFICATION: F.cross_entropy,
        Task.MULTILABEL: F.binary_cross_entropy_with_logits,
        Task.REGRESSION: F.mse_loss,
        Task.DENSE: F.mse_loss,
    }
    return losses[dataset.task]


def _cell_loss(logits: Tensor, targets: Tensor, n_cells: float) -> Tensor:
    """Cross-entropy of logits (b, K, ...) and classes (b, ...), summed over cells and divided by so many."""
    return F.cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum") / n_cells


def target_tensor(dataset: LabelledDataset, rows: np.ndarray) -> Tensor:
    """What the outputs of these rows are compared with: classes, 0 and 1, or numbers in standard units."""
    targets = dataset.targets[rows]
    if dataset.task in (Task.REGRESSION, Task.DENSE):
        targets = dataset.target_scale.apply(targets)
    return torch.from_numpy(targets)


def sampled_rows(dataset: LabelledDataset, split: str, most: int) -> np.ndarray:
    """Every row of a split, or the same random `most` of them each time."""
    rows = dataset.rows(split)
    return rows if len(rows) <= most else np.sort(np.random.default_rng(0).permutation(rows)[:most])


def evaluate(
    model: CrossModalModel, dataset: LabelledDataset, split: str, most: int | None = None
) -> Evaluation | None:
    """Evaluate on every row of a split, or on `sampled_rows`; None where the split is empty."""
    rows = dataset.rows(split) if most is None else sampled_rows(dataset, split, most)
    return score_batches(dataset, ((batch, predict(model, dataset, batch)) for batch in batches(rows)))


def batches(rows: np.ndarray) -> list[np.ndarray]:
    """Rows (n,) in the parts that a network is asked about; none without rows."""
    return [rows[start : start + BATCH_SIZE] for start in range(0, len(rows), BATCH_SIZE)]


def score_batches(dataset: LabelledDataset, told: Iterable[tuple[np.ndarray, Tensor]]) -> Evaluation | None:
    """Metrics over batches of rows with what a model said of them, (b,) and (b, n_outputs, ...); None without any."""
    if dataset.task is Task.SEGMENTATION:
        # logits of every class in every cell of a split may not fit into memory
        counted = [_CellCounts.of(outputs, target_tensor(dataset, rows)) for rows, outputs in told]
        return reduce(_CellCounts.__add__, counted).scored(dataset) if counted else None
    parts = list(told)
    if not parts:
        return None
    return score_outputs(torch.cat([outputs for _, outputs in parts]), dataset, np.concatenate([r for r, _ in parts]))


def score_outputs(outputs: Tensor, dataset: LabelledDataset, rows: np.ndarray) -> Evaluation:
    """Metrics of outputs (n, ...) that some model gave for these rows: logits, or numbers in standard units."""
    targets = target_tensor(dataset, rows)
    if dataset.task is Task.SEGMENTATION:
        return _CellCounts.of(outputs, targets).scored(dataset)
    loss = float(task_loss(dataset)(outputs, targets))
    score = {
        Task.CLASSIFICATION: _classes,
        Task.MULTILABEL: _labels,
        Task.REGRESSION: _numbers,
        Task.DENSE: _fields,
    }[dataset.task]
    predicted = outputs.numpy()
    if dataset.task in (Task.REGRESSION, Task.DENSE):
        predicted = dataset.target_scale.undo(predicted.astype(np.float64))
    value, metrics = score(predicted, dataset.targets[rows])
    return Evaluation(value, SCORES[dataset.task].name, loss, len(rows), **metrics)


def predict(model: CrossModalModel, dataset: Samples, rows: np.ndarray) -> Tensor:
    """Outputs (n, n_outputs, ...) on the CPU: logits, or numbers in standard units."""
    inputs = model.embedder.prepare(dataset, rows)
    model.eval()
    with torch.inference_mode():
        return torch.cat([model(batch.to(model.device)).cpu() for batch in inputs.split(BATCH_SIZE)])


def average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    """Precision at every rank that gains recall, weighted by the gain; equal scores are one rank.

    Args:
        scores: (n,) higher for more likely positives.
        positive: (n,) bool with at least one True.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)  # the end of each run of equal scores
    hits, asked = np.cumsum(positive[order])[last], np.flatnonzero(last) + 1
    return float((np.diff(hits, prepend=0) * hits / asked).sum() / positive.sum())


def least_norm(norms: np.ndarray) -> float:
    """What the error of a field is divided by at least, where its target is next to nothing; norms (n,) of a split."""
    return max(_TINY_NORM * float(np.sqrt((norms**2).mean())), 1e-30)


_Scored = tuple[float, dict[str, float]]  # the score, and every metric of the task


def _classes(logits: np.ndarray, targets: np.ndarray) -> _Scored:
    right = logits.argmax(axis=1) == targets
    per_class = [right[targets == c].mean() for c in np.unique(targets)]
    metrics = {"accuracy": float(right.mean()), "balanced_accuracy": float(np.mean(per_class))}
    return metrics["accuracy"], metrics


def _labels(logits: np.ndarray, targets: np.ndarray) -> _Scored:
    occurring = np.flatnonzero(targets.any(axis=0))
    logits, positive = logits[:, occurring], targets[:, occurring] == 1
    precision = np.array([average_precision(logits[:, j], positive[:, j]) for j in range(len(occurring))])
    named = logits > 0
    f1 = 2 * (named & positive).sum(axis=0) / (named.sum(axis=0) + positive.sum(axis=0))
    # a split without any positive has nothing to find
    found, balance = (float(values.mean()) if len(occurring) else 0.0 for values in (precision, f1))
    return found, {"mean_average_precision": found, "macro_f1": balance}


def _numbers(predicted: np.ndarray, targets: np.ndarray) -> _Scored:
    error = ((predicted - targets) ** 2).sum(axis=0)
    spread = ((targets - targets.mean(axis=0, dtype=np.float64)) ** 2).sum(axis=0)
    # an output that does not vary in this split leaves nothing to explain: 0, or 1 where it is met exactly
    r2 = float(np.where(spread > 0, 1 - error / np.where(spread > 0, spread, 1), error == 0).mean())
    return r2, {"r2": r2, "rmse": float(np.sqrt(error.mean() / len(targets)))}


def _fields(predicted: np.ndarray, targets: np.ndarray) -> _Scored:
    flat = targets.reshape(len(targets), -1).astype(np.float64)
    norms = np.linalg.norm(flat, axis=1)
    relative = np.linalg.norm(predicted.reshape(flat.shape) - flat, axis=1) / np.maximum(norms, least_norm(norms))
    return -float(relative.mean()), {"relative_l2": float(relative.mean())}


@dataclass(frozen=True, eq=False)
class _CellCounts:
    """What classes of cells were named, enough for every metric; counts of several batches add up.

    Attributes:
        confusion: cells by class and by what they were named, (K, K) int64; ignored ones left out.
        loss: summed cross-entropy of these cells, nats.
        n_rows: rows, whether or not a cell of theirs has a class.
    """

    confusion: np.ndarray
    loss: float
    n_rows: int

    @classmethod
    def of(cls, logits: Tensor, targets: Tensor) -> "_CellCounts":
        """Count logits (n, K, ...) against classes (n, ...)."""
        real, k = targets != IGNORED, logits.shape[1]
        pairs = (targets[real] * k + logits.argmax(dim=1)[real]).numpy()
        return cls(
            np.bincount(pairs, minlength=k * k).reshape(k, k), float(_cell_loss(logits, targets, 1.0)), len(real)
        )

    def __add__(self, other: "_CellCounts") -> "_CellCounts":
        return _CellCounts(self.confusion + other.confusion, self.loss + other.loss, self.n_rows + other.n_rows)

    def scored(self, dataset: LabelledDataset) -> Evaluation:
        """Every metric; rows without any class have nothing to find."""
        of_class, named, right = self.confusion.sum(axis=1), self.confusion.sum(axis=0), self.confusion.diagonal()
        n_cells, occurring = max(int(of_class.sum()), 1), of_class > 0
        f1 = 2 * right[occurring] / (of_class + named)[occurring]
        accuracy = float(right.sum() / n_cells)
        return Evaluation(
            accuracy,
            SCORES[dataset.task].name,
            self.loss / n_cells,
            self.n_rows,
            accuracy=accuracy,
            macro_f1=float(f1.mean()) if occurring.any() else 0.0,
            majority_accuracy=float(of_class[dataset.train_cells.argmax()] / n_cells),
        )
