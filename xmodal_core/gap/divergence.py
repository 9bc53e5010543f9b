"""OTDD with the entropic bias taken off: the Sinkhorn divergence of the labelled clouds.

    S_eps = OT_eps(s, t) - OT_eps(s, s) / 2 - OT_eps(t, t) / 2

Zero for a cloud and itself at every eps, between OTDD^p (eps -> 0) and a kernel distance (eps -> infinity).

Reference: Feydy et al., AISTATS 2019; Alvarez-Melis and Fusi, NeurIPS 2020, sec. 4.

Differs: potentials are converged (misplaced mass below 1e-5), not stopped after one update per temperature.
"""

import math
from dataclasses import replace

import numpy as np

from xmodal_core.gap.base import NOT_NEGATIVE, Statistic
from xmodal_core.gap.label_distance import label_distances
from xmodal_core.gap.labelled_pair import LabelledPair
from xmodal_core.gap.transport.ground import GroundCost
from xmodal_core.gap.transport.sinkhorn import sinkhorn
from xmodal_core.gap.transport.solve import check_size, temperature

_CONVERGED = 1e-5
_MAX_PASSES = 2000
_ROUNDING = 1e-12  # of the largest cost: a smaller divergence is the order of summation
_DOUBLE_BELOW = 2000 * 2000  # pairs


def divergence_statistic(pair: LabelledPair, labels: str, reg: float) -> Statistic:
    """Debiased entropic OTDD of a labelled pair; a divergence slightly below zero gives distance 0.

    Args:
        pair: the problem.
        labels: how classes are compared.
        reg: eps in units of half the squared cost; 0 takes a small share of what tells couplings apart.

    Raises:
        DataError: the costs do not fit.
    """
    check_size(*pair.ground.shape)
    between = _dense(pair.ground)
    eps = pair.to_problem(2 * reg) or temperature(between)
    cost, misplaced = _entropic_cost(pair.ground, between, eps)
    for own in (_within_source(pair, labels), _within_target(pair, labels)):
        self_cost, more = _entropic_cost(own, _dense(own), eps)
        cost, misplaced = cost - self_cost / 2, max(misplaced, more)
    cost = 0.0 if abs(cost) <= _ROUNDING * float(between.max()) else cost
    distance = pair.distance(max(cost, 0.0))
    scale = pair.unit**pair.ground.p
    detail = {
        **pair.description(),
        "distance": distance,
        "squared": scale * cost if pair.ground.p == 2 else distance**2,
        "half": (scale * cost if pair.ground.p == 2 else distance**2) / 2,
        "feature_part": None,
        "label_part": None,
        "lower": None,
        "upper": None,
        "solver": "debiased Sinkhorn",
        "reg": scale * eps / 2,
        "misplaced": misplaced,
    }
    return Statistic(distance, detail, bounds=NOT_NEGATIVE)


def _within_source(pair: LabelledPair, labels: str) -> GroundCost:
    g = pair.ground
    own = label_distances(pair.source, pair.source, labels, g.p)
    return replace(g, x_to=g.x, y_to=g.y, b=g.a, labels=own)


def _within_target(pair: LabelledPair, labels: str) -> GroundCost:
    g = pair.ground
    own = label_distances(pair.target, pair.target, labels, g.p)
    return replace(g, x=g.x_to, y=g.y_to, a=g.b, labels=own)


def _dense(ground: GroundCost) -> np.ndarray:
    return ground.dense(np.float64 if math.prod(ground.shape) <= _DOUBLE_BELOW else np.float32)


def _entropic_cost(ground: GroundCost, cost: np.ndarray, eps: float) -> tuple[float, float]:
    """OT_eps by its dual, and the mass that is still misplaced."""
    found = sinkhorn(cost, ground.a, ground.b, ground.edges, eps, _CONVERGED, _MAX_PASSES)
    return float(ground.a @ found.f + ground.b @ found.g), found.misplaced
