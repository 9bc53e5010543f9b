"""A pretrained transformer behind one face: tokens in, tokens out, whatever family it is of.

The transformers model keeps its own forward pass (masks, windows, captured hidden states); only its
embedding layer is replaced by a door through which our tokens come in. What that layer had learned stays
available as the `Stem`, for embedders that start from it. What differs between families is in `families`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.families import FAMILIES, TITLES
from xmodal_core.model.image_scale import ImageScale
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.stem import Stem
from xmodal_core.model.stochastic_depth import make_places
from xmodal_core.model.tokens import usual_tokens


@dataclass(frozen=True, eq=False)
class Hidden:
    """What leaves a body.

    Attributes:
        prefix: (b, p, d') the body's own tokens, which stood before the others; p is 0 for most.
        tokens: (b, l', d') the others; Swin merges patches, so its l' is smaller than what went in.
    """

    prefix: Tensor
    tokens: Tensor

    def kept(self, mask: Tensor | None) -> Tensor | None:
        """The mask (b, l) of the tokens that went in, where the body kept them; else None."""
        return None if mask is None or mask.shape[1] != self.tokens.shape[1] else mask


class Body(nn.Module):
    """A transformer as a map from tokens (b, l, d) to tokens (b, l', d').

    Attributes:
        name: what the user calls it.
        modality: what it was pretrained on: IMAGE, TEXT, or SERIES for sound waves; only TEXT has a tokenizer.
        hidden_size: width d of the tokens that go in.
        output_size: width d' of the tokens that come out.
        max_tokens: most tokens that it takes.
        asked_tokens: most tokens that a series, sequence or row of a table becomes; None where nothing was said.
        asked: how embedder and predictor around it are made where it does not read its own modality.
        exact_tokens: it takes exactly `max_tokens` (Swin's windows tile a fixed grid, as BEiT's positions do).
        n_layers: transformer blocks (Swin: stages).
        merged: tokens along an axis of the grid that come out as one (1 but for Swin).
        reads_last: features are the last real token, as in causal bodies, else the mean of the real tokens.
        drop_path_rate: stochastic depth of its last block where a stage of training has it; see `stochastic_depth`.
        stem: what its own embedding layer had learned.
    """

    name: str
    modality: Modality
    hidden_size: int
    output_size: int
    max_tokens: int
    asked_tokens: int | None
    asked: ModelSettings
    exact_tokens: bool
    n_layers: int
    merged: int
    reads_last: bool
    drop_path_rate: float
    stem: Stem

    def __init__(
        self,
        name: str,
        transformer: Any,
        tokenizer: Any = None,
        image_scale: ImageScale | None = None,
        drop_path_rate: float = 0.0,
    ) -> None:
        """Take over a transformers model; its embedding layer is moved into the stem."""
        super().__init__()
        config = transformer.config
        if config.model_type not in FAMILIES:
            raise ModelError(
                f"{name} is of the family {config.model_type!r}, expected one of {TITLES}; choose another body."
            )
        family = FAMILIES[config.model_type]
        self.name = name
        self.family = family
        self.modality = family.modality
        self.reads_last = family.reads_last
        self.exact_tokens = family.exact_tokens(config.to_dict())
        self.hidden_size, self.output_size = family.hidden_size(config), family.output_size(config)
        self.n_layers, self.merged = family.n_layers(config), family.merged(config)
        self.stem = family.stem(transformer, tokenizer, image_scale or ImageScale())
        prefix = family.prefix(transformer)
        self.prefix = nn.Parameter(prefix) if prefix is not None else None  # (1, p, d)
        self.max_tokens = family.max_tokens(transformer, self.stem)
        self.asked_tokens, self.asked = None, ModelSettings()
        family.enter(transformer)
        self.drop_path_rate = drop_path_rate
        make_places(transformer, partial(family.drop_rates, drop_path_rate))
        self.transformer = transformer

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Run the blocks.

        Args:
            tokens: (b, l, d), positions already added.
            mask: (b, l) bool, True for real tokens; only text needs one.

        Returns:
            (b, l, d'); Swin merges patches, so its l' is smaller.
        """
        return self.read(tokens, mask).tokens

    def read(self, tokens: Tensor, mask: Tensor | None = None) -> Hidden:
        """The same with the body's own tokens beside it."""
        hidden = self._run(tokens, mask).last_hidden_state
        return Hidden(hidden[:, : self._n_prefix], hidden[:, self._n_prefix :])

    def most_tokens(self, modality: Modality) -> int:
        """Tokens that a sample of a modality without a grid becomes at most."""
        return self.asked_tokens or usual_tokens(self.max_tokens, self.modality, modality)

    def layers(self, tokens: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        """Mean over tokens (b, d) of what enters the first block and of what leaves each block."""
        states = self._run(tokens, mask, output_hidden_states=True).hidden_states
        return [masked_mean(h[:, self._n_prefix :], mask) for h in states]

    @property
    def _n_prefix(self) -> int:
        return 0 if self.prefix is None else self.prefix.shape[1]

    def pooled(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """The features of the space `body`, (b, d'), whatever a predictor reads.

        The mean of the real tokens; of a body that reads the last, the last real one. A mask (b, l) is that of the
        tokens that went in, and counts where the body kept them.
        """
        real = hidden.kept(mask)
        return last_real(hidden.tokens, real) if self.reads_last else masked_mean(hidden.tokens, real)

    def _run(self, tokens: Tensor, mask: Tensor | None, **options: bool) -> Any:
        if self.prefix is not None:
            tokens = torch.cat([self.prefix.expand(len(tokens), -1, -1), tokens], dim=1)  # (b, p + l, d)
        return self.family.run(self.transformer, tokens, mask, **options)


def masked_mean(tokens: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over tokens, (b, l, d) -> (b, d); where a mask (b, l) is given, over the real ones only."""
    if mask is None:
        return tokens.mean(dim=1)
    weight = mask.to(tokens.dtype).unsqueeze(-1)  # (b, l, 1)
    return (tokens * weight).sum(dim=1) / weight.sum(dim=1)


def last_real(tokens: Tensor, mask: Tensor | None) -> Tensor:
    """The last token, (b, l, d) -> (b, d); where a mask (b, l) is given, the last real one."""
    if mask is None:
        return tokens[:, -1]
    places = torch.arange(mask.shape[1], device=mask.device)
    last = (mask * places).argmax(dim=1)  # (b,)
    return tokens[torch.arange(len(tokens), device=tokens.device), last]
