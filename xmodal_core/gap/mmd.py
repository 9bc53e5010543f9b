"""Can any smooth function tell the two clouds apart by its mean?

    value = mean_{i != i'} k(x_i, x_i') + mean_{j != j'} k(y_j, y_j') - 2 mean_{i, j} k(x_i, y_j)
    k(x, y) = mean over sigma^2 in {1/4, 1/2, 1, 2, 4} h^2 of exp(-|x - y|^2 / (2 sigma^2))

h^2 is the median squared distance between source rows: the target cannot move it, so readings of one source at
several steps are in one unit.

Reference: Gretton et al., A Kernel Two-Sample Test, JMLR 2012, eq. 3.

Differs: the bandwidth is the source's, not the pooled sample's, so source and target may not change places; the
value is unbiased and therefore below zero about half of the time without a gap, and is not clipped. Its
standard error is the jackknife's over single rows with the kernel held fixed. Permuted sides keep the kernel, too:
exact where `bandwidth` is set, nearly so with the median.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.knn import dealt_sides
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

_DUPLICATE = 1e-12  # squared distances below this share of the squared norms are rounding of zero
_BLOCK = 1 << 17  # squared distances at a time: 1 MB stays in the cache through all the passes over it
_MIN_ROWS_FOR_ERROR = 20
_WIDEST, _HALVINGS = {"five": 4.0, "one": 1.0}, {"five": 4, "one": 0}


@dataclass(frozen=True)
class MmdSettings:
    """Which kernels, and how wide."""

    bandwidth: float = setting(
        0.0, "Width h of the kernel, in feature units; 0 takes the median distance of source rows", low=0, high=1e9
    )
    kernels: str = setting("five", "Mean of five widths around h, or the one of width h", choices=("five", "one"))

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class Discrepancy:
    """What is left of the mean kernel values inside the sides after those between them.

    Attributes:
        unbiased: pairs of a row with itself left out.
        biased: the V-statistic, all pairs.
        standard_error: of `unbiased`, from leaving out one row at a time; right where there is a gap, up to
            sqrt 2 too large where there is none; None with fewer than 20 rows on a side.
        freedom: degrees of freedom of the standard error.
    """

    unbiased: float
    biased: float
    standard_error: float | None
    freedom: int


def mmd(source: Embedding, target: Embedding, settings: MmdSettings) -> Statistic:
    """Unbiased squared maximum mean discrepancy of two clouds (n, d) and (m, d).

    Returns:
        MMD^2, at most 2. Detail: bandwidth h in feature units, and biased, the V-statistic that counts every
        row as its own neighbour and so is positive even without a gap.

    Raises:
        DataError: fewer than two rows on a side, widths that differ, features that are not finite, or source
            rows without any spread where the bandwidth is left to them.
    """
    *kernels, bandwidth = _kernels(source, target, settings)
    result = discrepancy(*kernels)
    detail = {"bandwidth": bandwidth, "biased": result.biased, "kernels": settings.kernels}
    bounds = result.unbiased - result.biased, 2.0
    return Statistic(result.unbiased, detail, result.standard_error, result.freedom, bounds)


def mmd_null(source: Embedding, target: Embedding, settings: MmdSettings, n_permutations: int, seed: int) -> np.ndarray:
    """MMD^2 (n_permutations,) with the sides dealt out at random over the pooled rows, the kernel held fixed."""
    k_ss, k_tt, k_st, _ = _kernels(source, target, settings)
    return permuted_discrepancies(k_ss, k_tt, k_st, n_permutations, seed)


def squared_distances(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squared Euclidean distances (n, n) inside x, (m, m) inside y, (n, m) between them; duplicates exactly 0.

    Args:
        x: (n, d) float64.
        y: (m, d) float64.

    Raises:
        DataError: fewer than two rows on a side.
    """
    if min(len(x), len(y)) < 2:
        raise DataError(f"Found {len(x)} source and {len(y)} target rows, expected at least 2 of each; use more rows.")
    # Each block is centred on its own rows: clouds that lie far apart would lose the digits of their insides.
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    centre = (mean_x + mean_y) / 2
    inside_x, inside_y = x - mean_x, y - mean_y
    return _squared(inside_x, inside_x), _squared(inside_y, inside_y), _squared(x - centre, y - centre)


