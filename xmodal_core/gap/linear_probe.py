"""Can the target's classes be told apart by hyperplanes in its own features? Cross-validated ridge classifier.

    min_W,b  sum_i w_i |y_i - W'x_i - b|^2 + lambda |W|^2,   y = +1 for a row's own class and -1 for the others

Every fifth of the rows is predicted by a classifier that has not seen it, whose lambda was chosen by exact
leave-one-out error on the rows it has seen: one eigendecomposition of the smaller Gram matrix serves every lambda.

Reference: Alain and Bengio, ICLR workshop 2017 (probes); Golub, Heath and Wahba, Technometrics 1979 (leave-one-out).

Differs: ridge instead of logistic regression, for the closed forms. Rows are weighted so that every class has the
same mass, as the accuracy is balanced. Folds follow an order computed from the features, so no seed is needed
and the order of rows means nothing. An exact tie between classes gives part of the credit.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import SHARE, Metric, Statistic
from xmodal_core.gap.knn import balanced_mean
from xmodal_core.gap.labelled import LabelledRows, centred, gram_spectrum, labelled_rows
from xmodal_core.settings import check_settings, setting

PENALTIES = 10.0 ** np.arange(-6, 5)  # times the mean eigenvalue
_RCOND = 1e-12
_NO_SPREAD = 1e-28  # of features scaled to magnitude 1: what rounding leaves of equal values, squared
_TIE = 1e-9


@dataclass(frozen=True)
class LinearProbeSettings:
    """How the rows are cut for cross-validation."""

    folds: int = setting(5, "Parts the rows are cut into; each is predicted from the others", low=2, high=20)

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True, eq=False)
class Ridge:
    """A linear classifier and how it was chosen.

    Attributes:
        weights: (d, K).
        intercept: (K,).
        chosen: place of the penalty in `PENALTIES`.
        penalties: (11,) in units of the features.
        errors: (11,) weighted squared leave-one-out error of each penalty.
    """

    weights: np.ndarray
    intercept: np.ndarray
    chosen: int
    penalties: np.ndarray
    errors: np.ndarray


def linear_probe(source: Embedding, target: Embedding, settings: LinearProbeSettings) -> Statistic:  # noqa: ARG001
    """Cross-validated balanced accuracy of a linear classifier on the target (m, d); the source is not looked at.

    Returns:
        Accuracy in [0, 1], with the standard error of the cross-validated mean given its classifiers (Bayle et al.,
        NeurIPS 2020; one success and one failure added per class, so that no class is taken for certain).
        Detail: chance (1 / K), the penalty of each fold times the mean eigenvalue, smallest class size, share of
        the largest class. A class with one sample is always missed and still counts.

    Raises:
        DataError: fewer than two classes among the rows, or features not finite.
    """
    rows = labelled_rows(target)
    features, n_classes = centred(rows.features), len(rows.counts)
    folds, credit, penalties = _folds(rows, settings.folds), np.zeros(len(rows.classes)), []
    for fold in np.unique(folds):
        held = folds == fold
        if held.all():  # every class has one row: nothing is left to learn from, and every row is missed
            continue
        fit = class_ridge(features[~held], rows.classes[~held], n_classes)
        credit[held] = _credit(features[held] @ fit.weights + fit.intercept, rows.classes[held])
        penalties.append(float(PENALTIES[fit.chosen]))
    detail = {
        "chance": 1 / n_classes,
        "majority_share": float(rows.counts.max() / rows.counts.sum()),
        "accuracy_unbalanced": float(credit.mean()),
        "smallest_class": int(rows.counts.min()),
        "n_classes": n_classes,
        "penalties": penalties,
        "folds": len(penalties),
    }
    return Statistic(
        balanced_mean(credit, rows.classes), detail, standard_error=_standard_error(credit, rows), bounds=SHARE
    )


def class_ridge(features: np.ndarray, classes: np.ndarray, n_classes: int) -> Ridge:
    """Class-balanced ridge on +-1 targets with an intercept, the penalty chosen by leave-one-out error.

    Args:
        features: (n, d).
        classes: (n,) numbers below n_classes; a class without rows is never predicted.
        n_classes: K.
    """
    weight = 1 / np.bincount(classes, minlength=n_classes)[classes]
    weight /= weight.sum()  # (n,)
    targets = 2.0 * (classes[:, None] == np.arange(n_classes)) - 1  # (n, K)
    mean_x, mean_y, root = weight @ features, weight @ targets, np.sqrt(weight)[:, None]
    x, y = (features - mean_x) * root, (targets - mean_y) * root
    squared, left = _left_vectors(x)
    seen = left.T @ y  # (r, K)
    penalties = PENALTIES * (squared.mean() if len(squared) else 1.0)
    shrink = squared[:, None] / (squared[:, None] + penalties)  # (r, P)
    shrunk = (shrink[:, :, None] * seen[:, None, :]).reshape(len(squared), len(penalties) * n_classes)  # (r, P * K)
    residual = y[:, None, :] - (left @ shrunk).reshape(len(y), len(penalties), n_classes)  # (n, P, K)
    # Its own pull on the fit: through the intercept, and through the slopes.
    leverage = weight[:, None] + left**2 @ shrink  # (n, P)
    errors = ((residual**2).sum(axis=2) / np.maximum(1 - leverage, 1e-12) ** 2).sum(axis=0)  # (P,)
    chosen = int(errors.argmin())
    weights = x.T @ (left @ (seen / (squared + penalties[chosen])[:, None]))  # (d, K)
    return Ridge(weights, mean_y - mean_x @ weights, chosen, penalties, errors)


def _left_vectors(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared singular values (r,) and left singular vectors (n, r)."""
    squared, vectors = gram_spectrum(x, _RCOND)
    kept = squared > _NO_SPREAD
    squared, vectors = squared[kept], vectors[:, kept]
    return squared, vectors if x.shape[1] > len(x) else x @ (vectors / np.sqrt(squared))


def _folds(rows: LabelledRows, n_folds: int) -> np.ndarray:
    """Fold (n,) of each row: every class is dealt out in turn."""
    order = np.argsort(rows.classes, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - (np.cumsum(rows.counts) - rows.counts)[rows.classes[order]]
    return rank % n_folds


def _credit(scores: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """1 where a row's class has the highest score (n, K), 1/t where t classes share it, else 0."""
    winners = scores >= scores.max(axis=1, keepdims=True) - _TIE
    return np.asarray(winners[np.arange(len(classes)), classes] / winners.sum(axis=1))


def _standard_error(credit: np.ndarray, rows: LabelledRows) -> float:
    recall = (np.bincount(rows.classes, credit) + 1) / (rows.counts + 2)
    return float(np.sqrt((recall * (1 - recall) / rows.counts).sum()) / len(rows.counts))


LINEAR_PROBE = Metric(
    name="linear_probe",
    title="Target linear probe",
    unit="balanced accuracy",
    settings_type=LinearProbeSettings,
    statistic=linear_probe,
    meaning="A linear head on these features, as they are, tells the target's classes apart.",
    blind_to="The source, and classes that only a curve separates; a class between two others may be masked.",
    reference="Alain and Bengio, ICLR workshop 2017; Golub, Heath and Wahba, Technometrics 1979",
    n_subsamples=20,
    target_only=True,
    uses_labels=True,
    max_rows=2000,
    cost=3,
)
