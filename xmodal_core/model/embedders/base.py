"""What every embedder is: prepared samples -> tokens (b, l, d) of the body's width.

Each embedder carries the scaling of its data set as buffers, so that raw samples go in and a checkpoint is complete.
`init="pretrained"` copies what the body's own embedding layer had learned wherever shapes allow (ORCA's embedder
initialisation); `init="random"` copies nothing but the positions, as released.

Reference: ORCA (Shen et al., ICML 2023) and its released code, the embedders for 2-D and 1-D inputs.

Differs: positions join before the LayerNorm, as in the bodies themselves, and what they join has the mean and the
deviation of what the body's own embedding layer gives. Released, positions are added to normed tokens, of whose
variance they are then a small part (`positions="after"`).
"""

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Samples
from xmodal_core.model.stem import Stem

_FITTED_ON = 256  # training rows that tell how large tokens are
_LEAST = 1e-6


class Embedder(nn.Module, ABC):
    """Base: prepared samples -> tokens.

    Attributes:
        n_tokens: l.
        grid: how they lie, None where they lie in no order.
        opens: its first token gathers the sample, as the body was pretrained to ("[CLS]").
    """

    n_tokens: int
    grid: tuple[int, ...] | None = None
    opens: bool = False
    shift: Tensor
    scale: Tensor

    def prepare(self, dataset: Samples, rows: np.ndarray) -> Tensor:
        """Samples of some rows as one tensor that `forward` takes in slices."""
        return torch.from_numpy(dataset.inputs[rows])

    def mask(self, inputs: Tensor) -> Tensor | None:  # noqa: ARG002 - only text has one
        """Which tokens are real, (b, l) bool; None when all are."""
        return None

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """(b, ...) -> (b, l, d)."""


class PlacedEmbedder(Embedder):
    """Base of those that bring their own content and join the body's norm and positions to it: all but text's.

    Attributes:
        is_native: content comes from the body's own filters, in its own size.
        tokens: norm and positions.
    """

    is_native: bool = False
    tokens: "Tokens"

    @abstractmethod
    def content(self, inputs: Tensor) -> Tensor:
        """What a sample has at each token, (b, l, d), before norm and positions."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, ...) -> (b, l, d)."""
        return self.tokens(self.content(inputs))

    @torch.no_grad()
    def settle(self, dataset: LabelledDataset) -> None:
        """Give what a sample has at a token the size that the body's own layer gives it, by training rows."""
        if self.is_native or not self.tokens.joins_before:
            return
        rows = dataset.rows("train")
        few = rows[np.linspace(0, len(rows) - 1, min(len(rows), _FITTED_ON)).round().astype(int)]
        self.tokens.fit(self.content(self.prepare(dataset, few)))


class Tokens(nn.Module):
    """What every embedder ends with: LayerNorm where the body has one, and positions before or after it.

    Before, a token is norm(g x + c + p): g and c bring what a sample has, x, to the mean and deviation of the body's
    own, so that a position p weighs what it does there. g is fixed and not part of the weights behind x, whose learning
    rate would otherwise be another one for every body. A body whose own norm stands before its positions has it so here
    too (`Stem.norm_first`).
    """

    norm: nn.Module
    gain: Tensor

    def __init__(self, stem: Stem, n_tokens: int, width: int, pretrained: bool, positions: str) -> None:
        super().__init__()
        self.joins_before = positions != "after" and not stem.norm_first
        self.norm = nn.LayerNorm(width) if stem.norm is not None else nn.Identity()
        if stem.norm is not None and pretrained:
            self.norm.load_state_dict(dict(zip(("weight", "bias"), stem.norm, strict=True)))
        own = None if stem.positions is None or positions == "none" else stem.positions[:n_tokens].clone()
        self.positions = None if own is None else nn.Parameter(own)
        if self.joins_before:
            self.own = stem.content
            self.register_buffer("gain", torch.ones(()))
            self.constant = nn.Parameter(torch.zeros(width))

    @torch.no_grad()
    def fit(self, content: Tensor) -> None:
        """Take gain and constant from content (n, l, d) of training rows; without a known size it stays as it is."""
        if self.own is None:
            return
        every = content.flatten(0, 1).double()  # (n * l, d)
        deviation = every.var(dim=0, correction=0).mean().sqrt()
        gain = self.own.deviation / deviation.clamp_min(_LEAST)
        self.gain.copy_(gain)
        self.constant.copy_(self.own.mean - gain * every.mean(dim=0))

    def forward(self, tokens: Tensor) -> Tensor:
        """(b, l, d) -> (b, l, d)."""
        if self.joins_before:
            # Added first, so that gradients of both are summed sample by sample: a sum over all tokens at once would
            # round by how they lie in memory, and that by what else reads them.
            own = self.placed(self.constant.expand(tokens.shape[1], -1))  # (l, d)
            return self.norm(self.gain * tokens + own)
        return self.placed(self.norm(tokens))

    def placed(self, tokens: Tensor) -> Tensor:
        """Tokens (..., l, d) with positions, where there are some."""
        return tokens if self.positions is None else tokens + self.positions[: tokens.shape[-2]]
