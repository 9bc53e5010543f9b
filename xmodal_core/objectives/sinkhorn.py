"""Entropic optimal transport to its fixed point, with the gradient of the converged value.

OT_eps(a, b) = min_P <P, C> + eps KL(P | a x b), uniform weights. By the envelope theorem its gradient is the
plan P, so the potentials are found without a graph and only C carries one.

With f eliminated, what is left is a concave function of g, one number per column: its gradient is the error
of the column sums, its curvature diag(c) - p^T p / n for p the plan with rows scaled to 1. Annealed Sinkhorn
updates come near, damped Newton steps converge quadratically. A cloud against itself has one potential and
needs only averaged updates, which contract by at least a half.

Reference: Cuturi and Peyre, SIAM J. Imaging Sci. 2016 (semi-dual); Sun and Tran-Dinh, Math. Program. 2019
(step length without line search); Feydy et al., AISTATS 2019 (averaged updates, debiasing).
"""

import math

import torch
from torch import Tensor

from xmodal_core.objectives.known_gradient import with_gradient

_MAX_STEPS = 100
_SINKHORN_STEPS = 3  # at each temperature before Newton: cheap, and enough in many dimensions
_LOOSE = 0.5  # error of a marginal that will do until the last temperature


def entropic_cost(cost: Tensor, eps: float) -> Tensor:
    """OT_eps for a cost (n, m) and uniform weights: a scalar with gradient P (n, m)."""
    fixed = cost.detach()
    value, plan = _semi_dual(fixed, eps) if fixed.shape[0] >= fixed.shape[1] else _semi_dual(fixed.T, eps)
    return with_gradient(cost, value, plan if plan.shape == cost.shape else plan.T)


def entropic_self_cost(cost: Tensor, eps: float) -> Tensor:
    """OT_eps of a cloud with itself, from its symmetric cost (n, n): a scalar with gradient P (n, n)."""
    n, scaled = len(cost), cost.detach() / eps
    f = cost.new_zeros(n)  # in units of eps, as is the cost
    for _ in range(_MAX_STEPS):
        update = math.log(n) - torch.logsumexp(f - scaled, dim=1)
        moved = float((update - f).abs().max())
        f = (f + update) / 2
        if not moved >= _tolerance(cost):
            break
    plan = torch.exp(f[:, None] + f - scaled) / n**2  # (n, n)
    return with_gradient(cost, eps * (2 * f.mean() + 1 - plan.sum()), plan)


def _semi_dual(cost: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Optimal value and plan (n, m) for n >= m, which makes the potential g and the linear systems small."""
    n, m = cost.shape
    largest = float(cost.max() / eps)
    halvings = math.ceil(math.log2(largest)) if 1 < largest < math.inf else 0
    g = cost.new_zeros(m)
    for halving in range(halvings, 0, -1):
        temperature = eps * 2.0**halving
        g = temperature * _ascend(cost / temperature, g / temperature, _LOOSE)[0]
    scaled = cost / eps
    g, rows = _ascend(scaled, g / eps, _tolerance(cost))
    f = math.log(m) - torch.logsumexp(g - scaled, dim=1)
    return eps * (f.mean() + g.mean()), rows / n


def _ascend(cost: Tensor, g: Tensor, tolerance: float) -> tuple[Tensor, Tensor]:
    """Potential (m,) and plan with rows scaled to 1 (n, m), all in units of the temperature."""
    for step in range(_MAX_STEPS):
        rows = torch.softmax(g - cost, dim=1)
        error = 1 / len(g) - rows.mean(dim=0)
        if not len(g) * float(error.abs().max()) >= tolerance:  # so put, NaN ends it too
            break
        g = g + (_sinkhorn_step(rows) if step < _SINKHORN_STEPS else _newton_step(rows, error))
    return g, rows


def _sinkhorn_step(rows: Tensor) -> Tensor:
    sums = rows.mean(dim=0).clamp_min(torch.finfo(rows.dtype).tiny)
    return -torch.log(rows.shape[1] * sums)


def _newton_step(rows: Tensor, error: Tensor) -> Tensor:
    """Newton step whose length log(1 + s) / s, for span s, never lowers the dual; bent a little towards Sinkhorn's."""
    bend = _tolerance(rows)  # keeps the system definite: a constant added to g changes nothing
    curvature = (bend - 1) / len(rows) * (rows.T @ rows)  # (m, m)
    curvature.diagonal().add_(rows.mean(dim=0).clamp_min(torch.finfo(rows.dtype).tiny))
    direction = torch.linalg.solve(curvature, error)
    span = float(direction.max() - direction.min())
    return direction * (math.log1p(span) / span if span > 0 else 1.0)


def _tolerance(cost: Tensor) -> float:
    """Largest relative error of a marginal: half of the digits, the last step having doubled them."""
    return math.sqrt(torch.finfo(cost.dtype).eps)


def half_squared_distance(x: Tensor, y: Tensor) -> Tensor:
    """|x - y|^2 / 2 for rows of (n, d) and (m, d), as (n, m)."""
    return half_squared_from_products(x.square().sum(1), y.square().sum(1), x @ y.T)


def half_squared_from_products(x_squared: Tensor, y_squared: Tensor, products: Tensor) -> Tensor:
    """|x - y|^2 / 2 (n, m) from squared norms (n,), (m,) and inner products (n, m)."""
    return ((x_squared[:, None] + y_squared) / 2 - products).clamp_min(0)
