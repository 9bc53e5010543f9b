"""Can a fresh linear classifier still read the source's classes from the trained body's features?

The old predictor fails as soon as features move; a fresh one fails only when the classes can no longer be told
apart by hyperplanes. It is retention's second opinion, and like that anchored by randomly initialised weights.

Reference: Davari et al., Probing Representation Forgetting in Supervised and Unsupervised Continual Learning, CVPR
2022; the classifier is that of `gap.linear_probe`.

Differs: ridge on standardised features with the penalty of least leave-one-out error, instead of logistic
regression: closed form, so that every body is probed by the same procedure with nothing to converge.
"""

import numpy as np

from xmodal_core.environment import one_blas_thread
from xmodal_core.errors import DataError
from xmodal_core.gap.linear_probe import class_ridge

_TIE = 1e-9


def probe_credit(bank: np.ndarray, bank_labels: np.ndarray, query: np.ndarray, query_labels: np.ndarray) -> np.ndarray:
    """Credit (q,) of each query: 1 if a linear classifier of the bank names its label, a share of 1 in a tie.

    Args:
        bank: (b, d) features that the classifier is fitted on.
        bank_labels: (b,).
        query: (q, d) features that it is asked about.
        query_labels: (q,); a label that the bank does not have is always missed.

    Raises:
        DataError: widths differ, a side has no rows, features are not finite, or the bank has one class.
    """
    if bank.ndim != 2 or query.ndim != 2 or bank.shape[1] != query.shape[1] or 0 in bank.shape or 0 in query.shape:
        raise DataError(
            f"Found bank and query features of shape {bank.shape} and {query.shape}, expected (b, d) and (q, d)."
        )
    if not (np.isfinite(bank).all() and np.isfinite(query).all()):
        raise DataError("Found NaN or infinite features, expected finite numbers; the network has diverged.")
    present, classes = np.unique(bank_labels, return_inverse=True)
    if len(present) < 2:
        raise DataError("Found one class in the bank, expected at least two; take a source with more classes.")
    x, asked = bank.astype(np.float64), query.astype(np.float64)
    shift, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, np.inf)  # a feature that is the same in the whole bank tells nothing
    with one_blas_thread():
        fit = class_ridge((x - shift) / scale, classes, len(present))
    scores = (asked - shift) / scale @ fit.weights + fit.intercept  # (q, K)
    winners = scores >= scores.max(axis=1, keepdims=True) - _TIE
    right = winners & (present == query_labels[:, None])
    return np.asarray(right.any(axis=1) / winners.sum(axis=1))
