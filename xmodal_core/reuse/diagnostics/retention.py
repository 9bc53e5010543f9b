"""Does the trained body still tell the source's classes apart, and how far has it moved?

Retention is anchored by a randomly initialised body, whose nearest-neighbour accuracy is far above chance:

    retention = (after - random) / (before - random)

It is 1 when source knowledge is intact, 0 when the body is no better than random weights. It does not say
that the target *uses* the knowledge: a run that trains only embedder and predictor keeps 1.
"""

import math
from collections.abc import Sequence

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.knn import neighbours, vote

_N_RESAMPLES = 2000


def knn_credit(
    bank: np.ndarray,
    bank_labels: np.ndarray,
    query: np.ndarray,
    query_labels: np.ndarray,
    k: int = 20,
    cosine: bool = True,
) -> np.ndarray:
    """Credit (q,) of each query: 1 if its k nearest bank rows elect its label, a share of 1 in an exact tie.

    Args:
        bank: (b, d) features that vote.
        bank_labels: (b,).
        query: (q, d) features that ask.
        query_labels: (q,).
        k: voters, lowered to b.
        cosine: compare directions; otherwise Euclidean distance.

    Raises:
        DataError: widths differ, or a side has no rows.
    """
    if bank.ndim != 2 or query.ndim != 2 or bank.shape[1] != query.shape[1] or 0 in bank.shape or 0 in query.shape:
        raise DataError(
            f"Found bank and query features of shape {bank.shape} and {query.shape}, expected (b, d) and (q, d)."
        )
    graph = neighbours(
        query.astype(np.float64),
        bank.astype(np.float64),
        min(k, len(bank)),
        "cosine" if cosine else "euclidean",
        exclude_self=False,
    )
    return vote(graph, bank_labels, query_labels)


def retention(before: float, after: float, random: float, n_queries: int) -> float | None:
    """Share of the pretrained advantage over random weights that is left after training.

    None where there was no advantage to retain, and then `no_advantage` has the sentence why: a body that was no
    better than random weights on the source has nothing to lose, and the quotient would change its sign.

    Args:
        before: source accuracy of the pretrained body, in [0, 1].
        after: of the trained body.
        random: of a randomly initialised body.
        n_queries: queries behind each accuracy.
    """
    return (after - random) / (before - random) if no_advantage(before, random, n_queries) is None else None


def no_advantage(before: float, random: float, n_queries: int) -> str | None:
    """Why there is nothing to retain, in one sentence; None where the pretrained body is ahead of random weights.

    Ahead is by at least twice the standard error, sqrt((before (1 - before) + random (1 - random)) / n_queries),
    which treats the two accuracies as independent although they share queries and so errs towards no advantage.

    Args:
        before: source accuracy of the pretrained body, in [0, 1].
        random: of a randomly initialised body.
        n_queries: queries behind each accuracy.
    """
    margin = 2 * math.sqrt((before * (1 - before) + random * (1 - random)) / n_queries)
    if before > random and before - random >= margin:
        return None
    return (
        f"Retention is undefined: the source's classes are read at {before:.3f} through the pretrained body and at "
        f"{random:.3f} through random weights (n = {n_queries}), expected a lead of {margin:.3f} or more, twice the "
        "standard error; take a source that is nearer to what the body was pretrained on, or has more rows."
    )


def paired_difference_interval(
    correct_before: np.ndarray, correct_after: np.ndarray, seed: int, labels: np.ndarray | None = None
) -> tuple[float, float]:
    """95 % interval of (after - before) accuracy: percentile bootstrap over queries, the bank held fixed.

    With the bank fixed a query drawn twice is no neighbour of itself, so here the bootstrap is sound.

    Args:
        correct_before: (q,) credit of each query before training.
        correct_after: (q,) credit of the same queries after.
        seed: of the resamples.
        labels: (q,) makes it balanced accuracy, with queries drawn inside their class.

    Raises:
        DataError: the two lists do not belong to the same queries.
    """
    if correct_before.shape != correct_after.shape or correct_before.ndim != 1 or not len(correct_before):
        raise DataError(
            f"Found answers of shape {correct_before.shape} before and {correct_after.shape} after, expected one of "
            "each per query."
        )
    difference = correct_after.astype(np.float64) - correct_before
    groups = np.zeros(len(difference), np.int64) if labels is None else np.unique(labels, return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    means = [_resampled_means(difference[groups == g], rng) for g in range(int(groups.max()) + 1)]
    low, high = np.percentile(np.mean(means, axis=0), [2.5, 97.5])
    return float(low), float(high)


def drift(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> list[float]:
    """Per layer, squared movement of features (n, d) relative to their scatter: |h1 - h0|^2 / |h0 - mean h0|^2.

    Training starts from the same weights, so coordinates are comparable without alignment.

    Raises:
        DataError: layers or shapes differ, or a layer that did not vary before training.
    """
    shapes = [h.shape for h in before], [h.shape for h in after]
    if shapes[0] != shapes[1]:
        raise DataError(f"Found layer shapes {shapes[0]} before and {shapes[1]} after, expected the same network.")
    return [_relative_movement(h0.astype(np.float64), h1) for h0, h1 in zip(before, after, strict=True)]


def _resampled_means(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Means (resamples,) of resamples of the values with replacement."""
    counts = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), size=_N_RESAMPLES)
    return np.asarray(counts @ values) / len(values)


def _relative_movement(h0: np.ndarray, h1: np.ndarray) -> float:
    scatter = float(((h0 - h0.mean(axis=0)) ** 2).sum())
    if scatter == 0:
        raise DataError("Found a layer with the same features for every sample, expected some scatter to compare with.")
    return float(((h1 - h0) ** 2).sum()) / scatter
