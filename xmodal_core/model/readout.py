"""Readouts: tokens that leave the body (b, l', d') -> what the predictor reads (b, r), or (b, l', d') cell by cell.

Reference: the mean is ORCA's (Shen et al., ICML 2023), the first token BERT's and ViT's, the last one FPT's (Lu et
al., AAAI 2022); one learned query is the pooling by multihead attention of the Set Transformer (Lee et al., ICML
2019) with a single head and a single seed, without its feed-forward layers.
"""

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body, Hidden, last_real, masked_mean
from xmodal_core.model.embedders.base import Embedder

MOST_PLACES = 64  # tokens that are read one by one; more are averaged with their neighbours first


class Readout(nn.Module, ABC):
    """Base.

    Attributes:
        width: r, the numbers that a predictor reads of a sample, or of a token where every token answers.
        divisor: what these numbers are divided by in front of the linear map, (r,); None where by nothing. See
            `predictor.Divided`.
    """

    width: int
    divisor: Tensor | None = None

    def __init__(self, body: Body, embedder: Embedder) -> None:
        """Fix the shapes."""
        del embedder
        super().__init__()
        self.width = body.output_size

    @abstractmethod
    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """What leaves the body, and which of the tokens that went in were real (b, l), to features (b, r)."""


class MeanToken(Readout):
    """The mean of the real tokens."""

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, l', d') -> (b, d')."""
        return masked_mean(hidden.tokens, hidden.kept(mask))


class LastToken(MeanToken):
    """The last real token, which alone has seen all others in a causal body."""

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, l', d') -> (b, d')."""
        return last_real(hidden.tokens, hidden.kept(mask))


class FirstToken(MeanToken):
    """The body's own first token, which it was pretrained to gather a sample in."""

    def __init__(self, body: Body, embedder: Embedder) -> None:
        super().__init__(body, embedder)
        if body.prefix is None and not embedder.opens:
            raise ModelError(
                f"{body.name} has no token of its own before the others, expected one for readout first; choose "
                "readout mean, flat or attention."
            )

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, p, d') and (b, l', d') -> (b, d')."""
        del mask
        return hidden.prefix[:, 0] if hidden.prefix.shape[1] else hidden.tokens[:, 0]


class FlatTokens(Readout):
    """Every token at its place: l' d' numbers, so that a linear predictor knows where in a sample something is.

    Beyond `MOST_PLACES` places neighbours are averaged first. Padding is zero.
    """

    def __init__(self, body: Body, embedder: Embedder) -> None:
        super().__init__(body, embedder)
        tokens = tuple(math.ceil(side / body.merged) for side in embedder.grid or (embedder.n_tokens,))
        self.grid, self.pooled = tokens, at_most(tokens, MOST_PLACES)
        self.size = tuple(math.ceil(side / places) for side, places in zip(tokens, self.pooled, strict=True))
        self.places = math.prod(self.pooled)
        self.width = body.output_size * self.places
        self.divisor = torch.full((self.width,), math.sqrt(self.places)) if self.places > 1 else None

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, l', d') -> (b, places * d')."""
        tokens, real = hidden.tokens, hidden.kept(mask)
        if real is not None:
            tokens = tokens * real.unsqueeze(-1)
        if self.pooled != self.grid:
            on_grid = tokens.transpose(1, 2).unflatten(2, self.grid)  # (b, d', *grid)
            pool = F.avg_pool1d if len(self.grid) == 1 else F.avg_pool2d  # the last of an axis may be of fewer
            averaged = pool(on_grid, self.size, ceil_mode=True)
            tokens = averaged.flatten(2).transpose(1, 2)  # (b, places, d')
        return tokens.flatten(1)


class MeanAndFlat(FlatTokens):
    """The mean token beside every token at its place.

    Two samples are alike for its predictor as they are by their means and, place by place, by their tokens: what holds
    wherever it stands is learned from every place at once, and what depends on the place can still be.
    """

    def __init__(self, body: Body, embedder: Embedder) -> None:
        super().__init__(body, embedder)
        self.mean = make_readout("mean", body, embedder)
        if self.divisor is not None:
            self.divisor = torch.cat([torch.ones(self.mean.width), self.divisor])
        self.width += self.mean.width

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, l', d') -> (b, d' + places * d')."""
        return torch.cat([self.mean(hidden, mask), super().forward(hidden, mask)], dim=1)


class QueriedTokens(Readout):
    """A weighted mean of the real tokens: softmax(k . W h / sqrt(d')), its query and keys learned with the predictor.

    The query starts at zero, where the readout is the mean.
    """

    def __init__(self, body: Body, embedder: Embedder) -> None:
        super().__init__(body, embedder)
        self.query = nn.Parameter(torch.zeros(self.width))
        self.key = nn.Linear(self.width, self.width, bias=False)

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, l', d') -> (b, d')."""
        scores = self.key(hidden.tokens) @ self.query / math.sqrt(self.width)  # (b, l')
        real = hidden.kept(mask)
        if real is not None:
            scores = scores.masked_fill(~real, -torch.inf)
        return (scores.softmax(dim=1).unsqueeze(-1) * hidden.tokens).sum(dim=1)


class EveryToken(Readout):
    """The tokens themselves, for an answer in every cell."""

    def forward(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """(b, l', d'), as they are."""
        del mask
        return hidden.tokens


_READOUTS: dict[str, type[Readout]] = {
    "mean": MeanToken,
    "last": LastToken,
    "flat": FlatTokens,
    "mean+flat": MeanAndFlat,
    "attention": QueriedTokens,
    "first": FirstToken,
}


def make_readout(name: str, body: Body, embedder: Embedder) -> Readout:
    """The readout of a name behind a body into which an embedder's tokens go.

    The mean of a causal body is its last token: no other has seen the whole sample.

    Raises:
        ModelError: readout first of a body that has no such token.
    """
    return _READOUTS["last" if name == "mean" and body.reads_last else name](body, embedder)


def at_most(grid: tuple[int, ...], most: int) -> tuple[int, ...]:
    """The grid, its axes halved in turn, the longest first, until it has at most so many places."""
    places = list(grid)
    while math.prod(places) > most:
        longest = places.index(max(places))
        places[longest] = math.ceil(places[longest] / 2)
    return tuple(places)
