"""A pretrained transformer behind one face: tokens in, tokens out, whatever family it is of.

The transformers model keeps its own forward pass (masks, windows, captured hidden states); only its
embedding layer is replaced by a door through which our tokens come in. What that layer had learned stays
available as the `Stem`, for embedders that start from it.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.stored import FAMILIES, IMAGE_FAMILIES, TEXT_FAMILIES, ImageScale
from xmodal_core.model.tokens import usual_tokens


@dataclass(frozen=True, eq=False)
class Stem:
    """What the pretrained embedding layer knew; tensors are read, never trained.

    Attributes:
        positions: (p, d) position embeddings of the tokens, or None (Swin has relative ones only).
        norm: (weight (d,), bias (d,)) of the embedding LayerNorm, or None (ViT has none).
        patch: (weight (d, c, s, s), bias (d,)) of the patch projection, of c channels; images only.
        image_size: height and width of the images that the body was trained on; images only.
        image_scale: scaling of images in [0, 1] that it was trained with; images only.
        word_embeddings: the whole embedding module; text only.
        tokenizer: the tokenizer; text only, None where the folder has none.
    """

    positions: Tensor | None
    norm: tuple[Tensor, Tensor] | None
    patch: tuple[Tensor, Tensor] | None = None
    image_size: tuple[int, int] | None = None
    image_scale: ImageScale = field(default_factory=ImageScale)
    word_embeddings: nn.Module | None = None
    tokenizer: Any = None


class _Door(nn.Module):
    """Stands where the embedding layer stood and hands our tokens on."""

    def __init__(self, grid: tuple[int, int] | None) -> None:
        super().__init__()
        self.grid = grid
        # ViT and DeiT look up the dtype of their patch projection before they call the embedding layer.
        self.patch_embeddings = SimpleNamespace(projection=SimpleNamespace(weight=torch.empty(0)))

    def forward(self, tokens: Tensor | None = None, **others: Any) -> Any:
        """Tokens as they are; Swin wants the patch grid with them."""
        tokens = others["inputs_embeds"] if tokens is None else tokens
        return tokens if self.grid is None else (tokens, self.grid)


class Body(nn.Module):
    """A transformer as a map from tokens (b, l, d) to tokens (b, l', d').

    Attributes:
        name: what the user calls it.
        modality: what it was pretrained on, IMAGE or TEXT.
        hidden_size: width d of the tokens that go in.
        output_size: width d' of the tokens that come out.
        max_tokens: most tokens that it takes.
        asked_tokens: most tokens that a series, sequence or row of a table becomes; None where nothing was said.
        exact_tokens: it takes exactly `max_tokens` (Swin's windows tile a fixed grid).
        n_layers: transformer blocks (Swin: stages).
        stem: what its own embedding layer had learned.
    """

    name: str
    modality: Modality
    hidden_size: int
    output_size: int
    max_tokens: int
    asked_tokens: int | None
    exact_tokens: bool
    n_layers: int
    stem: Stem

    def __init__(
        self, name: str, transformer: Any, tokenizer: Any = None, image_scale: ImageScale | None = None
    ) -> None:
        """Take over a transformers model; its embedding layer is moved into the stem."""
        super().__init__()
        config = transformer.config
        family = config.model_type
        if family not in FAMILIES:
            raise ModelError(
                f"{name} is of the family {family!r}, expected one of {', '.join(FAMILIES)}; choose another body."
            )
        self.name = name
        self.family = family
        self.modality = Modality.IMAGE if family in IMAGE_FAMILIES else Modality.TEXT
        self.exact_tokens = family == "swin"
        embeddings = transformer.embeddings
        self.stem = _stem(family, embeddings, config, tokenizer, image_scale or ImageScale())
        grid = tuple(embeddings.patch_grid) if family == "swin" else None
        prefix = _prefix(family, embeddings)
        self.prefix = nn.Parameter(prefix) if prefix is not None else None  # (1, 1 or 2, d)
        self.hidden_size = config.embed_dim if family == "swin" else config.hidden_size
        self.output_size = transformer.num_features if family == "swin" else config.hidden_size
        self.n_layers = len(config.depths) if family == "swin" else config.num_hidden_layers
        self.max_tokens = (
            grid[0] * grid[1] if grid else len(self.stem.positions if self.stem.positions is not None else ())
        )
        self.asked_tokens = None
        transformer.embeddings = _Door(grid)
        self.transformer = transformer

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Run the blocks.

        Args:
            tokens: (b, l, d), positions already added.
            mask: (b, l) bool, True for real tokens; only text needs one.

        Returns:
            (b, l, d'); Swin merges patches, so its l' is smaller.
        """
        return self._run(tokens, mask).last_hidden_state[:, self._n_prefix :]

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

    def _run(self, tokens: Tensor, mask: Tensor | None, **options: Any) -> Any:
        if self.modality is Modality.TEXT:
            attention = None if mask is None else mask.long()
            return self.transformer(inputs_embeds=tokens, attention_mask=attention, **options)
        if self.prefix is not None:
            tokens = torch.cat([self.prefix.expand(len(tokens), -1, -1), tokens], dim=1)  # (b, p + l, d)
        self.transformer.embeddings.patch_embeddings.projection.weight = torch.empty(0, dtype=tokens.dtype)
        return self.transformer(pixel_values=tokens, **options)


def masked_mean(tokens: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over tokens, (b, l, d) -> (b, d); where a mask (b, l) is given, over the real ones only."""
    if mask is None:
        return tokens.mean(dim=1)
    weight = mask.to(tokens.dtype).unsqueeze(-1)  # (b, l, 1)
    return (tokens * weight).sum(dim=1) / weight.sum(dim=1)


def _prefix(family: str, embeddings: Any) -> Tensor | None:
    """CLS (and distillation) token with its position, (1, p, d): part of the body, not of any modality."""
    if family == "vit":
        tokens = embeddings.cls_token
    elif family == "deit":
        tokens = torch.cat([embeddings.cls_token, embeddings.distillation_token], dim=1)
    else:
        return None
    return (tokens + embeddings.position_embeddings[:, : tokens.shape[1]]).detach().clone()


def _stem(family: str, embeddings: Any, config: Any, tokenizer: Any, scale: ImageScale) -> Stem:
    if family in TEXT_FAMILIES:
        table = embeddings.position_embeddings.weight.detach().clone()
        first = config.pad_token_id + 1 if family == "roberta" else 0  # RoBERTa counts positions from pad + 1
        norm = embeddings.LayerNorm
        return Stem(
            positions=table[first:],
            norm=(norm.weight.detach().clone(), norm.bias.detach().clone()),
            word_embeddings=embeddings,
            tokenizer=tokenizer,
        )
    projection = embeddings.patch_embeddings.projection
    size = config.image_size
    norm = embeddings.norm if family == "swin" else None
    positions = embeddings.position_embeddings
    n_prefix = {"vit": 1, "deit": 2, "swin": 0}[family]
    return Stem(
        positions=None if positions is None else positions[0, n_prefix:].detach().clone(),
        norm=None if norm is None else (norm.weight.detach().clone(), norm.bias.detach().clone()),
        patch=(projection.weight.detach().clone(), projection.bias.detach().clone()),
        image_size=(size, size) if isinstance(size, int) else tuple(size),
        image_scale=scale,
    )
