"""Label-aware OTDD as a training objective: all target classes at once, label distances differentiable.

S = OT(s,t) - OT(s,s)/2 - OT(t,t)/2 with the cost |x-x'|^2/2 + W(y,y')/2, where W is the squared
Bures-Wasserstein distance of the Gaussians fitted to the two classes.

Reference: ORCA, sec. 3.2 (align by OTDD); Alvarez-Melis and Fusi, NeurIPS 2020.

Differs: this is what ORCA's text describes; its released code optimises `per_class`. The source side
(factors, means, self term) is computed once; eps is a share of the first median cost, frozen, so that
the result does not depend on the scale of the features.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from xmodal_core.objectives.sinkhorn import entropic_cost, half_squared_distance


@dataclass(frozen=True, eq=False)
class ClassMoments:
    """Gaussians per class: means (k, d), factors (k, r, d) with cov = F^T F, traces (k,), class of each row (n,)."""

    mean: Tensor
    factor: Tensor
    trace: Tensor
    index: Tensor


def class_moments(features: Tensor, labels: Tensor) -> ClassMoments:
    """Moments of every class present; a class with one row is a point. Differentiable in the features (n, d)."""
    _, index, counts = torch.unique(labels, return_inverse=True, return_counts=True)
    k, width = len(counts), features.shape[1]
    means = features.new_zeros(k, width).index_add(0, index, features) / counts[:, None]
    centred = (features - means[index]) / (counts[index, None] - 1).clamp_min(1).sqrt()  # ddof 1
    order = torch.argsort(index, stable=True)
    place = torch.arange(len(index), device=index.device) - (torch.cumsum(counts, 0) - counts)[index[order]]
    factor = features.new_zeros(k, int(counts.max()), width)
    factor = factor.index_put((index[order], place), centred[order])  # (k, r, d), short classes end in zero rows
    return ClassMoments(means, factor, factor.square().sum((1, 2)), index)


def label_distance(a: ClassMoments, b: ClassMoments) -> Tensor:
    """Squared Bures-Wasserstein distances (k_a, k_b); the cross term is the nuclear norm of F_a F_b^T."""
    nuclear = _own_nuclear_norms(a) if a is b else _nuclear_norms(a.factor[:, None], b.factor[None])  # (k_a, k_b)
    means = 2 * half_squared_distance(a.mean, b.mean)
    return (means + a.trace[:, None] + b.trace[None, :] - 2 * nuclear).clamp_min(0)


def _nuclear_norms(a: Tensor, b: Tensor) -> Tensor:
    return torch.linalg.svdvals(a @ b.mT).sum(-1)


def _own_nuclear_norms(a: ClassMoments) -> Tensor:
    """Symmetric, and the trace on the diagonal: less than half of the decompositions, which are what costs here."""
    k = len(a.trace)
    i, j = torch.triu_indices(k, k, offset=1, device=a.trace.device)
    upper = a.trace.new_zeros(k, k).index_put((i, j), _nuclear_norms(a.factor[i], a.factor[j]))
    return upper + upper.T + torch.diag(a.trace)


class JointOtdd:
    """Debiased label-aware OTDD (half convention) of target features to a fixed source."""

    def __init__(self, source: Tensor, labels: Tensor, entropy: float) -> None:
        """Cache the source: features (n, d), labels (n,); `entropy` is eps as a share of the median cost."""
        self.source = source
        self.moments = class_moments(source, labels)
        self.entropy = entropy
        self._cached = (0.0, 0.0)  # (eps, self term)

    def first_eps(self, target: Tensor, labels: Tensor) -> float:
        """Entropy for the whole stage: the share of the median cost at its first step."""
        with torch.no_grad():
            return self.entropy * float(self._cost(target, class_moments(target, labels)).median())

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:
        """Scalar; target (m, d) carries the gradient."""
        moments = class_moments(target, labels)
        within = half_squared_distance(target, target) + _rows(label_distance(moments, moments), moments, moments) / 2
        return entropic_cost(self._cost(target, moments), eps) - (entropic_cost(within, eps) + self._self_cost(eps)) / 2

    def _cost(self, target: Tensor, moments: ClassMoments) -> Tensor:
        labels = _rows(label_distance(self.moments, moments), self.moments, moments)
        return half_squared_distance(self.source, target) + labels / 2  # (n, m)

    def _self_cost(self, eps: float) -> float:
        if self._cached[0] != eps:
            labels = _rows(label_distance(self.moments, self.moments), self.moments, self.moments)
            cost = half_squared_distance(self.source, self.source) + labels / 2
            self._cached = (eps, float(entropic_cost(cost, eps)))
        return self._cached[1]


def _rows(distance: Tensor, a: ClassMoments, b: ClassMoments) -> Tensor:
    return distance[a.index][:, b.index]  # (n, m)
