"""What a reading would be if labels, or sides, meant nothing.

Shuffled labels keep every point and deal the target's labels out at random: what is left of a label-aware
distance is the geometry of the clouds. Permuted sides pool the rows and deal out "source" and "target".
"""

from collections.abc import Callable

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import Pausing, Statistic

N_SHUFFLES = 3


def shuffled_labels(
    evaluate: Callable[[Embedding, Embedding], Pausing[Statistic]], source: Embedding, target: Embedding, seed: int
) -> Pausing[tuple[float, float]]:
    """Mean and standard deviation of a statistic over `N_SHUFFLES` shuffles of the target's labels."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(N_SHUFFLES):
        shuffled = yield from evaluate(source, target.relabelled(rng.permutation(target.labels)))
        values.append(shuffled.value)
    return float(np.mean(values)), float(np.std(values, ddof=1))


def permutation_p(null: np.ndarray, value: float) -> float:
    """Share of the permuted values (b,) at or above the observed one, itself counted: never below 1 / (b + 1).

    Reference: Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 2010.
    """
    rounding = 1e-12 * max(abs(value), float(np.abs(null).max(initial=0.0)))
    return float((1 + (null >= value - rounding).sum()) / (1 + len(null)))
