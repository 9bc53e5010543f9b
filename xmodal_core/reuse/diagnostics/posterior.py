"""Which source classes does a body take target samples for? Nearest source neighbours, as a distribution."""

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.knn import neighbours


def knn_posterior(
    source: np.ndarray, source_labels: np.ndarray, target: np.ndarray, k: int = 20, cosine: bool = True
) -> np.ndarray:
    """P(source class | target sample), (m, K_s): votes of the k nearest source rows and one vote for every class alike.

        p[z] = (votes of z + 1 / K_s) / (k + 1)

    The extra vote keeps logarithms finite where no neighbour is of a class. Columns follow the source classes that
    occur, ascending.

    Args:
        source: (n, d) features of labelled source samples, behind the body and its own embedder.
        source_labels: (n,).
        target: (m, d) features of target samples behind the same body and an embedder of theirs.
        k: voters, lowered to n.
        cosine: compare directions; otherwise Euclidean distance.

    Raises:
        DataError: widths differ, a side has no rows, features are not finite, or the source has one class.
    """
    if source.ndim != 2 or target.ndim != 2 or source.shape[1] != target.shape[1] or 0 in source.shape + target.shape:
        raise DataError(
            f"Found features of shape {source.shape} and {target.shape}, expected one space; read both behind the same "
            "body."
        )
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise DataError("Found NaN or infinite features, expected finite numbers; the network has diverged.")
    classes, z = np.unique(source_labels, return_inverse=True)
    if len(classes) < 2:
        raise DataError("Found one source class, expected at least two; take a source with more classes.")
    k = min(k, len(source))
    metric = "cosine" if cosine else "euclidean"
    graph = neighbours(target.astype(np.float64), source.astype(np.float64), k, metric, exclude_self=False)
    votes = np.zeros((len(target), len(classes)))
    np.add.at(votes, (graph.rows, z[graph.columns]), graph.weight)
    return np.asarray((votes + 1 / len(classes)) / (k + 1))
