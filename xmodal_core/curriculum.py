"""PaRe's intermediate modalities as pure functions: how many patches, which ones, and the splice.

A target sample and a source sample, both as tokens, become one sample of an intermediate modality: its k
least important target tokens give way to the k most important source tokens, in raster order.

Reference: PaRe (Cai et al., ICML 2024), pipeline figure: gate = FC + sigmoid, top-k source, bottom-k
target, rank-wise replacement, k from many to few.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

ORDERS = ("easy_to_hard", "hard_to_easy", "fixed", "random")


class Gate(nn.Module):
    """One score in (0, 1) per token, shared by both modalities: sigmoid(w . e + b)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        """(b, l, d) -> logits (b, l)."""
        return self.score(tokens).squeeze(-1)


@dataclass(frozen=True, eq=False)
class Selection:
    """Which source tokens go where: row r of `source` (b, k) replaces row r of `target` (b, k), both ascending."""

    source: Tensor
    target: Tensor


def patches_at(
    progress: float, n_source: int, n_target: int, start: float, end: float, order: str = "easy_to_hard"
) -> int:
    """Number k of replaced tokens at a point of the curriculum.

    Args:
        progress: 0 at the first epoch, towards 1 at the last; for `random`, any draw from [0, 1).
        n_source: tokens of a source sample.
        n_target: tokens of a target sample.
        start: share of replaced tokens at the easy (source-like) end, in [0, 1].
        end: share at the hard (target-like) end, in [0, 1].
        order: easy_to_hard | hard_to_easy | fixed (the mean share throughout) | random.

    Returns:
        k in [0, min(n_source, n_target)].
    """
    if order == "hard_to_easy":
        start, end = end, start
    share = (start + end) / 2 if order == "fixed" else start + (end - start) * progress
    return min(max(int(share * min(n_source, n_target)), 0), min(n_source, n_target))


def select(source_logits: Tensor, target_logits: Tensor, k: int, source_mask: Tensor | None = None) -> Selection:
    """Top-k source and bottom-k target tokens, each in raster order.

    Args:
        source_logits: (b, l_s).
        target_logits: (b, l_t).
        k: how many, 0 to min(l_s, l_t).
        source_mask: (b, l_s), False for padding, which ranks last.
    """
    if source_mask is not None:
        source_logits = source_logits.masked_fill(~source_mask, -torch.inf)
    source = source_logits.topk(k, dim=1).indices.sort(dim=1).values
    target = target_logits.topk(k, dim=1, largest=False).indices.sort(dim=1).values
    return Selection(source, target)


def noisy(logits: Tensor, scale: float, rng: torch.Generator) -> Tensor:
    """Logits plus Gumbel noise: top-k of the result is a sample without replacement. `scale` 0 is the plain top-k."""
    if scale == 0:
        return logits
    uniform = torch.rand(logits.shape, generator=rng).clamp(1e-9, 1 - 1e-7).to(logits.device)
    return logits - scale * torch.log(-torch.log(uniform))


def splice(target: Tensor, source: Tensor, chosen: Selection) -> Tensor:
    """Target tokens (b, l_t, d) with the chosen ones replaced, out of place; k = 0 returns the target's values."""
    width = target.shape[-1]
    rows = source.gather(1, chosen.source.unsqueeze(-1).expand(-1, -1, width))  # (b, k, d)
    return target.scatter(1, chosen.target.unsqueeze(-1).expand(-1, -1, width), rows)  # (b, l_t, d)


def straight_through(tokens: Tensor, logits: Tensor) -> Tensor:
    """Tokens unchanged in value, multiplied by a factor 1 that carries the gate's gradient.

    Its cost does not depend on k, and the gate learns to the last step, also when the choice is the plain top-k.
    """
    weight = torch.sigmoid(logits).unsqueeze(-1)  # (b, l, 1)
    return tokens * (1 + (weight - weight.detach()))


def pare_loss(target: Tensor, mixed_target: Tensor, mixed_source: Tensor, share: float, weight: float) -> Tensor:
    """L = L_target + weight * [(1 - share) L_mixed(y_target) + share L_mixed(y_source)], share = k / l_t."""
    return target + weight * ((1 - share) * mixed_target + share * mixed_source)
