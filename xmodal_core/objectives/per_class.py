"""The alignment objective that ORCA's released code optimises: one Sinkhorn divergence per target class.

L = sum_c (n_c / n) S_eps(source, target of class c) with the cost |x-x'|^2/2. The released call gives
every target class one dummy label and detaches the label distances, so labels add a constant and no
gradient; without that constant, this is its gradient exactly.

Reference: ORCA's released code, `otdd-exact`.

Differs: the constant label term is left out of the value. eps is a share of the first median cost;
the release uses 0.1 whatever the scale. Its global minimum is every class spread over the whole source, that
is, class collapse: watch the held-out readings.
"""

import torch
from torch import Tensor

from xmodal_core.objectives.sinkhorn import entropic_cost, entropic_self_cost, half_squared_distance


class PerClassSinkhorn:
    """Class-weighted sum of debiased Sinkhorn divergences to the whole source."""

    def __init__(self, source: Tensor, labels: Tensor, entropy: float) -> None:  # noqa: ARG002 - source labels cancel
        """Cache the source features (n, d)."""
        self.source = source
        self.entropy = entropy
        self._cached: tuple[float, float] = (0.0, 0.0)

    def first_eps(self, target: Tensor, labels: Tensor) -> float:  # noqa: ARG002
        """Entropy for the whole stage: the share of the median cost at its first step."""
        with torch.no_grad():
            return self.entropy * float(half_squared_distance(self.source, target).median())

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:
        """Scalar; target (m, d) carries the gradient. A class with one row in the batch is skipped, as released."""
        total = target.new_zeros(())
        cost = half_squared_distance(self.source, target)  # (n, m)
        for label in torch.unique(labels):
            rows = torch.nonzero(labels == label)[:, 0]
            if len(rows) < 2:
                continue
            between = entropic_cost(cost.index_select(1, rows), eps)
            within = entropic_self_cost(half_squared_distance(target[rows], target[rows]), eps)
            total = total + len(rows) / len(target) * (between - (within + self._self_cost(eps)) / 2)
        return total

    def _self_cost(self, eps: float) -> float:
        if self._cached[0] != eps:
            self._cached = (eps, float(entropic_self_cost(half_squared_distance(self.source, self.source), eps)))
        return self._cached[1]
