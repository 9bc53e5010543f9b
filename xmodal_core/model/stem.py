"""What a pretrained embedding layer knew, and what stands in its place once our tokens enter behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from xmodal_core.model.image_scale import ImageScale

_IMAGES = 16  # of noise, by which the size of patches is told


@dataclass(frozen=True, eq=False)
class Content:
    """What an embedding layer gives a token before positions and norm, over what it was trained to read.

    Attributes:
        mean: (d,) of all tokens.
        deviation: root of the mean variance of a number around it.
    """

    mean: Tensor
    deviation: float


@dataclass(frozen=True, eq=False)
class Stem:
    """What the pretrained embedding layer knew; tensors are read, never trained.

    Attributes:
        positions: (p, d) position embeddings of the tokens, or None (relative or rotary ones stay in the blocks).
        norm: (weight (d,), bias (d,)) of the embedding LayerNorm, or None (ViT has none).
        norm_first: the norm stands between content and positions (Swin), not behind both.
        content: what tokens are before positions and norm, or None where it is not known.
        patch: (weight (d, c, s, s), bias (d,)) of the patch projection, of c channels; images only.
        stride: cells from a patch to the next one along height and width, where patches overlap (AST); images only.
        image_size: height and width of the images that the body was trained on; images only.
        image_scale: scaling of images in [0, 1] that it was trained with; images only.
        word_embeddings: the whole embedding module, called with `input_ids`; text only.
        tokenizer: the tokenizer; text only, None where the folder has none.
        full_length: a text is padded to this many tokens, all of which are read, as SigLIP was trained; else None.
        alphabet: what the words are letters of, where they are no language's (amino acids for ESM).
    """

    positions: Tensor | None
    norm: tuple[Tensor, Tensor] | None
    norm_first: bool = False
    content: Content | None = None
    patch: tuple[Tensor, Tensor] | None = None
    stride: tuple[int, int] | None = None
    image_size: tuple[int, int] | None = None
    image_scale: ImageScale = field(default_factory=ImageScale)
    word_embeddings: nn.Module | None = None
    tokenizer: Any = None
    full_length: int | None = None
    alphabet: str = ""


class Door(nn.Module):
    """Stands where the embedding layer stood and hands our tokens on."""

    def __init__(self, takes: str = "", behind: Sequence[object] = ()) -> None:
        """Fix what is called by which name.

        Args:
            takes: keyword by which the tokens come; else they are the first positional argument that is given.
            behind: what the embedding layer returned with its tokens.
        """
        super().__init__()
        self.takes, self.behind = takes, tuple(behind)
        # ViT and DeiT look up the dtype of their patch projection before they call the embedding layer.
        self.patch_embeddings = SimpleNamespace(projection=SimpleNamespace(weight=torch.empty(0)))

    def forward(self, *given: Tensor | None, **named: Any) -> Any:
        """Tokens as they are, with what belongs behind them."""
        tokens = named[self.takes] if self.takes else next(one for one in given if one is not None)
        return (tokens, *self.behind) if self.behind else tokens


class Nothing(nn.Module):
    """Stands where positions were added that our tokens already have."""

    def forward(self, positions: Tensor) -> Tensor:
        """Zero, which adds to tokens of any shape."""
        return torch.zeros(1, device=positions.device)


class Words(nn.Module):
    """Word embeddings, plus learned positions where there are some: the embedding layer of GPT-2 and of T5."""

    def __init__(self, words: nn.Embedding, positions: nn.Embedding | None = None) -> None:
        super().__init__()
        self.words, self.positions = words, positions

    def forward(self, input_ids: Tensor) -> Tensor:
        """(b, l) -> (b, l, d)."""
        tokens: Tensor = self.words(input_ids)
        if self.positions is None:
            return tokens
        return tokens + self.positions(torch.arange(input_ids.shape[1], device=input_ids.device))


class MaskedWords(nn.Module):
    """An embedding layer that has to be told which word pieces are padding (ESM's)."""

    def __init__(self, layer: nn.Module, padding: int) -> None:
        super().__init__()
        self.layer, self.padding = layer, padding

    def forward(self, input_ids: Tensor) -> Tensor:
        """(b, l) -> (b, l, d)."""
        tokens: Tensor = self.layer(input_ids=input_ids, attention_mask=(input_ids != self.padding).long())
        return tokens


def learned(layer: Any) -> tuple[Tensor, Tensor]:
    """Copies of the weight and the bias of a layer; a bias that it does without is zero."""
    weight = layer.weight.detach().clone()
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().clone()
    return weight, bias


def content_of(tokens: Tensor, shift: Tensor | None = None) -> Content:
    """Mean and deviation of tokens (..., d), the mean moved by what a layer adds to each of them (d,)."""
    every = tokens.detach().flatten(0, -2).double()  # (n, d)
    mean, deviation = every.mean(dim=0), every.var(dim=0, correction=0).mean().sqrt()
    return Content((mean if shift is None else mean + shift.detach()).float(), float(deviation))


@torch.no_grad()
def content_of_patches(patch: tuple[Tensor, Tensor], size: tuple[int, int], stride: tuple[int, int]) -> Content:
    """Content of the patches of images as a body knows them, in its own scale.

    No picture ships with a body, so that noise with the spectrum of natural images stands for them, amplitude falling
    as one over frequency (Field, J. Opt. Soc. Am. A, 1987), of mean 0 and deviation 1.
    """
    weight, bias = patch
    images = natural_noise(_IMAGES, weight.shape[1], size)
    return content_of(nn.functional.conv2d(images, weight, bias, stride).flatten(2).transpose(1, 2))  # (n, l, d)


def natural_noise(n: int, channels: int, size: tuple[int, int]) -> Tensor:
    """Noise (n, c, h, w) of mean 0 and deviation 1 with the spectrum of natural images, grey; the same each time."""
    rng = torch.Generator().manual_seed(0)
    height, width = size
    frequency = torch.hypot(torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None])
    frequency[0, 0] = 1 / max(size)
    spectrum = torch.fft.rfft2(torch.randn(n, 1, height, width, generator=rng)) / frequency
    images = torch.fft.irfft2(spectrum, s=size)
    return ((images - images.mean()) / images.std()).expand(-1, channels, -1, -1)
