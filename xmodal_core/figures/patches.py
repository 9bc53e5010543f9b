"""Tokens of a sample: which cell, stretch or feature each covers, and how far a gate's scores on them spread."""

import math

import numpy as np


def grid_side(n_tokens: int) -> int | None:
    """Side of the token grid of an image; None when the number of tokens is no square."""
    side = math.isqrt(n_tokens)
    return side if side * side == n_tokens else None


def token_interval(token: int, n_tokens: int, length: int) -> tuple[float, float]:
    """Positions [start, end) of a series that a token covers: patches of equal length, the last one cut off."""
    patch = math.ceil(length / n_tokens)
    return float(token * patch), float(min((token + 1) * patch, length))


def spread(source_scores: np.ndarray, target_scores: np.ndarray) -> tuple[float, float]:
    """Standard deviation of the gate's scores over the tokens of a sample, averaged over samples (b, l): both sides."""
    return float(source_scores.std(axis=1).mean()), float(target_scores.std(axis=1).mean())


def token_names(modality: str, n_tokens: int, n_features: int) -> list[str]:
    """What to call tokens that are neither cells of a picture nor stretches of a line.

    Args:
        modality: tabular tokens are features, or groups of neighbours; others are numbered.
        n_tokens: l.
        n_features: columns of a tabular data set.
    """
    if modality != "tabular":
        return [f"token {i + 1}" for i in range(n_tokens)]
    group = math.ceil(n_features / n_tokens)
    starts = range(0, n_tokens * group, group)
    return [f"feature {a + 1}" if group == 1 else f"features {a + 1} to {min(a + group, n_features)}" for a in starts]
