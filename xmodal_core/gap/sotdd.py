"""How far apart are two labelled clouds, a class being what its samples look like, seen along random lines?

    value = s E[W_p^p(a(S), a(T))]^(1/p),   a(x, y) = u_0 <t, x> + sum_i u_i E[<t, X>^r_i | class y] / r_i!

Every draw takes a direction t and weights u, both uniform on unit spheres, and orders r_i from Poisson laws
of rate 1, 2, ... without their zeros. A class enters through its scaled moments along t only, so classes
need not match in number or name; the cost is near linear in rows and does not grow with pairs of classes.

Reference: Nguyen, Nguyen, Pham and Ho, Lightspeed Geometric Dataset Distance via Sliced Optimal Transport,
ICML 2025.

Differs: the paper takes moments of the features as they are, which a shift of the origin changes and which
explode with the unit. Here features are centred between the two means and divided by one scalar s, the root
mean square of both centred clouds per dimension, by which the distance is multiplied again: it moves with the
unit of the features and stays finite. As s depends on the pair, the triangle inequality is no longer promised
across pairs. Directions come in orthonormal blocks, as in `sliced`.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import NOT_NEGATIVE, Metric, Statistic
from xmodal_core.gap.pair import feature_pair
from xmodal_core.gap.sliced import centred, directions, in_blocks, root_mean, transport_cost
from xmodal_core.settings import check_settings, setting


@dataclass(frozen=True)
class SotddSettings:
    """How many random lines, how many moments of a class, which power."""

    n_projections: int = setting(500, "Random projections", low=1, high=20000)
    n_moments: int = setting(5, "Moments that stand for a class in each projection", low=1, high=10)
    p: int = setting(2, "Power of the distance along a line", low=1, high=4)
    seed: int = setting(0, "Seed of the projections", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        check_settings(self)


def sotdd(source: Embedding, target: Embedding, settings: SotddSettings) -> Statistic:
    """Sliced OTDD of two labelled clouds (n, d), (m, d), in feature units of one direction.

    Returns:
        The distance. Detail: projection_error, its standard error from the choice of projections; scale, the
        scalar s; n_projections; n_moments.

    Raises:
        DataError: no rows, widths that differ, or values that are not finite.
    """
    x, y = centred(*feature_pair(source, target))
    scale = float(np.sqrt((np.vdot(x, x) / x.size + np.vdot(y, y) / y.size) / 2))
    lines = directions(x.shape[1], settings.n_projections, settings.seed) / (scale if scale > 0 else 1.0)
    # A row of coefficients: the weight of the sample itself, then of its class' moment of order 1, 2, ...
    coefficients = moment_coefficients(settings.n_projections, settings.n_moments, settings.seed)
    member_s, member_t = _memberships(source.labels), _memberships(target.labels)
    rows = np.arange(settings.n_projections)
    costs = []
    for part in in_blocks(rows, len(x) + len(y)):
        one = _projected(lines[part], coefficients[part], x, *member_s)
        other = _projected(lines[part], coefficients[part], y, *member_t)
        costs.append(transport_cost(one, other, settings.p))
    distance, error = root_mean(np.concatenate(costs), settings.p)
    detail = {
        "projection_error": scale * error,
        "scale": scale,
        "n_projections": settings.n_projections,
        "n_moments": settings.n_moments,
    }
    return Statistic(scale * distance, detail, bounds=NOT_NEGATIVE)


def moment_coefficients(n: int, n_moments: int, seed: int) -> np.ndarray:
    """Coefficients (n, 1 + highest order) of a sample's own position and of its class' moments, over r!.

    Orders drawn twice in one row add their weights. Rows with the highest orders come first.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])  # apart from the draw of directions
    weights = rng.normal(size=(n, n_moments + 1))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    orders = truncated_poisson(np.arange(1, n_moments + 1), n, rng)  # (n, n_moments)
    orders = orders[np.argsort(-orders.max(axis=1), kind="stable")]
    coefficients = np.zeros((n, orders.max() + 1))
    coefficients[:, 0] = weights[:, 0]
    np.add.at(coefficients, (np.arange(n)[:, None], orders), weights[:, 1:])
    return coefficients / np.array([float(factorial(r)) for r in range(coefficients.shape[1])])


def truncated_poisson(rates: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draws (n, k) from Poisson laws of the rates (k,) given that they are not zero.

    The first event, known to fall before time `rate`, is drawn from its law; the rest follow freely.
    """
    first = -np.log1p(rng.random((n, len(rates))) * np.expm1(-rates))
    return 1 + rng.poisson(np.maximum(rates - first, 0.0))


def _memberships(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class number (n,) of every row, and (n, classes) whose product with values is their mean in each class."""
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    averaging = np.zeros((len(labels), len(counts)))
    averaging[np.arange(len(labels)), inverse] = 1 / counts[inverse]
    return inverse, averaging


def _projected(
    lines: np.ndarray, coefficients: np.ndarray, x: np.ndarray, classes: np.ndarray, averaging: np.ndarray
) -> np.ndarray:
    """Every row on every line (l, n), ascending, its class' moments added."""
    along = lines @ x.T  # (l, n)
    power = np.ones_like(along)
    of_class = np.zeros((len(lines), averaging.shape[1]))
    highest = (coefficients != 0).cumsum(axis=1).argmax(axis=1)  # (l,), descending
    for order, coefficient in enumerate(coefficients.T[1:], start=1):
        live = int((highest >= order).sum())
        power[:live] *= along[:live]
        of_class[:live] += coefficient[:live, None] * (power[:live] @ averaging)  # (live, classes)
    along *= coefficients[:, :1]
    along += of_class.take(classes, axis=1)
    along.sort(axis=1)
    return along


SOTDD = Metric(
    name="sotdd",
    title="s-OTDD",
    unit="feature units of one direction",
    settings_type=SotddSettings,
    statistic=sotdd,
    meaning="Samples, or the classes they belong to, lie differently along random lines.",
    blind_to="What the labels mean: renaming classes changes nothing; not comparable in value with OTDD.",
    reference="Nguyen et al., Lightspeed Geometric Dataset Distance via Sliced Optimal Transport, ICML 2025",
    n_subsamples=20,
    uses_labels=True,
    max_rows=20000,
    cost=3,
)
