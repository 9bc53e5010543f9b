"""How good predictions are, on a whole split at once."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.model.crossmodal import CrossModalModel

_BATCH_SIZE = 256


@dataclass(frozen=True)
class Evaluation:
    """Metrics of one model on one split.

    Attributes:
        accuracy: share of rows named right.
        balanced_accuracy: mean over classes of the share named right.
        loss: mean cross-entropy in nats.
        n: rows.
    """

    accuracy: float
    balanced_accuracy: float
    loss: float
    n: int


def evaluate(model: CrossModalModel, dataset: LabelledDataset, split: str) -> Evaluation | None:
    """Evaluate on every row of a split; None where the split is empty."""
    rows = dataset.rows(split)
    if not len(rows):
        return None
    logits = predict(model, dataset, rows)
    targets = torch.from_numpy(dataset.targets[rows])
    right = (logits.argmax(dim=1) == targets).numpy()
    per_class = [right[dataset.targets[rows] == c].mean() for c in np.unique(dataset.targets[rows])]
    loss = float(F.cross_entropy(logits, targets))
    return Evaluation(float(right.mean()), float(np.mean(per_class)), loss, len(rows))


def predict(model: CrossModalModel, dataset: LabelledDataset, rows: np.ndarray) -> torch.Tensor:
    """Logits (n, n_classes) on the CPU."""
    inputs = model.embedder.prepare(dataset, rows)
    model.eval()
    with torch.inference_mode():
        return torch.cat([model(batch.to(model.device)).cpu() for batch in inputs.split(_BATCH_SIZE)])