def discrepancy(k_ss: np.ndarray, k_tt: np.ndarray, k_st: np.ndarray) -> Discrepancy:
    """Discrepancy of two samples from kernel values (n, n), (m, m) and (n, m).

    Reference: Gretton et al., JMLR 2012, eq. 3 with the complete cross term, and eq. 5; Arvesen, Annals of
    Mathematical Statistics 1969, for the jackknife of U-statistics.
    """
    between = 2 * float(k_st.mean())
    unbiased = sum(float(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in (k_ss, k_tt)) - between
    error = None
    if min(k_st.shape) >= _MIN_ROWS_FOR_ERROR:
        error = float(np.sqrt(_jackknife_variance(k_ss, k_st) + _jackknife_variance(k_tt, k_st.T)))
    return Discrepancy(unbiased, float(k_ss.mean() + k_tt.mean()) - between, error, min(k_st.shape) - 1)


def permuted_discrepancies(
    k_ss: np.ndarray, k_tt: np.ndarray, k_st: np.ndarray, n_permutations: int, seed: int
) -> np.ndarray:
    """Unbiased discrepancies (n_permutations,) with the sides dealt out at random: one matrix product for all."""
    n, m = k_st.shape
    pooled = np.block([[k_ss, k_st], [k_st.T, k_tt]])  # (n + m, n + m)
    np.fill_diagonal(pooled, 0)
    sides = dealt_sides(n, m, n_permutations, seed)  # (n + m, b)
    rows = pooled.sum(axis=1)
    inside_source = np.einsum("ib,ib->b", sides, pooled @ sides)
    between = rows @ sides - inside_source
    inside_target = rows.sum() - inside_source - 2 * between
    return np.asarray(inside_source / (n * (n - 1)) + inside_target / (m * (m - 1)) - 2 * between / (n * m))


def _jackknife_variance(inside: np.ndarray, between: np.ndarray) -> float:
    """Variance of the unbiased discrepancy due to one side, from `inside` (n, n) and `between` (n, m)."""
    n, m = between.shape
    links = inside.sum(axis=1) - np.diag(inside)  # (n,)
    left_out = 2 * (between.sum(axis=1) / m - links / (n - 2)) / (n - 1)  # (n,): change when row i is missing
    return (n - 1) * float(left_out.var())


def _kernels(
    source: Embedding, target: Embedding, settings: MmdSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Kernel values inside the source, inside the target and between them, and the bandwidth."""
    inside_s, inside_t, between = squared_distances(*feature_pair(source, target))
    bandwidth = settings.bandwidth if settings.bandwidth > 0 else _median_distance(inside_s)
    return (
        _gaussian(inside_s, bandwidth, settings.kernels),
        _gaussian(inside_t, bandwidth, settings.kernels),
        _gaussian(between, bandwidth, settings.kernels),
        bandwidth,
    )


def _gaussian(squared: np.ndarray, bandwidth: float, kernels: str) -> np.ndarray:
    """Mean of the Gaussian kernels; each narrower one has half the sigma^2, so it is the square of the one before."""
    with np.errstate(over="ignore"):  # beside a very narrow kernel any distance is infinite, its value 0
        kernel = np.exp(-squared / bandwidth / (2 * _WIDEST[kernels] * bandwidth))
    total = kernel.copy()
    for _ in range(_HALVINGS[kernels]):
        kernel *= kernel
        total += kernel
    return np.asarray(total / (1 + _HALVINGS[kernels]))


def _median_distance(squared: np.ndarray) -> float:
    """Root of the median squared distance (n, n) of different rows; of those apart where most are duplicates."""
    n = len(squared)
    pairs = squared.ravel()[1:].reshape(n - 1, n + 1)[:, :-1]  # (n - 1, n): all but the diagonal
    median = float(np.median(pairs))
    if median == 0:
        apart = pairs[pairs > 0]
        if len(apart) == 0:
            raise DataError(
                "Found the same features in every source row, expected some spread; use other features or set a "
                "bandwidth."
            )
        median = float(np.median(apart))
    return float(np.sqrt(median))


def _squared(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    of_x, of_y = (x**2).sum(axis=1)[:, None], (y**2).sum(axis=1)  # (n, 1), (m,)
    squared: np.ndarray = x @ y.T
    step = max(1, _BLOCK // len(y))
    for first in range(0, len(x), step):
        rows = squared[first : first + step]
        norms = of_x[first : first + step] + of_y  # (step, m)
        rows *= -2
        rows += norms
        norms *= _DUPLICATE
        rows[rows <= norms] = 0
    return squared


MMD = Metric(
    name="mmd",
    title="MMD",
    unit="squared kernel distance (at most 2)",
    settings_type=MmdSettings,
    statistic=mmd,
    meaning="The clouds differ in place, spread or shape at the scale of distances between source samples.",
    blind_to="Labels, and how far apart: once every kernel value between the sides is near zero it stops growing.",
    reference="Gretton et al., A Kernel Two-Sample Test, JMLR 2012",
    n_subsamples=20,
    max_rows=2000,
    cost=2,
    symmetric=False,
    null=mmd_null,
)
