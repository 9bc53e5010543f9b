"""Exact transport of thousands of points from a few million of their pairs.

Sinkhorn potentials are nearly optimal duals, so an optimal plan lives on the pairs whose reduced cost is among the
smallest of their row or column. The network simplex solves the problem on this shortlist; its duals are then held
against every pair: feasible everywhere means optimal everywhere, and where they are not, the pairs that break them
join the shortlist. Whenever it stops, the plan is an upper bound and the dual a lower bound, both in double precision.

Reference: Gottschlich and Schuhmacher, PLoS ONE 2014 (shortlists); Peyre and Cuturi 2019, sec. 3 (duality).

Differs: the shortlist comes from entropic potentials, not from nearest neighbours by cost.
"""

import warnings

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.transport.exact import Coupling
from xmodal_core.gap.transport.ground import GroundCost
from xmodal_core.gap.transport.sinkhorn import Potentials

_NEIGHBOURS = 12
MAX_ROUNDS = 8
_MAX_PIVOTS = 10_000_000
_CLOSED = 1e-12  # duality gap, relative to the largest cost on the shortlist, that is rounding


def shortlist_coupling(
    ground: GroundCost, cost: np.ndarray, start: Potentials, max_rounds: int = MAX_ROUNDS
) -> Coupling:
    """A plan on a shortlist of pairs, with the best lower bound found.

    Args:
        ground: the problem (n, m).
        cost: its cost (n, m) in single precision, which only chooses pairs.
        start: potentials near the optimum.
        max_rounds: how often the shortlist may grow.

    Raises:
        DataError: the network simplex stopped before the optimum.
    """
    from xmodal_core.gap.transport.kernel import distinct, nearest_pairs

    width = ground.shape[1]
    near = _numbered(nearest_pairs(cost, start.f, start.g, _NEIGHBOURS), width)
    pairs = distinct(np.concatenate([near, _numbered(_staircase(ground.a, ground.b), width)]))
    lower = float(ground.a @ ground.nearest(start.g)[0] + ground.b @ start.g)
    for _ in range(max_rounds):
        rows, columns = pairs // width, pairs % width
        pair_cost = np.add(*ground.of_pairs(rows, columns))  # (pairs,)
        mass, g = _on_pairs(ground, rows, columns, pair_cost, start)
        f, nearest = ground.nearest(g)
        lower = max(lower, float(ground.a @ f + ground.b @ g))
        if mass @ pair_cost - lower <= _CLOSED * pair_cost.max():
            break
        grown = distinct(np.concatenate([pairs, np.arange(len(nearest)) * width + nearest]))
        if len(grown) == len(pairs):
            break
        pairs = grown
    used = mass > 0
    return Coupling(rows[used], columns[used], mass[used], lower, "shortlist")


def _on_pairs(
    ground: GroundCost, rows: np.ndarray, columns: np.ndarray, pair_cost: np.ndarray, start: Potentials
) -> tuple[np.ndarray, np.ndarray]:
    """Optimal masses (pairs,) on the shortlist and the column potential (m,) of its dual."""
    import ot
    from scipy.sparse import coo_array

    reduced = pair_cost - start.f[rows] - start.g[columns]  # near zero where mass will go: few pivots, all digits
    scale = float(np.abs(reduced).max()) or 1.0
    table = coo_array((reduced / scale, (rows, columns)), shape=ground.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same message is in the log, and is raised below
        plan, log = ot.emd(ground.a, ground.b, table, numItermax=_MAX_PIVOTS, log=True)
    if log["warning"] is not None:
        n, m = ground.shape
        raise DataError(
            f"Transport of {n} x {m} samples stopped before the optimum ({str(log['warning']).rstrip('.')}); "
            "choose fewer rows per side."
        )
    plan = plan.tocoo()
    mass = np.zeros(len(rows))
    mass[np.searchsorted(rows * ground.shape[1] + columns, plan.row * ground.shape[1] + plan.col)] = plan.data
    return mass, start.g + scale * log["v"]


def _staircase(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of the north-west corner plan: with them the shortlist always carries a plan."""
    ends_a, ends_b = np.cumsum(a), np.cumsum(b)
    middles = np.sort(np.concatenate([ends_a, ends_b]))
    middles = (np.r_[0.0, middles[:-1]] + middles) / 2
    rows = np.minimum(np.searchsorted(ends_a, middles), len(a) - 1)
    columns = np.minimum(np.searchsorted(ends_b, middles), len(b) - 1)
    return rows, columns


def _numbered(pairs: tuple[np.ndarray, np.ndarray], width: int) -> np.ndarray:
    return pairs[0] * width + pairs[1]
