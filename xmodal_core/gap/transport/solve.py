"""Which solver a problem gets, and what it promises.

Up to `DENSE` pairs the whole cost is solved at once. Beyond, Sinkhorn potentials choose a shortlist of pairs, on which
the optimum is found and certified against all pairs. A shortlist that does not close its duality gap in a few rounds
still leaves a lower and an upper bound.
"""

from dataclasses import replace

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.transport.exact import Coupling, optimal_coupling
from xmodal_core.gap.transport.ground import GroundCost
from xmodal_core.gap.transport.shortlist import MAX_ROUNDS, shortlist_coupling
from xmodal_core.gap.transport.sinkhorn import Potentials, sinkhorn

DENSE = 600 * 600
MAX_PAIRS = 20_000 * 20_000  # 1.6 GB in single precision
TEMPERATURE = 0.02  # eps, in standard deviations of the cost without its row and column means
_SAMPLED = 512  # rows and columns that the standard deviation is taken from


def check_size(n: int, m: int) -> None:
    """Refuse a problem whose cost would not fit.

    Raises:
        DataError: n * m is too large.
    """
    if n * m > MAX_PAIRS:
        raise DataError(
            f"Transport of {n} x {m} samples needs {n * m / 1e6:,.0f} million costs, expected at most "
            f"{MAX_PAIRS / 1e6:,.0f} million; choose fewer rows per side, or the solver subsample."
        )


def coupling(ground: GroundCost, solver: str = "auto", eps: float = 0.0) -> Coupling:
    """A coupling with a certified lower bound on the optimal cost; its own cost is the upper bound.

    Args:
        ground: the problem.
        solver: exact (the shortlist grows until the bounds meet) | sinkhorn (one shortlist) | auto (exact where the
            whole cost is small; else the shortlist grows a few times).
        eps: temperature of the potentials, in units of the cost; 0 chooses one.

    Raises:
        DataError: the problem does not fit, or the network simplex stopped before the optimum.
    """
    n, m = ground.shape
    check_size(n, m)
    ground, shift = ground.without_shift()
    if solver != "sinkhorn" and n * m <= DENSE:
        plan = _dense(ground)
    else:
        cost = ground.dense(np.float32)
        rounds = {"sinkhorn": 1, "exact": 10 * MAX_ROUNDS}.get(solver, MAX_ROUNDS)
        plan = shortlist_coupling(ground, cost, potentials(ground, cost, eps), rounds)
    return replace(plan, lower=plan.lower + shift)


def potentials(ground: GroundCost, cost: np.ndarray, eps: float = 0.0, converged: float = 1e-2) -> Potentials:
    """Sinkhorn potentials of a problem whose cost (n, m) is at hand; eps 0 chooses the temperature."""
    return sinkhorn(cost, ground.a, ground.b, ground.edges, eps or temperature(cost), converged)


def temperature(cost: np.ndarray) -> float:
    """A small share of what distinguishes one coupling from another: the cost less its row and column means."""
    part = cost[:: max(1, len(cost) // _SAMPLED), :: max(1, cost.shape[1] // _SAMPLED)].astype(np.float64)
    part = part - part.mean(axis=0) - part.mean(axis=1, keepdims=True) + part.mean()
    return TEMPERATURE * float(part.std()) or float(cost.max()) or 1.0


def _dense(ground: GroundCost) -> Coupling:
    cost = ground.dense()
    return optimal_coupling(cost) if ground.uniform else optimal_coupling(cost, ground.a, ground.b)
