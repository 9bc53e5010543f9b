"""Label-aware OTDD as a training objective: all target classes at once, label distances differentiable.

S = OT(s,t) - OT(s,s)/2 - OT(t,t)/2 with the cost |x-x'|^2/2 + W(y,y')/2, where W is the squared
Bures-Wasserstein distance of the Gaussians fitted to the two classes.

Features enter through their inner products alone: one matrix product of source and target gives distances
and, centred by class, the cross terms of the label distances. No (d, d) matrix is formed.

Reference: ORCA, sec. 3.2 (align by OTDD); Alvarez-Melis and Fusi, NeurIPS 2020.

Differs: this is what ORCA's text describes; its released code optimises `per_class`. The source side
(moments, self term) is computed once; eps is a share of the first median cost, frozen, so that the result
does not depend on the scale of the features.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from xmodal_core.objectives.known_gradient import with_gradient
from xmodal_core.objectives.sinkhorn import (
    entropic_cost,
    entropic_self_cost,
    half_squared_distance,
    half_squared_from_products,
)


@dataclass(frozen=True, eq=False)
class Classes:
    """One side, its rows in the order of their classes, small classes first.

    Attributes:
        features: (n, d).
        squared: (n,) squared norms of the rows.
        counts: rows of each of the k classes, ascending.
        member: (n, k), 1 where the row belongs to the class.
        mean: (k, d).
        trace: (k,) of the covariances, ddof 1: a class with one row is a point.
    """

    features: Tensor
    squared: Tensor
    counts: list[int]
    member: Tensor
    mean: Tensor
    trace: Tensor

    @classmethod
    def of(cls, features: Tensor, labels: Tensor) -> "Classes":
        """The classes among features (n, d) with labels (n,), differentiable in the features."""
        _, inverse, counts = torch.unique(labels, return_inverse=True, return_counts=True)
        by_size = torch.argsort(counts, stable=True)
        index = torch.argsort(by_size)[inverse]  # (n,)
        order = torch.argsort(index, stable=True)
        features, counts = features.index_select(0, order), counts[by_size]
        member = torch.nn.functional.one_hot(index[order], len(counts)).to(features.dtype)  # (n, k)
        mean = member.T @ features / counts[:, None]
        scatter = member.T @ (features - member @ mean).square().sum(1)
        trace = scatter / (counts - 1).clamp_min(1)
        return cls(features, features.square().sum(1), counts.tolist(), member, mean, trace)

    def centred(self, products: Tensor) -> Tensor:
        """F X^T (n, m) from inner products of these rows with others: class means off, divided by sqrt(n_c - 1)."""
        sizes = self.member.sum(0)  # (k,)
        root = self.member @ (sizes - 1).clamp_min(1).rsqrt()  # (n,)
        return (products - self.member @ (self.member.T @ products / sizes[:, None])) * root[:, None]

    def stacked(self, rows: Tensor) -> Tensor:
        """Rows (n, m) as one block per class (k, r, m), r the largest class; short classes end in zero rows."""
        k, largest = len(self.counts), self.counts[-1]
        if self.counts[0] < largest:
            place = torch.cat([c * largest + torch.arange(size) for c, size in enumerate(self.counts)])
            rows = rows.new_zeros(k * largest, rows.shape[1]).index_copy(0, place.to(rows.device), rows)
        return rows.unflatten(0, (k, largest))  # (k, r, m)


def cost_matrix(a: Classes, b: Classes) -> Tensor:
    """|x-x'|^2/2 + W(y,y')/2 between the rows (n, m) of two sides, in the order of their classes."""
    products = a.features @ b.features.T  # (n, m)
    features = half_squared_from_products(a.squared, b.squared, products)
    return features + a.member @ (label_distance(a, b, products) / 2) @ b.member.T


def label_distance(a: Classes, b: Classes, products: Tensor) -> Tensor:
    """Squared Bures-Wasserstein distances (k_a, k_b), given the inner products of the rows (n, m).

    The cross term tr (S_a^1/2 S_b S_a^1/2)^1/2 is the nuclear norm of F_a F_b^T for factors with S = F^T F.
    """
    cross = a.stacked(b.centred(a.centred(products).T).T)  # (k_a, r, m)
    blocks = cross.split(b.counts, dim=2)
    nuclear = _own_nuclear_norms(blocks, a.trace) if a is b else torch.stack([nuclear_norm(f) for f in blocks], dim=1)
    means = 2 * half_squared_distance(a.mean, b.mean)
    return (means + a.trace[:, None] + b.trace - 2 * nuclear).clamp_min(0)  # (k_a, k_b)


def _own_nuclear_norms(blocks: tuple[Tensor, ...], trace: Tensor) -> Tensor:
    """Each pair of classes once, decomposed on the side of the smaller; a class with itself has its trace."""
    columns = [torch.cat([trace[: c + 1], nuclear_norm(block[c + 1 :])]) for c, block in enumerate(blocks)]
    lower = torch.stack(columns, dim=1).tril()
    return lower + lower.tril(-1).T


def nuclear_norm(matrices: Tensor) -> Tensor:
    """Sums (b,) of the singular values of matrices (b, n, m); the gradient of each is its polar factor.

    Differs: singular values are roots of the eigenvalues of the smaller Gram matrix, taken in float64 because
    squaring halves the digits; those at rounding level count as zero.
    """
    fixed = matrices.detach()
    tall = (fixed if fixed.shape[1] >= fixed.shape[2] else fixed.mT).double()
    gram = (tall.mT @ tall).nan_to_num(0.0, 0.0, 0.0)  # eigh refuses what the distances beside it will report
    squares, vectors = torch.linalg.eigh(gram)
    _, n, m = tall.shape
    rounding = max(m * torch.finfo(tall.dtype).eps, (n * torch.finfo(matrices.dtype).eps) ** 2)
    squares = squares.where(squares > rounding * squares[:, -1:], 0.0)
    inverse = squares.rsqrt().where(squares > 0, 0.0)
    polar = tall @ ((vectors * inverse[:, None]) @ vectors.mT)  # (b, n, m)
    polar = polar if fixed.shape[1] >= fixed.shape[2] else polar.mT
    return with_gradient(matrices, squares.sqrt().sum(1).to(matrices), polar.to(matrices))


class JointOtdd:
    """Debiased label-aware OTDD (half convention) of target features to a fixed source."""

    def __init__(self, source: Tensor, labels: Tensor, entropy: float) -> None:
        """Cache the source: features (n, d), labels (n,); `entropy` is eps as a share of the median cost."""
        self.origin = source.mean(0)  # distances do not see it, float32 products do
        self.source = Classes.of(source - self.origin, labels)
        self.entropy = entropy
        self._cached = (0.0, 0.0)  # (eps, self term)

    def first_eps(self, target: Tensor, labels: Tensor) -> float:
        """Entropy for the whole stage: the share of the median cost at its first step."""
        with torch.no_grad():
            return self.entropy * float(cost_matrix(self.source, self._classes(target, labels)).median())

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:
        """Scalar; target (m, d) carries the gradient."""
        classes = self._classes(target, labels)
        within = entropic_self_cost(cost_matrix(classes, classes), eps)
        return entropic_cost(cost_matrix(self.source, classes), eps) - (within + self._self_cost(eps)) / 2

    def _classes(self, target: Tensor, labels: Tensor) -> Classes:
        return Classes.of(target - self.origin, labels)

    def _self_cost(self, eps: float) -> float:
        if self._cached[0] != eps:
            self._cached = (eps, float(entropic_self_cost(cost_matrix(self.source, self.source), eps)))
        return self._cached[1]
