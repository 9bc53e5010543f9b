"""Distance between two labels: the Wasserstein distance between the samples that carry them.

Gaussian labels use the Bures-Wasserstein closed form
    W2^2 = |m_s - m_t|^2 + tr S_s + tr S_t - 2 tr (S_s^1/2 S_t S_s^1/2)^1/2,
whose last trace is the nuclear norm of F_s F_t^T for any factors with S = F^T F. The factor is the centred
class itself, or the R of its QR decomposition where that is smaller, so no (d, d) matrix and no matrix
square root is formed.

Reference: Alvarez-Melis and Fusi, NeurIPS 2020, sec. 4; Bhatia, Jain and Lim 2019 for the Bures distance.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xmodal_core.environment import one_blas_thread
from xmodal_core.errors import SettingsError
from xmodal_core.gap.transport import optimal_cost

_ROUNDING = 1e-12  # a squared distance below this share of the spread is rounding of the spread itself
_WORKERS = 2


@dataclass(frozen=True, eq=False)
class ClassSample:
    """The samples of one class.

    Attributes:
        rows: (n_c, d) float64.
        mass: (n_c,) adding up to 1; None where all count the same.
    """

    rows: np.ndarray
    mass: np.ndarray | None = None

    @cached_property
    def mean(self) -> np.ndarray:
        """(d,)."""
        return np.asarray(self.rows.mean(axis=0) if self.mass is None else self.mass @ self.rows)

    @cached_property
    def centred(self) -> np.ndarray:
        """(n_c, d) with centred^T centred the unbiased covariance; zero for a class with one sample."""
        n = len(self.rows)
        if self.mass is None:
            return np.asarray((self.rows - self.mean) / np.sqrt(max(n - 1, 1)))
        unbiased = 1 - float(self.mass @ self.mass)
        return np.asarray((self.rows - self.mean) * np.sqrt(self.mass / unbiased if n > 1 else self.mass)[:, None])

    @cached_property
    def factor(self) -> np.ndarray:
        """F (min(n_c, d), d) with F^T F the covariance."""
        wide = len(self.rows) > self.rows.shape[1]
        return np.asarray(np.linalg.qr(self.centred, mode="r") if wide else self.centred)

    @cached_property
    def deviation(self) -> np.ndarray:
        """Standard deviation (d,) of each feature."""
        return np.asarray(np.sqrt((self.centred**2).sum(axis=0)))


def class_samples(
    features: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, list[ClassSample]]:
    """Labels present (K,) ascending, and the samples of each; weights (n,) are positive, on any scale."""
    present, inverse = np.unique(labels, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    if weights is None:
        return present, [ClassSample(features[rows]) for rows in groups]
    return present, [ClassSample(features[rows], weights[rows] / weights[rows].sum()) for rows in groups]


def label_distances(source: Sequence[ClassSample], target: Sequence[ClassSample], kind: str, p: int = 2) -> np.ndarray:
    """W_p^p (K_s, K_t) between classes. A class with one sample is a point mass: its covariance is zero.

    Args:
        source: the source's classes.
        target: the target's classes; the same object where a side is held against itself.
        kind: gaussian | diagonal | means | exact.
        p: 2, or 1 for the kinds means and exact.

    Raises:
        SettingsError: a kind without a closed form for this p.

    Differs: covariances divide by n_c - 1, as in the authors' code; the paper does not say.
    """
    if p == 1 and kind in ("gaussian", "diagonal"):
        raise SettingsError(f"labels is {kind!r} with p = 1, which has no closed form; choose labels exact or means.")
    return _KINDS[kind](source, target, p)


def _means(source: Sequence[ClassSample], target: Sequence[ClassSample], p: int = 2) -> np.ndarray:
    m_t = np.stack([c.mean for c in target])
    squared = np.stack([((m_t - c.mean) ** 2).sum(axis=1) for c in source])  # (K_s, K_t)
    return np.asarray(squared if p == 2 else np.sqrt(squared))


def _gaussian(source: Sequence[ClassSample], target: Sequence[ClassSample], p: int) -> np.ndarray:
    spread = np.add.outer([np.sum(c.centred**2) for c in source], [np.sum(c.centred**2) for c in target])
    bures = spread - 2 * _nuclear_norms(source, target)
    bures[bures < _ROUNDING * spread] = 0.0
    return np.asarray(_means(source, target, p) + bures)


def _nuclear_norms(source: Sequence[ClassSample], target: Sequence[ClassSample]) -> np.ndarray:
    """Nuclear norms (K_s, K_t) of F_s F_t^T: one product and one batch of decompositions a source class and group."""
    same = source is target

    def line(i: int) -> np.ndarray:
        norms = np.zeros(len(target))
        for members, stack in groups:
            wanted = members > i if same else np.ones(len(members), bool)
            norms[members[wanted]] = np.linalg.svd(stack[wanted] @ factors[i].T, compute_uv=False).sum(axis=-1)
        return norms

    with _one_thread_each() as pool:
        factors, others = (list(pool.map(lambda c: c.factor, side)) for side in (source, target))
        groups = _stacked(others)
        norms = np.stack(list(pool.map(line, range(len(source)))))  # (K_s, K_t)
    return norms + norms.T + np.diag([np.sum(c.centred**2) for c in source]) if same else norms


def _stacked(factors: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Factors of about equal height as (their numbers (k,), stack (k, r, d)); rows of zeros change no norm."""
    heights = np.array([len(f) for f in factors])
    bucket = np.where(heights > 8, -(-heights // 8) * 8, heights)
    groups = []
    for size in np.unique(bucket):
        members = np.flatnonzero(bucket == size)
        stack = np.zeros((len(members), heights[members].max(), factors[0].shape[1]))
        for place, k in enumerate(members):
            stack[place, : heights[k]] = factors[k]
        groups.append((members, stack))
    return groups


def _diagonal(source: Sequence[ClassSample], target: Sequence[ClassSample], p: int) -> np.ndarray:
    sd_t = np.stack([c.deviation for c in target])
    bures = np.stack([((sd_t - c.deviation) ** 2).sum(axis=1) for c in source])
    return np.asarray(_means(source, target, p) + bures)


def _exact(source: Sequence[ClassSample], target: Sequence[ClassSample], p: int) -> np.ndarray:
    from scipy.spatial.distance import cdist

    def between(one: ClassSample, other: ClassSample) -> float:
        cost = cdist(one.rows, other.rows, "sqeuclidean" if p == 2 else "euclidean")
        return optimal_cost(cost, *_both(one, other))

    same = source is target  # then half of them tell all
    pairs = [(i, j) for i in range(len(source)) for j in range(i + 1 if same else 0, len(target))]
    with _one_thread_each() as pool:
        values = list(pool.map(lambda ij: between(source[ij[0]], target[ij[1]]), pairs))
    table = np.zeros((len(source), len(target)))
    for (i, j), value in zip(pairs, values, strict=True):
        table[i, j] = value
    return table + table.T if same else table


def _both(one: ClassSample, other: ClassSample) -> tuple[np.ndarray | None, np.ndarray | None]:
    if one.mass is None and other.mass is None:
        return None, None
    return tuple(np.full(len(c.rows), 1 / len(c.rows)) if c.mass is None else c.mass for c in (one, other))  # type: ignore[return-value]


@contextmanager
def _one_thread_each() -> Iterator[ThreadPoolExecutor]:
    """Workers whose matrix routines keep to one thread: on small matrices a threaded library mostly waits."""
    with one_blas_thread(), ThreadPoolExecutor(_WORKERS) as pool:
        yield pool


_KINDS: dict[str, Callable[[Sequence[ClassSample], Sequence[ClassSample], int], np.ndarray]] = {
    "gaussian": _gaussian,
    "diagonal": _diagonal,
    "means": _means,
    "exact": _exact,
}
LABEL_KINDS = tuple(_KINDS)
