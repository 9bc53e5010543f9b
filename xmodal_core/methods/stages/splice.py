"""PaRe's intermediate modalities as pure functions: which patches, and the splice; how many, `share` says.

A target sample and a source sample, both as tokens, become one sample of an intermediate modality: its k
least important target tokens give way to the k most important source tokens, in raster order. Tokens have their
positions when they are mixed: a source token keeps that of its place in the source.

Reference: PaRe (Cai et al., ICML 2024), pipeline figure: gate = FC + sigmoid, top-k source, bottom-k
target, rank-wise replacement, k from many to few; its released code for `released_sampled` and
`released_frozen`.

Differs: see `Crossing`, whose settings choose between these functions.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from xmodal_core.errors import SettingsError

RULES = ("gate", "gate_inverted", "random")
_RELEASED_TEMPERATURE = 0.9


class Gate(nn.Module):
    """One score in (0, 1) per token, shared by both modalities: sigmoid(w . e + b)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        """(b, l, d) -> logits (b, l)."""
        return self.score(tokens).squeeze(-1)


def width_adapter(source_width: int, target_width: int) -> nn.Module:
    """Source tokens (b, l, d_s) to the target's width: as they are, or by a learned map that starts orthonormal."""
    if source_width == target_width:
        return nn.Identity()
    adapter = nn.Linear(source_width, target_width, bias=False)
    nn.init.orthogonal_(adapter.weight)
    return adapter


@dataclass(frozen=True, eq=False)
class Selection:
    """Which source tokens go where, and through which weights the gate learns from it.

    Attributes:
        source, target: (b, k); the source token in column r replaces the target token in column r.
        source_weight, target_weight: (b, l_s), (b, l_t) soft weights as in `mix`; None teaches the gate nothing.
    """

    source: Tensor
    target: Tensor
    source_weight: Tensor | None = None
    target_weight: Tensor | None = None


def select(source_logits: Tensor, target_logits: Tensor, k: int, source_mask: Tensor | None = None) -> Selection:
    """Top-k source and bottom-k target tokens, each in raster order.

    Args:
        source_logits: (b, l_s).
        target_logits: (b, l_t).
        k: how many, 0 to min(l_s, l_t).
        source_mask: (b, l_s), False for padding, which ranks last.

    Raises:
        SettingsError: k is out of its range.
    """
    fewest = min(source_logits.shape[1], target_logits.shape[1])
    if not 0 <= k <= fewest:
        raise SettingsError(
            f"{k} tokens were to be replaced, expected 0 to {fewest}, as many as both samples have; choose fewer."
        )
    source = _padding_last(source_logits, source_mask).topk(k, dim=1, sorted=False).indices.sort(dim=1).values
    target = target_logits.topk(k, dim=1, largest=False, sorted=False).indices.sort(dim=1).values
    return Selection(source, target)


def gated(
    source_logits: Tensor,
    target_logits: Tensor,
    k: int,
    noise: float,
    rng: torch.Generator,
    source_mask: Tensor | None = None,
    rule: str = "gate",
) -> Selection:
    """A selection by the noisy gate that teaches the gate, whatever k and noise are.

    Args:
        source_logits: (b, l_s).
        target_logits: (b, l_t).
        k: how many, 0 to min(l_s, l_t).
        noise: scale of the Gumbel noise on the logits.
        rng: of the noise, on the CPU.
        source_mask: (b, l_s), False for padding, which ranks last.
        rule: gate (top source, bottom target) | gate_inverted (top source, top target) | random (neither side by
            the gate, which then learns nothing).
    """
    if rule == "random":
        source, target = (torch.rand(x.shape, generator=rng).to(x.device) for x in (source_logits, target_logits))
        return select(source, target, k, source_mask)
    sign = -1 if rule == "gate_inverted" else 1
    chosen = select(noisy(source_logits, noise, rng), sign * noisy(target_logits, noise, rng), k, source_mask)
    return replace(chosen, source_weight=torch.sigmoid(source_logits), target_weight=torch.sigmoid(target_logits))


def released_sampled(
    source_logits: Tensor, target_logits: Tensor, k: int, rng: torch.Generator, source_mask: Tensor | None = None
) -> Selection:
    """The released first phase: Gumbel noise on sigmoid scores, k source tokens in and l_t - k target tokens kept.

    Both sides are relaxed by as many sequential softmaxes as tokens are drawn, l_t in all, which autograd keeps.
    """
    source = relaxed_subset(_padding_last(noisy(torch.sigmoid(source_logits), 1.0, rng), source_mask), k)
    target = relaxed_subset(noisy(torch.sigmoid(target_logits), 1.0, rng), target_logits.shape[1] - k)
    chosen = select(source.detach(), target.detach(), k, source_mask)
    return replace(chosen, source_weight=source, target_weight=target)


def released_frozen(
    source_logits: Tensor, target_logits: Tensor, k: int, source_mask: Tensor | None = None
) -> Selection:
    """The released second phase: only indices of the gate are used, and the *top*-k target tokens give way.

    The best source token takes the place of the lowest of those, and so on: raster order is lost.
    """
    source = _padding_last(source_logits, source_mask).topk(k, dim=1).indices
    target = target_logits.topk(k, dim=1).indices.flip(1)
    return Selection(source, target)


