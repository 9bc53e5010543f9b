"""Exact optimal transport between uniform weights, with its own certificate.

Both solvers return a coupling and a dual value. By weak duality the dual never exceeds the optimum, so a
closed gap proves the coupling optimal without trusting the solver.

Reference: Peyre and Cuturi, Computational Optimal Transport, 2019, sec. 2.5 and 3.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from xmodal_core.errors import DataError

MAX_COST_ENTRIES = 100_000_000  # 800 MB of float64, and minutes of network simplex
_MAX_PIVOTS = 10_000_000
_WARM_PASSES = 20
_WARM_BLUR = 0.1  # in standard deviations of the reduced cost
_FLOAT32_SAFE = (np.float32(1e-30), np.float32(1e30))  # keeps sums finite where a point is far from everything


@dataclass(frozen=True, eq=False)
class Coupling:
    """An optimal coupling as a list of the pairs that carry mass.

    Attributes:
        rows, columns: (p,) the pairs.
        mass: (p,) summing to 1.
        lower: value of a feasible dual: a lower bound on the optimal cost.
        solver: which algorithm found it.
    """

    rows: np.ndarray
    columns: np.ndarray
    mass: np.ndarray
    lower: float
    solver: str


def check_size(n: int, m: int) -> None:
    """Refuse a cost matrix that would not fit.

    Raises:
        DataError: n * m is too large.
    """
    if n * m > MAX_COST_ENTRIES:
        raise DataError(
            f"Exact transport of {n} x {m} samples needs {n * m / 1e6:.0f} million costs, expected at most "
            f"{MAX_COST_ENTRIES / 1e6:.0f} million; choose fewer rows per side."
        )


def optimal_coupling(cost: np.ndarray) -> Coupling:
    """Exact coupling of uniform weights under a cost (n, m) float64.

    Raises:
        DataError: the network simplex stopped before the optimum.
    """
    n, m = cost.shape
    if n != m:
        return _network_simplex(cost)
    columns, warm = _assignment(cost)
    lower = _dual_value(cost, _potential(cost, columns, warm))
    return Coupling(np.arange(n), columns, np.full(n, 1 / n), lower, "assignment")


def optimal_cost(cost: np.ndarray) -> float:
    """Smallest mean cost of coupling uniform weights (n, m); no certificate.

    Raises:
        DataError: the network simplex stopped before the optimum.
    """
    if len(cost) == cost.shape[1]:
        columns, _ = _assignment(cost)
        return float(cost[np.arange(len(cost)), columns].mean())
    plan = _network_simplex(cost)
    return float(plan.mass @ cost[plan.rows, plan.columns])


def _assignment(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column of each row in an optimal assignment, and the column potential that was subtracted beforehand."""
    from scipy.optimize import linear_sum_assignment

    potential = _warm_potential(cost)
    # A constant per column changes no optimum; near-dual constants leave short augmenting paths (3-4 times faster).
    return np.asarray(linear_sum_assignment(cost - potential)[1]), potential


def _warm_potential(cost: np.ndarray) -> np.ndarray:
    """Column potential (n,) after a few float32 Sinkhorn passes: near the dual, and never needed for correctness."""
    reduced = cost - cost.mean(axis=0)
    reduced -= reduced.min(axis=1, keepdims=True)
    blur = _WARM_BLUR * float(reduced.std())
    if blur == 0:
        return np.asarray(cost.mean(axis=0))
    kernel = np.exp((reduced / -blur).astype(np.float32))
    right = np.ones(len(cost), np.float32)
    for _ in range(_WARM_PASSES):
        left = 1 / np.clip(kernel @ right, *_FLOAT32_SAFE)
        right = 1 / np.clip(left @ kernel, *_FLOAT32_SAFE)
    return np.asarray(cost.mean(axis=0) + blur * np.log(right.astype(np.float64)))


def _potential(cost: np.ndarray, columns: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Column potential (n,) under which every assigned pair is tight: shortest paths by Bellman-Ford.

    Differs from a textbook run in its start: any finite potential leads to a fixed point, a near one sooner.
    """
    excess = cost - cost[np.arange(len(cost)), columns][:, None]
    potential, tolerance = start, 1e-12 * float(np.abs(cost).max())
    for _ in range(len(cost)):
        shorter = np.minimum(potential, (potential[columns][:, None] + excess).min(axis=0))
        if (potential - shorter).max() <= tolerance:
            break
        potential = shorter
    return potential


def _dual_value(cost: np.ndarray, potential: np.ndarray) -> float:
    """Mean dual value; the row potential is the c-transform, so the pair is feasible whatever `potential` is."""
    return float((cost - potential).min(axis=1).mean() + potential.mean())


def _network_simplex(cost: np.ndarray) -> Coupling:
    import ot

    n, m = cost.shape
    scale = float(np.abs(cost).max()) or 1.0  # its stopping rule is absolute: tiny costs would stop it at once
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same message is in the log, and is raised below
        plan, log = ot.emd(
            np.full(n, 1 / n), np.full(m, 1 / m), np.ascontiguousarray(cost / scale), numItermax=_MAX_PIVOTS, log=True
        )
    if log["warning"] is not None:
        raise DataError(
            f"Exact transport of {n} x {m} samples stopped before the optimum ({str(log['warning']).rstrip('.')}); "
            "choose equal or fewer rows per side."
        )
    rows, columns = np.nonzero(plan)
    return Coupling(rows, columns, plan[rows, columns], _dual_value(cost, scale * log["v"]), "network simplex")
