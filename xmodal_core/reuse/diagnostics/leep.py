"""Transferability from a source predictor's answers on target samples, without training: LEEP.

    LEEP = mean_i log sum_z P(y_i | z) theta_i(z)    theta_i the source posterior of sample i

In nats, at most 0, and 0 when the source answer gives the target label away; a predictor that knows nothing reads
-H(Y), and one that answers a single class Z reads -H(Y | Z), which is NCE. It is measured on the samples that
P(y | z) was estimated on, which flatters many source classes and few samples: never compare it between numbers of
classes. `matching` gives cross-fitted numbers.

Reference: Nguyen et al., ICML 2020 (LEEP); Tran et al., ICCV 2019 (NCE).
"""

import numpy as np

from xmodal_core.errors import DataError

_SUM_TOLERANCE = 1e-3


def leep(posterior: np.ndarray, labels: np.ndarray) -> float:
    """LEEP of source posteriors (m, K_S), rows summing to 1, for target labels (m,).

    Raises:
        DataError: shapes that do not fit, or rows that are no distributions.
    """
    posterior, y = posterior_and_classes(posterior, labels)
    given = _given_source(_joint(posterior, y))
    return float(np.log(np.einsum("mz,mz->m", posterior, given[:, y].T)).mean())


def posterior_and_classes(posterior: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors (m, K_S) in float64 with rows that sum to 1, and the labels (m,) numbered from 0.

    Raises:
        DataError: shapes that do not fit, or rows that are no distributions.
    """
    if posterior.ndim != 2 or labels.ndim != 1 or len(posterior) != len(labels) or 0 in posterior.shape:
        raise DataError(f"Found posteriors {posterior.shape} and labels {labels.shape}, expected (m, K_S) and (m,).")
    posterior = posterior.astype(np.float64)
    sums = posterior.sum(axis=1)
    if not (posterior.min() >= 0 and np.abs(sums - 1).max() <= _SUM_TOLERANCE):
        raise DataError("Found posteriors that are negative or do not sum to 1, expected the output of a softmax.")
    return posterior / sums[:, None], np.unique(labels, return_inverse=True)[1]


def _joint(posterior: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Joint distribution (K_S, K_T) of source and target class: mean over samples of p(z | i) 1[y_i = y]."""
    return np.asarray(posterior.T @ np.eye(int(y.max()) + 1)[y] / len(y))


def _given_source(share: np.ndarray) -> np.ndarray:
    """P(y | z) from the joint distribution (K_S, K_T); zero for a source class without mass."""
    mass = share.sum(axis=1, keepdims=True)
    return np.divide(share, mass, where=mass > 0, out=np.zeros_like(share))
