"""Losses that a field or rare labels may be trained on instead of the usual ones; see `evaluation.task_loss`."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset

FIELD_LOSSES = ("squared", "relative_l2")
BALANCED = 0.0  # a weight of positives that asks for each label's own
_LEAST_NORM = 0.01  # a field whose norm is below this share of the typical one is not divided by its own
_MOST_BALANCED = 100.0

Loss = Callable[[Tensor, Tensor], Tensor]


def relative_l2(dataset: LabelledDataset) -> Loss:
    """Mean over rows of |output - target| / |target| in target units, the measure that fields are scored by.

    Outputs and targets (b, outputs, ...) come in standard units.

    Reference: the loss of Li et al., Fourier Neural Operator, ICLR 2021, which ORCA and PaRe train fields on.

    Differs: a mean over the batch, where these add; a norm below a hundredth of the training rows' root mean square
    counts as that, so that a field of next to nothing does not outweigh all others.
    """
    scale = dataset.target_scale
    unit = float(max(np.abs(scale.scale).max(), np.abs(scale.shift).max()))  # squares neither overflow nor vanish
    factor, shift = torch.from_numpy(scale.scale / unit), torch.from_numpy(scale.shift / unit)
    fields = dataset.targets[dataset.rows("train")].astype(np.float64) / unit
    typical = float(np.sqrt((fields**2).sum() / max(len(fields), 1)))
    least = max(_LEAST_NORM * typical, float(np.finfo(np.float32).tiny))

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        by = factor.to(outputs.device)
        error = ((outputs - targets).float() * by).flatten(1)  # (b, outputs x cells)
        fields = (targets.float() * by + shift.to(outputs.device)).flatten(1)
        return (error.norm(dim=1) / fields.norm(dim=1).clamp_min(least)).mean()

    return loss


def weighted_labels(dataset: LabelledDataset, weight: float) -> Loss:
    """Binary cross-entropy per label of logits (b, labels), positives counted `weight` times, as ORCA has it (4 or 10).

    A weight of `BALANCED` gives each label its negatives over its positives among the training rows, 100 at most, and
    1 to a label without any.
    """
    weights = torch.full((dataset.n_outputs,), weight)
    if weight == BALANCED:
        named = dataset.targets[dataset.rows("train")]
        positives = (named == 1).sum(axis=0)
        odds = np.where(positives > 0, (len(named) - positives) / np.maximum(positives, 1), 1.0)
        weights = torch.from_numpy(np.minimum(odds, _MOST_BALANCED).astype(np.float32))
    return lambda logits, targets: F.binary_cross_entropy_with_logits(
        logits, targets, pos_weight=weights.to(logits.device)
    )