def relaxed_subset(scores: Tensor, k: int, temperature: float = _RELEASED_TEMPERATURE) -> Tensor:
    """Soft k-hot weights (b, l) of scores: k softmaxes, each with the mass taken so far pushed down.

    Rows sum to k, but an entry may exceed 1. Reference: Xie and Ermon, IJCAI 2019, as used by PaRe's released code.
    """
    total, taken = torch.zeros_like(scores), torch.zeros_like(scores)
    for _ in range(k):
        scores = scores + torch.log((1 - taken).clamp_min(torch.finfo(scores.dtype).tiny))
        taken = torch.softmax(scores / temperature, dim=1)
        total = total + taken
    return total


def noisy(logits: Tensor, scale: float, rng: torch.Generator) -> Tensor:
    """Logits plus Gumbel noise: top-k of the result is a sample without replacement. `scale` 0 is the plain top-k."""
    if scale == 0:
        return logits
    uniform = torch.rand(logits.shape, generator=rng).clamp(1e-9, 1 - 1e-7).to(logits.device)
    return logits - scale * torch.log(-torch.log(uniform))


def splice(target: Tensor, source: Tensor, chosen: Selection) -> Tensor:
    """Target tokens (b, l_t, d) with the chosen ones replaced, out of place; k = 0 returns the target's values.

    Raises:
        SettingsError: the two sides differ in width.
    """
    return mix(target, source, replace(chosen, source_weight=None, target_weight=None))


def mix(target: Tensor, source: Tensor, chosen: Selection) -> Tensor:
    """`splice`, with tokens that carry the gate's gradient: each in the mix by a factor 1 + w - stopgrad(w).

    The factor is 1, so no value changes, and its cost does not depend on k; the gate learns to the last step, also when
    the choice is the plain top-k.

    Raises:
        SettingsError: the two sides differ in width.
    """
    width = target.shape[-1]
    if source.shape[-1] != width:
        raise SettingsError(
            f"source tokens have {source.shape[-1]} features and target tokens {width}, expected equal widths; "
            "put a width_adapter before the splice."
        )
    return _Mix.apply(target, source, chosen.target_weight, chosen.source_weight, chosen.target, chosen.source)


def spliced_mask(target: Tensor | None, source: Tensor | None, chosen: Selection, n_target: int) -> Tensor | None:
    """Real tokens of the spliced samples (b, l_t); only text has others: a source sentence may bring its padding.

    Args:
        target: real tokens of the target samples (b, l_t); None where all are.
        source: real tokens of the source samples (b, l_s); None where all are.
        chosen: the selection.
        n_target: l_t.

    Returns:
        None where all tokens of both sides are real.
    """
    if target is None and source is None:
        return None
    target = torch.ones(len(chosen.target), n_target, dtype=torch.bool) if target is None else target
    target = target.to(chosen.target.device)
    incoming = torch.ones_like(chosen.source, dtype=torch.bool) if source is None else source.gather(1, chosen.source)
    return target.scatter(1, chosen.target, incoming)


class _Mix(torch.autograd.Function):
    """Rows copied forward and backward: what autograd would record writes every token several times.

    The gradient of a token's factor is its inner product with what comes from above, and the mix holds every token
    that has one: kept target tokens where they were, inserted source tokens in the places of the replaced.
    """

    @staticmethod
    def forward(
        ctx: Any,
        target: Tensor,
        source: Tensor,
        target_weight: Tensor | None,  # noqa: ARG004 - its value is not used, its gradient is
        source_weight: Tensor | None,  # noqa: ARG004
        replaced: Tensor,
        chosen: Tensor,
    ) -> Tensor:
        mixed = target.clone(memory_format=torch.contiguous_format)
        rows = source.flatten(0, 1).index_select(0, _flat(chosen, source))  # (b * k, d)
        mixed.flatten(0, 1).index_copy_(0, _flat(replaced, target), rows)
        ctx.save_for_backward(mixed, replaced, chosen)
        ctx.source_shape = source.shape
        return mixed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        mixed, replaced, chosen = ctx.saved_tensors
        by_target, by_source, by_target_weight, by_source_weight = ctx.needs_input_grad[:4]
        gradients: list[Tensor | None] = [None] * 6
        if by_target_weight or by_source_weight:
            inner = torch.einsum("bld,bld->bl", upstream, mixed)
            if by_source_weight:
                zeros = inner.new_zeros(ctx.source_shape[:2])
                gradients[3] = zeros.scatter_(1, chosen, inner.gather(1, replaced))
            gradients[2] = inner.scatter_(1, replaced, 0) if by_target_weight else None
        if by_source:
            rows = upstream.flatten(0, 1).index_select(0, _flat(replaced, upstream))  # (b * k, d)
            back = upstream.new_zeros(ctx.source_shape)
            back.flatten(0, 1).index_copy_(0, _flat(chosen, back), rows)
            gradients[1] = back
        if by_target:
            kept = upstream.clone(memory_format=torch.contiguous_format)
            kept.flatten(0, 1).index_fill_(0, _flat(replaced, kept), 0)
            gradients[0] = kept
        return tuple(gradients)


def _flat(places: Tensor, tokens: Tensor) -> Tensor:
    """Places (b, k) within their samples as rows (b * k,) of all tokens (b, l, d) in one."""
    first = torch.arange(len(places), device=places.device).unsqueeze(1) * tokens.shape[1]
    return (places + first).flatten()


def pare_loss(target: Tensor, mixed_target: Tensor, mixed_source: Tensor, share: float, weight: float) -> Tensor:
    """L = L_target + weight * [(1 - share) L_mixed(y_target) + share L_mixed(y_source)], share = k / l_t."""
    return target + weight * ((1 - share) * mixed_target + share * mixed_source)


def _padding_last(scores: Tensor, mask: Tensor | None) -> Tensor:
    return scores if mask is None else scores.masked_fill(~mask, -torch.inf)
