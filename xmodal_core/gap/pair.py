"""The door of every two-sided metric: two embeddings become two comparable float64 matrices, or a clear refusal."""

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError


def feature_pair(source: Embedding, target: Embedding) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, d) and (m, d) in float64.

    Raises:
        DataError: no rows, widths that differ, or values that are not finite.
    """
    x, y = finite_features(source), finite_features(target)
    if x.shape[1] != y.shape[1]:
        raise DataError(
            f"{source.provenance} has {x.shape[1]} features per sample and {target.provenance} has {y.shape[1]}, "
            "expected equal widths; compare them in the space embedder or body of one model."
        )
    return x, y


def finite_features(embedding: Embedding) -> np.ndarray:
    """Features (n, d) in float64.

    Raises:
        DataError: no rows or values that are not finite.
    """
    if embedding.features.ndim != 2 or 0 in embedding.features.shape:
        raise DataError(
            f"{embedding.provenance} has features of shape {embedding.features.shape}, expected (samples, features) "
            "with at least one of each; choose another split or more rows."
        )
    features = embedding.features.astype(np.float64)
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        raise DataError(
            f"{embedding.provenance} has {int((~finite).sum())} of {len(features)} rows with NaN or infinite features, "
            "expected finite numbers; the network has diverged or the inputs need cleaning."
        )
    return features
