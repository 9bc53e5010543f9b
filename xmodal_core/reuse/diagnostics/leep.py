"""Transferability from a source predictor's answers on target samples, without training: NCE and LEEP.

    NCE = -H(Y | Z)                                  Z the source class that was answered
    LEEP = mean_i log sum_z P(y_i | z) theta_i(z)    theta_i the source posterior of sample i

Both are in nats, at most 0, and 0 when the source answer gives the target label away; a predictor that knows
nothing reads -H(Y). They are measured on the samples that P(y | z) was estimated on, which flatters many source
classes and few samples: never compare them between numbers of classes. `matching` gives cross-fitted numbers.

Reference: Tran et al., ICCV 2019 (NCE); Nguyen et al., ICML 2020 (LEEP).
"""

import numpy as np

from xmodal_core.errors import DataError

_SUM_TOLERANCE = 1e-3


def nce(source_labels: np.ndarray, labels: np.ndarray) -> float:
    """Negative conditional entropy of the target labels (m,) given the source labels (m,) that were answered.

    Raises:
        DataError: the two do not belong to the same samples.
    """
    if source_labels.ndim != 1 or source_labels.shape != labels.shape or not len(labels):
        raise DataError(
            f"Found {source_labels.shape} source and {labels.shape} target labels, expected one of each per sample."
        )
    _, z = np.unique(source_labels, return_inverse=True)
    hard = np.eye(int(z.max()) + 1)[z]
    share = _joint(*posterior_and_classes(hard, labels))
    return float((share * np.log(_given_source(share), where=share > 0, out=np.zeros_like(share))).sum())


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
