"""The gradients of a bi-level objective: what does the embedder do to the source through one step of the body?

    body' = body - a * grad_body inner(embedder, body, predictor)      one virtual step
    total = inner(embedder, body, predictor) + weight * outer(body')

The source never passes the target's embedder, so the embedder reaches `outer` only through the inner gradient:

    d outer / d embedder = -a * d/d embedder < grad_body inner, v >,   v = grad outer at body'

Whoever detaches the inner gradient (first-order MAML) makes this exactly zero. Two ways compute it: a second
backward pass through the inner gradient, or a central difference of the inner gradient along v, which needs no
second-order graph and no attention kernel that has one.

Reference: Ma et al., ICML 2024, arXiv 2406.18864 (bi-level objective); Liu et al., DARTS, ICLR 2019 (the central
difference and its step 0.01 / |v|); Wang and Isola, ICML 2020 (alignment and uniformity).

Differs: no code of MoNA was available, and the form of its two source losses could not be checked: these are Wang
and Isola's. One virtual step, of the body alone; where its length is set, or clipped, `a` counts as a constant.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

MODES = ("finite_difference", "double_backward")
_DIFFERENCE = 0.01  # length of the central difference in the body's weights
LARGEST_MOVE = 1e-3  # of the virtual step, as a share of the body's norm

Weights = Sequence[Tensor]


@dataclass(frozen=True, eq=False)
class BilevelGradients:
    """Everything one step of the bi-level problem gives.

    Attributes:
        inner: the inner loss.
        outer: the terms of the outer loss after the virtual step.
        embedder: gradient of the inner loss, one tensor per weight of the embedder.
        meta: gradient of the outer loss by the embedder, through the virtual step; not weighted.
        predictor: gradient of the inner loss by the predictor.
        move: length of the virtual step as a share of the body's norm.
        cosine: between v and the inner gradient of the body; 0 where one of them is 0.
    """

    inner: float
    outer: tuple[float, ...]
    embedder: list[Tensor]
    meta: list[Tensor]
    predictor: list[Tensor]
    move: float
    cosine: float


def bilevel_gradients(
    inner: Callable[[Weights], Tensor],
    outer: Callable[[Weights], tuple[Tensor, ...]],
    body: Weights,
    embedder: Weights,
    predictor: Weights,
    rate: float | None = None,
    mode: str = "finite_difference",
    largest_move: float = LARGEST_MOVE,
) -> BilevelGradients:
    """Gradients of the inner loss and of the outer loss after one virtual step; no weight is changed.

    Args:
        inner: body weights -> inner loss; it also reads the embedder's and the predictor's weights. It is called
            up to three times and must be deterministic.
        outer: body weights -> terms whose sum is the outer loss.
        body: weights that the virtual step moves; like the others they require gradients.
        embedder: weights whose gradients are wanted under both losses.
        predictor: weights whose gradients are wanted under the inner loss.
        rate: length factor `a` of the virtual step; None makes it as long as `largest_move` says.
        mode: finite_difference (four passes) or double_backward (math attention kernel).
        largest_move: share of the body's norm that the virtual step is not longer than.
    """
    twice = mode == "double_backward"
    # Fused attention kernels have no second derivative.
    with sdpa_kernel(SDPBackend.MATH) if twice else nullcontext():
        loss = inner(body)
        ours = _gradients(loss, [*body, *embedder, *predictor], create_graph=twice)
        g_body, g_embedder = ours[: len(body)], ours[len(body) : len(body) + len(embedder)]
        slope, size = norm(g_body).item(), norm(body).item()
        longest = largest_move * size / slope if slope > 0 else None
        rate = min(rates) if (rates := [a for a in (rate, longest) if a is not None]) else 0.0
        ahead = [(w - rate * g).detach().requires_grad_() for w, g in zip(body, g_body, strict=True)]
        terms = outer(ahead)
        v = _gradients(torch.stack(terms).sum(), ahead)
        length = norm(v).item()
        if rate == 0 or length == 0:  # the outer loss does not depend on the virtual step
            meta = [torch.zeros_like(w) for w in embedder]
        elif twice:
            meta = [-rate * g for g in _gradients(_dot(g_body, v), embedder)]
        else:
            meta = _central_difference(inner, body, embedder, v, _DIFFERENCE / length, rate)
    cosine = (_dot(g_body, v).item() / (slope * length)) if slope * length > 0 else 0.0
    return BilevelGradients(
        loss.item(),
        tuple(term.item() for term in terms),
        [g.detach() for g in g_embedder],
        meta,
        [g.detach() for g in ours[len(body) + len(embedder) :]],
        rate * slope / size if size > 0 else 0.0,
        cosine,
    )


def alignment_and_uniformity(features: Tensor, labels: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Wang and Isola's two losses on the unit sphere, alignment over pairs of one class.

        align = mean over i < j with y_i = y_j of |z_i - z_j|^2
        uniform = log mean over i < j of exp(-temperature |z_i - z_j|^2)

    Args:
        features: (n, d).
        labels: (n,); at least one class occurs twice.
        temperature: t > 0.
    """
    z = torch.nn.functional.normalize(features, dim=1)
    first, second = torch.triu_indices(len(z), len(z), offset=1, device=z.device)
    squared = (2 - 2 * (z @ z.T)[first, second]).clamp_min(0)  # (pairs,)
    same = labels[first] == labels[second]
    uniform = torch.logsumexp(-temperature * squared, dim=0) - torch.log(torch.tensor(float(len(squared))))
    return squared[same].mean(), uniform


def norm(weights: Weights) -> Tensor:
    """Euclidean length of all weights together."""
    return torch.stack([w.detach().norm() for w in weights]).norm()


def _central_difference(
    inner: Callable[[Weights], Tensor], body: Weights, embedder: Weights, v: Weights, step: float, rate: float
) -> list[Tensor]:
    """-rate * d/d embedder <grad_body inner, v>, from the embedder's gradients on both sides of the body."""
    sides = []
    for sign in (step, -step):
        # Leaves without gradients: the body's own weight gradients are not worked out.
        shifted = [w.detach() + sign * direction for w, direction in zip(body, v, strict=True)]
        sides.append(_gradients(inner(shifted), embedder))
    return [-rate / (2 * step) * (plus - minus) for plus, minus in zip(*sides, strict=True)]


def _gradients(loss: Tensor, weights: Weights, create_graph: bool = False) -> list[Tensor]:
    """Gradients by each weight; zeros for a weight that the loss does not read."""
    if not loss.requires_grad:
        return [torch.zeros_like(w) for w in weights]
    return list(torch.autograd.grad(loss, list(weights), create_graph=create_graph, materialize_grads=True))


def _dot(first: Weights, second: Weights) -> Tensor:
    return torch.stack([(a * b).sum() for a, b in zip(first, second, strict=True)]).sum()
