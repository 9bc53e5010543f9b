"""The label graph: which classes are near in language, as a weighted graph over their sentences.

Reference: Ma et al., NeurIPS 2023, and their released code.

Differs: each class is wired to its nearest classes, where the release keeps a fixed share of all similarities,
which leaves nodes without even their self loop below 17 classes; similarities between classes are centred first,
since raw cosines of text vectors all lie close together; the same graph serves both stages.
"""

import numpy as np
import torch
from torch import Tensor

from xmodal_core.semantics.encoders import NameVectors
from xmodal_core.semantics.names import NEAR_DUPLICATE

_EPS = 1e-8


def class_similarity(means: np.ndarray) -> np.ndarray:
    """Cosine of every two class vectors (K, d) after their common mean is taken away, (K, K)."""
    centred = means - means.mean(axis=0)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    # vectors that differ from their mean by rounding alone have no direction
    unit = np.where(norms > 1e-6, centred / norms.clip(1e-12), 0.0)
    return unit @ unit.T


def near_duplicates(means: np.ndarray) -> set[int]:
    """Classes whose vector (rows of (K, d), unit length) is another's too, by raw cosine."""
    cosine = means @ means.T
    np.fill_diagonal(cosine, 0.0)
    return set(np.flatnonzero((cosine > NEAR_DUPLICATE).any(axis=1)).tolist())


def class_edges(similarity: np.ndarray, neighbours: int) -> np.ndarray:
    """Weights (K, K) >= 0 of the edges between classes; the diagonal is 0.

    Args:
        similarity: (K, K) from `class_similarity`.
        neighbours: classes that each class is wired to, lowered to K - 1; an edge of either direction counts.
    """
    n_classes = len(similarity)
    others = similarity - np.diag(np.full(n_classes, np.inf))
    nearest = np.argsort(-others, axis=1, kind="stable")[:, : min(neighbours, n_classes - 1)]
    chosen = np.zeros_like(similarity, dtype=bool)
    np.put_along_axis(chosen, nearest, True, axis=1)
    return np.where(chosen | chosen.T, similarity.clip(0.0), 0.0) * (1 - np.eye(n_classes))


def label_graph(vectors: NameVectors, neighbours: int) -> Tensor:
    """Adjacency (K P, K P) float32 with node (c, p) at row c P + p.

    There are self loops, all edges inside a class, and all edges between wired classes. One inside a class weighs
    the cosine of its two sentences, not below 0; one between classes weighs the similarity of the classes.
    """
    n_classes, n_prompts, size = vectors.nodes.shape
    flat = vectors.nodes.reshape(-1, size).astype(np.float64)
    block = np.ones((n_prompts, n_prompts))
    inside = (flat @ flat.T).clip(0.0) * np.kron(np.eye(n_classes), block)
    np.fill_diagonal(inside, 1.0)
    between = np.kron(class_edges(class_similarity(vectors.means.astype(np.float64)), neighbours), block)
    return torch.from_numpy((inside + between).astype(np.float32))


def symmetric(adjacency: Tensor) -> Tensor:
    """D^-1/2 A D^-1/2 with D the row sums: symmetric for symmetric A (n, n) >= 0, spectral radius <= 1."""
    scale = adjacency.sum(dim=1).clamp_min(_EPS).rsqrt()
    return scale.unsqueeze(1) * adjacency * scale


def memberships(labels: Tensor, n_classes: int) -> Tensor:
    """What share of each datum belongs to each class, (b, K) float32.

    Args:
        labels: (b,) int64, or (b, K) of 0 and 1 where a datum may have several labels: each gets an equal share.
        n_classes: K.
    """
    if labels.ndim == 1:
        return torch.nn.functional.one_hot(labels, n_classes).float()
    return labels.float() / labels.sum(dim=1, keepdim=True).clamp_min(1)


def wired(adjacency: Tensor, members: Tensor) -> Tensor:
    """The label graph with the data of a batch in it: [[A, P], [P^T, M]], (K P + b, K P + b).

    P wires a datum to the sentences of its own labels with one unit of mass in all; M has self loops and joins
    data that share labels.

    Differs: the release gives a datum 20 units of mass, one per sentence.

    Args:
        adjacency: (K P, K P), class by class.
        members: (b, K) from `memberships`.
    """
    n_prompts = len(adjacency) // members.shape[1]
    across = members.T.repeat_interleave(n_prompts, dim=0) / n_prompts  # (K P, b)
    among = members @ members.T
    among = among - torch.diag(among.diagonal()) + torch.eye(len(members), device=members.device)
    top, bottom = torch.cat([adjacency, across], dim=1), torch.cat([across.T, among], dim=1)
    return torch.cat([top, bottom])
