"""PaRe's gate and splice beside a loop of relaxed softmax passes, as the released code selects tokens.

The released step draws k source tokens and n - k target tokens by relaxed subset sampling: one softmax over all
tokens for each that is drawn, n in all whatever k is, every one of them kept for the backward pass.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PASSES_TIMED = 4  # the loop is timed on one of so many of its passes, and its time multiplied
_TEMPERATURE = 0.9  # of the released relaxation


def splices(n: int, batch: int, width: int) -> dict[str, Callable[[], dict[str, float]]]:
    """Gate, selection and splice of (batch, n, width) tokens, forward and backward; the loop has its passes alone.

    "ours" replaces all n tokens, which takes longest.
    """
    import torch

    from xmodal_core.methods.stages.splice import Gate, gated, mix

    rng = torch.Generator().manual_seed(0)
    target, source, upstream = (torch.randn(batch, n, width, generator=rng) for _ in range(3))
    target.requires_grad_()  # the target's embedder learns, the source's is frozen
    gate = Gate(width)

    def ours(k: int) -> dict[str, float]:
        target.grad = None
        gate.zero_grad()
        mix(target, source, gated(gate(source), gate(target), k, 1.0, rng)).backward(upstream)
        return {"gate_gradient": float(cast("Tensor", gate.score.weight.grad).norm())}

    return {
        "ours": lambda: ours(n),
        "reference": _loop(n, batch, rng),
        "k = 1": lambda: ours(1),
        "k = N/4": lambda: ours(n // 4),
        "k = N/2": lambda: ours(n // 2),
    }


def selections(n: int, batch: int) -> dict[str, Callable[[], dict[str, float]]]:
    """From logits (batch, n) of both sides to the chosen tokens and back: what the loop is for, without any token."""
    import torch

    from xmodal_core.methods.stages.splice import gated

    rng = torch.Generator().manual_seed(0)
    sides = [torch.randn(batch, n, generator=rng, requires_grad=True) for _ in range(2)]
    upstream = torch.randn(batch, n, generator=rng)

    def ours() -> dict[str, float]:
        chosen = gated(*sides, n // 2, 1.0, rng)
        weights = [cast("Tensor", w) for w in (chosen.source_weight, chosen.target_weight)]
        found = torch.autograd.grad(weights, sides, [upstream, upstream])
        return {"gradient": float(found[0].norm())}

    return {"ours": ours, "reference": _loop(n, batch, rng)}


def _loop(n: int, batch: int, rng: "torch.Generator") -> Callable[[], dict[str, float]]:
    """A share of the n passes of one step, forward and backward; it is the same for every k."""
    import torch

    scores, upstream = torch.rand(batch, n, generator=rng), torch.randn(batch, n, generator=rng)
    scores.requires_grad_()

    def call() -> dict[str, float]:
        (found,) = torch.autograd.grad(relaxed_top(scores, n // PASSES_TIMED, rng), scores, upstream)
        return {"gradient": float(found.norm())}

    return call


def relaxed_top(scores: "Tensor", k: int, rng: "torch.Generator") -> "Tensor":
    """A sampled k-hot mask (b, n) with the gradient of its relaxation: k softmaxes, what is taken pushed down in each.

    Reference: Xie and Ermon, IJCAI 2019.
    """
    import torch

    uniform = torch.rand(scores.shape, generator=rng).clamp(1e-9, 1 - 1e-7)
    left = scores - torch.log(-torch.log(uniform))
    soft = taken = torch.zeros_like(scores)
    for _ in range(k):
        left = left + torch.log((1 - taken).clamp_min(torch.finfo(scores.dtype).tiny))
        taken = torch.softmax(left / _TEMPERATURE, dim=1)
        soft = soft + taken
    hard = torch.zeros_like(scores).scatter(1, soft.topk(k, dim=1).indices, 1.0)
    return hard - soft.detach() + soft
