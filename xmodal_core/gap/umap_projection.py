"""A neighbour map of both clouds (UMAP): who is near whom, and nothing else. For looking at; no reading uses it.

Reference: McInnes, Healy and Melville, arXiv 1802.03426; why the start matters: Kobak and Linderman, Nature
Biotechnology 2021.

Differs: it starts from places that are given (the linear picture), not from a spectral solution, which does not exist
for clouds without a neighbour in common.
"""

import warnings

import numpy as np

from xmodal_core.errors import DataError

N_NEIGHBOURS = 15
_LEAST_ROWS = 3
_JITTER = 1e-3  # of the start's scatter: rows that start in one place, or on one line, can part


def umap_projection(features: np.ndarray, start: np.ndarray, seed: int) -> np.ndarray:
    """Places (n, 2) float32 in which rows keep their nearest neighbours, as far as two axes can.

    The first call in a process compiles for many seconds; later ones take two or three for 800 rows.

    Args:
        features: (n, d), both sides below each other.
        start: (n, 2) places to start from.
        seed: the same one gives the same places on one machine.

    Raises:
        DataError: fewer than 3 rows, or values that are not finite.
    """
    if len(features) < _LEAST_ROWS or not np.isfinite(features).all():
        raise DataError(
            f"Found features of shape {features.shape}, expected at least {_LEAST_ROWS} rows of finite numbers; "
            "stay with the linear picture."
        )
    with warnings.catch_warnings():  # umap says so of a part of it that nothing here uses
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        from umap import UMAP

    spread = float(start.std()) or 1.0
    start = start + _JITTER * spread * np.random.default_rng(seed).normal(size=start.shape)
    umap = UMAP(
        n_neighbors=min(N_NEIGHBOURS, len(features) - 1),
        init=start.astype(np.float32),
        random_state=seed,
        n_jobs=1,  # a seed allows no more, and umap warns where it has to say so
    )
    return np.asarray(umap.fit_transform(features), dtype=np.float32)
