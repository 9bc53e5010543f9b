"""The label-free objective: one debiased Sinkhorn divergence between both clouds, whatever the labels are.

L = S_eps(source, target) with the cost |x-x'|^2/2. RECRAFT's released feature alignment calls OTDD with one dummy label
on either side, which adds a constant and no gradient.

Reference: Feydy et al., AISTATS 2019 (the divergence); RECRAFT (Tran et al., AISTATS 2026, arXiv 2601.18231) and its
released code.

Differs: as `per_class`, whose value it is where all labels are the same.
"""

import torch
from torch import Tensor

from xmodal_core.objectives.per_class import PerClassSinkhorn


class SinkhornDivergence:
    """Sinkhorn divergence of target features to a fixed source; labels are not used."""

    def __init__(self, source: Tensor, labels: Tensor, entropy: float) -> None:
        """Cache the source features (n, d)."""
        self._of_one_label = PerClassSinkhorn(source, labels, entropy)

    def first_eps(self, target: Tensor, labels: Tensor) -> float:
        """Entropy for the whole stage: the share of the median cost at its first step."""
        return self._of_one_label.first_eps(target, labels)

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:
        """Scalar; target (m, d), of two rows or more, carries the gradient."""
        return self._of_one_label(target, torch.zeros_like(labels), eps)
