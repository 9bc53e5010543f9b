"""Exact optimal transport of small problems, with its own certificate.

Both solvers return a coupling and a dual value. By weak duality the dual never exceeds the optimum, so a
closed gap proves the coupling optimal without trusting the solver.

Reference: Peyre and Cuturi, Computational Optimal Transport, 2019, sec. 2.5 and 3.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from xmodal_core.errors import DataError

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


def optimal_coupling(cost: np.ndarray, a: np.ndarray | None = None, b: np.ndarray | None = None) -> Coupling:
    """Exact coupling under a cost (n, m) float64 of masses a (n,) and b (m,), uniform where not given.

    Raises:
        DataError: the network simplex stopped before the optimum.
    """
    n, m = cost.shape
    if n != m or a is not None or b is not None:
        return _network_simplex(cost, _masses(n, a), _masses(m, b))
    columns, warm = _assignment(cost)
    lower = _dual_value(cost, _potential(cost, columns, warm))
    return Coupling(np.arange(n), columns, np.full(n, 1 / n), lower, "assignment")


def optimal_cost(cost: np.ndarray, a: np.ndarray | None = None, b: np.ndarray | None = None) -> float:
    """Smallest mean cost of coupling masses a (n,) and b (m,), uniform where not given; no certificate.

    Raises:
        DataError: the network simplex stopped before the optimum.
    """
    if len(cost) == cost.shape[1] and a is None and b is None:
        columns, _ = _assignment(cost)
        return float(cost[np.arange(len(cost)), columns].mean())
    plan = _network_simplex(cost, _masses(len(cost), a), _masses(cost.shape[1], b))
    return float(plan.mass @ cost[plan.rows, plan.columns])


def _masses(n: int, given: np.ndarray | None) -> np.ndarray:
    return np.full(n, 1 / n) if given is None else given / given.sum()


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


def _network_simplex(cost: np.ndarray, a: np.ndarray, b: np.ndarray) -> Coupling:
    import ot

    scale = float(np.abs(cost).max()) or 1.0  # its stopping rule is absolute: tiny costs would stop it at once
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same message is in the log, and is raised below
        plan, log = ot.emd(a, b, np.ascontiguousarray(cost / scale), numItermax=_MAX_PIVOTS, log=True)
    if log["warning"] is not None:
        raise DataError(
            f"Exact transport of {len(a)} x {len(b)} samples stopped before the optimum "
            f"({str(log['warning']).rstrip('.')}); choose equal or fewer rows per side."
        )
    rows, columns = np.nonzero(plan)
    potential = scale * log["v"]
    lower = float(a @ (cost - potential).min(axis=1) + b @ potential)
    return Coupling(rows, columns, plan[rows, columns], lower, "network simplex")
