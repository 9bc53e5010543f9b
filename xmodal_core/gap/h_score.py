"""How much of the features' variance, whitened, lies between the target's classes? Shrunk H-score.

    H = tr(S_a^-1 (1 - a) S_B) / (K - 1),   S_a = (1 - a) S + a tr(S)/d I

S is the covariance of the features, S_B that of their class means, and a the Ledoit-Wolf shrinkage. Without
shrinkage (a = 0) and division this is the plain H-score, at most K - 1, which reads noise as D (K - 1) / (N - 1).

Reference: Bao et al., ICIP 2019 (H-score); Ibrahim, Ponomareva and Mazumder, ECML 2022 (shrinkage);
Ledoit and Wolf, J. Multivariate Analysis 2004.

Differs: divided by K - 1. The plain score treats eigenvalues below 1e-10 of the largest as zero; published code
inverts them down to 1e-15, which turns rounding into score.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import SHARE, Metric, Statistic
from xmodal_core.gap.labelled import centred, labelled_rows, left_coordinates
from xmodal_core.settings import check_settings

_RCOND = 1e-10


@dataclass(frozen=True)
class HScoreSettings:
    """Nothing to set: the shrinkage follows from the data."""

    def __post_init__(self) -> None:
        check_settings(self)


def h_score(source: Embedding, target: Embedding, settings: HScoreSettings) -> Statistic:  # noqa: ARG001
    """Shrunk H-score of the target (m, d) over K - 1; the source is not looked at.

    Returns:
        A number in [0, 1], 0 where class means coincide or the features do not vary. Detail: shrunk (before the
        division), plain (without shrinkage, at most K - 1), the shrinkage in [0, 1], classes, smallest class.

    Raises:
        DataError: fewer than two classes among the rows, or features not finite.
    """
    rows = labelled_rows(target)
    features, n_classes = centred(rows.features), len(rows.counts)
    # Columns 1_c / sqrt(n_c) are orthonormal, and the plain score is the squared length of their projection.
    squared, seen = left_coordinates(features, rows.one_hot() / np.sqrt(rows.counts), _RCOND)
    energy = (seen**2).sum(axis=1)  # (r,)
    shrinkage = ledoit_wolf(features, squared)
    ridge = shrinkage * squared.sum() / features.shape[1]
    shrunk = float((energy * (1 - shrinkage) * squared / ((1 - shrinkage) * squared + ridge)).sum())
    detail = {
        "shrunk": shrunk,
        "plain": float(energy.sum()),
        "shrinkage": shrinkage,
        "n_classes": n_classes,
        "smallest_class": int(rows.counts.min()),
    }
    return Statistic(shrunk / (n_classes - 1), detail, bounds=SHARE)


def ledoit_wolf(features: np.ndarray, squared: np.ndarray) -> float:
    """Shrinkage in [0, 1] towards a multiple of the identity.

    Args:
        features: (n, d), centred.
        squared: (r,) their squared singular values.

    Reference: Ledoit and Wolf 2004, lemmas 3.2 to 3.4.
    """
    n, d = features.shape
    total, square = squared.sum() / n, float((squared**2).sum()) / n**2  # tr S and tr S^2
    distance = square - total**2 / d
    noise = (float(((features**2).sum(axis=1) ** 2).sum()) / n - square) / n
    # Equal eigenvalues leave nothing to shrink; rounding must not decide.
    if distance <= 1e-12 * square:
        return 0.0
    return float(np.clip(noise / distance, 0.0, 1.0))


H_SCORE = Metric(
    name="h_score",
    title="H-score",
    unit="share of K - 1",
    settings_type=HScoreSettings,
    statistic=h_score,
    meaning="Class means stand apart along directions in which the target otherwise varies little.",
    blind_to="The source, and classes that share a mean; with few rows per feature shrinkage pulls it to 0.",
    reference="Bao et al., ICIP 2019; Ibrahim, Ponomareva and Mazumder, ECML 2022",
    n_subsamples=20,
    target_only=True,
    uses_labels=True,
    max_rows=2000,
    cost=3,
)
