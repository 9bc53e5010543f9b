"""How much farther is it between the clouds than inside them?

    value = 2 mean_{i, j} |x_i - y_j| - mean_{i != i'} |x_i - x_i'| - mean_{j != j'} |y_j - y_j'|

It is MMD^2 with the kernel -|x - y|: there is no bandwidth to choose, so it cross-checks MMD.

Reference: Szekely and Rizzo, Energy statistics, J. Stat. Plan. Inference 2013; Sejdinovic et al., Annals
of Statistics 2013, for the identity with MMD.

Differs: unbiased, pairs of a row with itself are left out; below zero it says "no more than chance" and is not
clipped. No square root is taken.
"""

import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.mmd import discrepancy, permuted_discrepancies, squared_distances
from xmodal_core.gap.pair import feature_pair


@dataclass(frozen=True)
class EnergySettings:
    """There is nothing to choose."""


def energy(source: Embedding, target: Embedding, settings: EnergySettings) -> Statistic:  # noqa: ARG001
    """Unbiased energy distance of two clouds (n, d) and (m, d), in feature units.

    Returns:
        The distance, negative when smaller than sampling explains. Detail: the mean distance between the sides,
        inside the source and inside the target, and biased, the V-statistic of the original paper.

    Raises:
        DataError: fewer than two rows on a side, widths that differ, or features that are not finite.
    """
    kernels = _kernels(source, target)
    result = discrepancy(*kernels)
    inside_s, inside_t = (float(-k.sum()) / (len(k) * (len(k) - 1)) for k in kernels[:2])
    detail = {
        "between": float(-kernels[2].mean()),
        "inside_source": inside_s,
        "inside_target": inside_t,
        "biased": result.biased,
    }
    bounds = result.unbiased - result.biased, math.inf
    return Statistic(result.unbiased, detail, result.standard_error, result.freedom, bounds)


def energy_null(
    source: Embedding,
    target: Embedding,
    settings: EnergySettings,  # noqa: ARG001
    n_permutations: int,
    seed: int,
) -> np.ndarray:
    """Energy distances (n_permutations,) with the sides dealt out at random over the pooled rows."""
    return permuted_discrepancies(*_kernels(source, target), n_permutations, seed)


def _kernels(source: Embedding, target: Embedding) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minus the distances inside the source (n, n), inside the target (m, m) and between them (n, m)."""
    inside_s, inside_t, between = squared_distances(*feature_pair(source, target))
    return -np.sqrt(inside_s), -np.sqrt(inside_t), -np.sqrt(between)


ENERGY = Metric(
    name="energy",
    title="Energy distance",
    unit="feature units",
    settings_type=EnergySettings,
    statistic=energy,
    meaning="Samples of the other side are farther away than samples of one's own: the distributions differ.",
    blind_to="Labels; in many dimensions it hardly notices a change of shape beside a change of place.",
    reference="Szekely and Rizzo, Energy statistics, J. Stat. Plan. Inference 2013",
    n_subsamples=20,
    max_rows=2000,
    cost=2,
    null=energy_null,
)
