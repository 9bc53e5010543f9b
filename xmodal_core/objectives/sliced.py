"""Sliced squared 2-Wasserstein distance: transport along fixed random lines, where it is only sorting.

    SW2^2 = mean over L unit directions u of W2^2(<u, source>, <u, target>)

On a line the optimal coupling joins quantiles. Each target row covers 1/m of the mass and goes to the mean
of the source quantiles there; what is left inside such a piece does not depend on the target, so it is
added as a constant: the value is exact for any two sizes.

Reference: Rabin et al., SSVM 2011; Bonneel et al., J. Math. Imaging Vis. 2015.

Differs: the directions are drawn once, from a seed of their own, and times d: a shift by c adds |c|^2 on
average, at any width. Labels are not used.
"""

import torch
from torch import Tensor

_N_DIRECTIONS = 500
_SEED = 0


class Sliced:
    """Sliced W2^2 of target features to a fixed source, in squared feature units."""

    def __init__(self, source: Tensor, labels: Tensor, entropy: float) -> None:  # noqa: ARG002 - one face for all
        """Draw the directions and cache the sorted source: features (n, d)."""
        n, width = source.shape
        directions = torch.randn(width, _N_DIRECTIONS, generator=torch.Generator().manual_seed(_SEED))
        directions = (directions / directions.norm(dim=0)).to(source)
        self.directions = directions * width**0.5  # (d, L)
        self.origin = source.mean(0)
        ordered = self._projected(source).double()  # (n, L)
        self.power = ordered.square().mean()
        self.integral = torch.cat([ordered.new_zeros(1, _N_DIRECTIONS), ordered.cumsum(0) / n])  # (n + 1, L)

    def first_eps(self, target: Tensor, labels: Tensor) -> float:  # noqa: ARG002
        """Sorting has no entropy."""
        return 0.0

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:  # noqa: ARG002
        """Scalar; target (m, d) carries the gradient."""
        quantiles = self._quantiles(len(target))  # (m, L)
        inside = self.power - quantiles.square().mean()  # scatter of the source within the pieces
        return (self._projected(target) - quantiles.to(target)).square().mean() + inside.to(target)

    def _projected(self, features: Tensor) -> Tensor:
        """Features on every line, sorted: (n, L)."""
        return torch.sort((features - self.origin) @ self.directions, dim=0).values

    def _quantiles(self, m: int) -> Tensor:
        """Means (m, L) of the source over m equal pieces of its mass: differences of its integrated quantiles."""
        n = len(self.integral) - 1
        place = torch.arange(m + 1, dtype=torch.float64, device=self.integral.device) * n / m
        below = place.floor().long().clamp_max(n - 1)
        share = (place - below)[:, None]
        return (self.integral[below] * (1 - share) + self.integral[below + 1] * share).diff(dim=0) * m
