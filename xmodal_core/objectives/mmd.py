"""Unbiased squared maximum mean discrepancy with Gaussian kernels whose bandwidths are frozen on the source.

Reference: Gretton et al., JMLR 2012, lemma 6.

Differs: ORCA's MMD takes its bandwidths from each batch and keeps the biased diagonal terms, so its scale
moves while it is minimised.
"""

import torch
from torch import Tensor

from xmodal_core.objectives.sinkhorn import half_squared_distance

_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Mmd:
    """MMD^2 of target features to a fixed source; labels are not used."""

    def __init__(self, source: Tensor, labels: Tensor, entropy: float) -> None:  # noqa: ARG002 - one face for all
        """Cache the source features (n, d), their bandwidth and their self term."""
        self.source = source
        distances = 2 * half_squared_distance(source, source)
        off_diagonal = ~torch.eye(len(source), dtype=torch.bool, device=source.device)
        self.bandwidth = float(distances[off_diagonal].median())
        self.self_term = float(_mean_off_diagonal(self._kernel(distances)))

    def first_eps(self, target: Tensor, labels: Tensor) -> float:  # noqa: ARG002
        """MMD has no entropy."""
        return 0.0

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:  # noqa: ARG002
        """Scalar, may be below zero; target (m, d) carries the gradient."""
        cross = self._kernel(2 * half_squared_distance(self.source, target)).mean()
        within = _mean_off_diagonal(self._kernel(2 * half_squared_distance(target, target)))
        return self.self_term + within - 2 * cross

    def _kernel(self, squared: Tensor) -> Tensor:
        kernels = [torch.exp(-squared / (2 * factor * self.bandwidth)) for factor in _FACTORS]
        return torch.stack(kernels).mean(dim=0)


def _mean_off_diagonal(kernel: Tensor) -> Tensor:
    n = len(kernel)
    return (kernel.sum() - kernel.diagonal().sum()) / (n * (n - 1))
