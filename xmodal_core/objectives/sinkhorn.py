"""Entropic optimal transport in the log domain, with the gradient of its converged value.

OT_eps(a, b) = min_P <P, C> + eps KL(P | a x b), uniform weights, solved by annealed Sinkhorn updates.
By the envelope theorem its gradient is P dC, so the updates run without a graph and only C carries one.

Reference: Feydy et al., AISTATS 2019 (Sinkhorn divergence S = OT(a,b) - OT(a,a)/2 - OT(b,b)/2);
Peyre and Cuturi 2019, sec. 4.4 (log domain).
"""

import math

import torch
from torch import Tensor

_FINAL_UPDATES = 60
_TOLERANCE = 1e-3  # stop once no potential moves by more than this share of eps


def entropic_cost(cost: Tensor, eps: float) -> Tensor:
    """OT_eps for a cost matrix (n, m) and uniform weights, as a scalar with gradient P dC."""
    with torch.no_grad():
        f, g = _potentials(cost, eps)
        n, m = cost.shape
        log_plan = (f[:, None] + g[None, :] - cost) / eps - math.log(n) - math.log(m)
        plan = log_plan.exp()  # (n, m)
        relative_entropy = (plan * (log_plan + math.log(n) + math.log(m))).sum()
    return (plan * cost).sum() + eps * relative_entropy


def _potentials(cost: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    n, m = cost.shape
    f, g = cost.new_zeros(n), cost.new_zeros(m)
    step = max(float(cost.max()), eps)
    while step > eps:  # annealing: a few updates at each halved temperature
        f, g = _update(cost, f, g, step)
        step /= 2
    for _ in range(_FINAL_UPDATES):
        before = f
        f, g = _update(cost, f, g, eps)
        if float((f - before).abs().max()) < _TOLERANCE * eps:
            break
    return f, g


def _update(cost: Tensor, f: Tensor, g: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    n, m = cost.shape
    f = -eps * (torch.logsumexp((g[None, :] - cost) / eps, dim=1) - math.log(m))
    g = -eps * (torch.logsumexp((f[:, None] - cost) / eps, dim=0) - math.log(n))
    return f, g


def half_squared_distance(x: Tensor, y: Tensor) -> Tensor:
    """|x - y|^2 / 2 for rows of (n, d) and (m, d), as (n, m)."""
    squared = x.square().sum(1)[:, None] + y.square().sum(1)[None, :] - 2 * x @ y.T
    return squared.clamp_min(0) / 2
