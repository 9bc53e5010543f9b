"""How far apart are the clouds when each is looked at along many random directions?

    value = sqrt(d) SW2,   SW2^2 = mean over directions t on the unit sphere of W2^2(<t, S>, <t, T>)

One-dimensional transport matches quantiles, so sorting solves it. Along a random direction a shift by delta
reads |delta| / sqrt(d); the factor sqrt(d) gives |delta| back.

Reference: Bonneel, Rabin, Peyre and Pfister, Sliced and Radon Wasserstein Barycenters, JMIV 2015.

Differs: the directions come in orthonormal blocks of d. Each is still uniform on the sphere, but a whole block
sees a shift exactly, where independent directions err by about 3 % at 500 of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import NOT_NEGATIVE, Metric, Statistic
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

_BLOCK = 1 << 18  # projected values sorted at a time: 2 MB stay in the cache


@dataclass(frozen=True)
class SlicedSettings:
    """How many directions, and which."""

    n_projections: int = setting(500, "Random directions", low=1, high=20000)
    seed: int = setting(0, "Seed of the directions", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        check_settings(self)


def sliced(source: Embedding, target: Embedding, settings: SlicedSettings) -> Statistic:
    """Sliced W2 of two clouds (n, d), (m, d) times sqrt(d), in feature units.

    Returns:
        The distance. Detail: sliced, the same without the factor; projection_error, the standard error of
        the value from the choice of directions; n_projections.

    Raises:
        DataError: no rows, widths that differ, or values that are not finite.
    """
    x, y = centred(*feature_pair(source, target))
    n, m, d = len(x), len(y), x.shape[1]
    costs = np.concatenate(
        [
            transport_cost(np.sort(part @ x.T, axis=1), np.sort(part @ y.T, axis=1), 2)
            for part in in_blocks(directions(d, settings.n_projections, settings.seed), n + m)
        ]
    )
    distance, error = root_mean(costs, 2)
    detail = {"sliced": distance, "projection_error": error * d**0.5, "n_projections": settings.n_projections}
    return Statistic(distance * d**0.5, detail, bounds=NOT_NEGATIVE)


def sliced_null(
    source: Embedding, target: Embedding, settings: SlicedSettings, n_permutations: int, seed: int
) -> np.ndarray:
    """Values (n_permutations,) of `sliced` with the sides dealt out at random over the pooled rows.

    Every direction sorts the pooled rows once; a permutation only reads the two sides off that order.
    """
    x, y = centred(*feature_pair(source, target))
    n, total, d = len(x), len(x) + len(y), x.shape[1]
    rng = np.random.default_rng(seed)
    first = np.arange(total) < n
    dealt = [rng.permutation(first) for _ in range(n_permutations)]
    pooled = np.concatenate([x, y])  # (n + m, d)
    sums = np.zeros(n_permutations)
    for part in in_blocks(directions(d, settings.n_projections, settings.seed), total):
        projected = part @ pooled.T  # (block, n + m)
        order = np.argsort(projected, axis=1)
        projected = np.take_along_axis(projected, order, axis=1)
        for b, side in enumerate(dealt):
            in_source = side.take(order)  # (block, n + m), n of them in every row
            # Row numbers, because numpy reads by them several times faster than by a mask.
            one = projected.take(np.flatnonzero(in_source)).reshape(len(part), n)
            other = projected.take(np.flatnonzero(~in_source)).reshape(len(part), total - n)
            sums[b] += transport_cost(one, other, 2).sum()
    return np.sqrt(d * sums / settings.n_projections)


@lru_cache(maxsize=2)
def directions(d: int, n: int, seed: int) -> np.ndarray:
    """Unit vectors (n, d), each uniform on the sphere up to sign, orthogonal within blocks of min(d, n)."""
    size = min(d, n)
    blocks = np.random.default_rng(seed).normal(size=(-(-n // size), d, size))
    basis = np.linalg.qr(blocks)[0].transpose(0, 2, 1).reshape(-1, d)[:n]  # (blocks * size, d), then (n, d)
    basis = np.ascontiguousarray(basis)
    basis.setflags(write=False)
    return basis


def in_blocks(rows: np.ndarray, n_values: int) -> Iterator[np.ndarray]:
    """Consecutive rows, so many that `n_values` numbers for each of them stay in the cache."""
    step = max(1, _BLOCK // n_values)
    return (rows[first : first + step] for first in range(0, len(rows), step))


def transport_cost(x: np.ndarray, y: np.ndarray, p: int) -> np.ndarray:
    """W_p^p (l,) of the one-dimensional clouds in the rows of x (l, n) and y (l, m), each row ascending."""
    n, m = x.shape[1], y.shape[1]
    if n == m:
        return (np.abs(x - y) ** p).mean(axis=1)
    # Both quantile functions are constant between neighbouring levels i / n, j / m, kept whole as multiples of 1 / nm.
    levels = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    mass = np.diff(levels, prepend=0) / (n * m)
    return (np.abs(x[:, (levels - 1) // m] - y[:, (levels - 1) // n]) ** p) @ mass


def root_mean(costs: np.ndarray, p: int) -> tuple[float, float]:
    """The p-th root of the mean of costs (l,), and its standard error if they were independent draws."""
    mean = float(costs.mean())
    if mean == 0 or len(costs) == 1:
        return mean ** (1 / p), 0.0
    error = float(costs.std(ddof=1)) / len(costs) ** 0.5
    return mean ** (1 / p), mean ** (1 / p - 1) * error / p


def centred(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both clouds (n, d), (m, d) with the origin moved to the middle between their means."""
    centre = (x.mean(axis=0) + y.mean(axis=0)) / 2
    return x - centre, y - centre


SLICED = Metric(
    name="sliced",
    title="Sliced Wasserstein",
    unit="feature units (a shift reads as its length)",
    settings_type=SlicedSettings,
    statistic=sliced,
    meaning="Along random directions the clouds are far to move onto each other.",
    blind_to="Labels, and what only joint directions show: a change in few of many dimensions is averaged away.",
    reference="Bonneel et al., Sliced and Radon Wasserstein Barycenters, JMIV 2015",
    n_subsamples=20,
    max_rows=20000,
    cost=3,
    null=sliced_null,
)
