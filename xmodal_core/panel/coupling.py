"""The optimal coupling of the drawn rows: who is moved onto whom, how much, and at what cost.

The panel keeps of its coupling what classes send to classes; here it is solved once more for the rows that are drawn,
with the same settings, so that single samples can be followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.environment import one_blas_thread
from xmodal_core.gap.otdd import OtddSettings, pair_of
from xmodal_core.gap.transport.solve import coupling
from xmodal_core.settings import settings_from


@dataclass(frozen=True, eq=False)
class DrawnCoupling:
    """Pairs of drawn rows that carry mass.

    Attributes:
        source_rows, target_rows: (p,) rows of either side.
        mass: (p,) adding up to 1.
        features, labels: (p,) both parts of a pair's cost, in squared feature units where p is 2.
        value: the distance of the drawn rows.
        solver: what found it.
    """

    source_rows: np.ndarray
    target_rows: np.ndarray
    mass: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    value: float
    solver: str

    def of(self, rows_s: np.ndarray | None, rows_t: np.ndarray | None) -> np.ndarray:
        """Numbers of the pairs that begin in one of the source rows or end in one of the target rows; None for all."""
        wanted = np.ones(len(self.mass), dtype=bool)
        if rows_s is not None:
            wanted &= np.isin(self.source_rows, rows_s)
        if rows_t is not None:
            wanted &= np.isin(self.target_rows, rows_t)
        return np.flatnonzero(wanted)


def drawn_coupling(source: Embedding, target: Embedding, asked: Mapping[str, Any] | None = None) -> DrawnCoupling:
    """The optimal coupling of two labelled clouds (n, d) and (m, d).

    Args:
        source: drawn rows.
        target: drawn rows.
        asked: settings of OTDD; how labels are compared, both weights, the exponent and the masses are respected.

    Raises:
        DataError: the widths differ, features are not finite, or the solver stopped before the optimum.
    """
    settings = settings_from(
        OtddSettings, {**(asked or {}), "compat": "none", "solver": "auto", "debias": False}, "otdd"
    )
    with one_blas_thread():
        pair = pair_of(source, target, settings)
        plan = coupling(pair.ground)
        features, labels = pair.ground.of_pairs(plan.rows, plan.columns)
    # The problem has its rows by class; their order there is a stable sort of the labels.
    of_source, of_target = (np.argsort(side.labels, kind="stable") for side in (source, target))
    scale = pair.unit**pair.ground.p
    cost = float(plan.mass @ (features + labels))
    return DrawnCoupling(
        of_source[plan.rows],
        of_target[plan.columns],
        plan.mass,
        scale * features,
        scale * labels,
        pair.distance(cost),
        plan.solver,
    )


def where_to(found: DrawnCoupling, pairs: np.ndarray, labels: np.ndarray, side: str) -> dict[int, float]:
    """Share of the chosen pairs' mass by class of their other end, the largest first.

    Args:
        found: the coupling.
        pairs: numbers of pairs.
        labels: (n,) classes of the rows of `side`.
        side: source | target, which end is looked at.
    """
    rows = (found.source_rows if side == "source" else found.target_rows)[pairs]
    mass = np.bincount(labels[rows], found.mass[pairs])
    total = float(mass.sum()) or 1.0
    order = np.argsort(-mass, kind="stable")
    return {int(k): float(mass[k]) / total for k in order if mass[k] > 0}
