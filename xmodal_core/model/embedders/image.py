"""Images and fields -> tokens: resized to the body's own size, cut into its patches.

Differs: RGB filters are summed for one channel and tiled with a factor 3/c for others, which shows the body a grey
image in its own scale, where ORCA tiles them unscaled and truncates; a body without an embedding
LayerNorm (ViT) gets none.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.model.body import Body
from xmodal_core.model.channels import fit_channels, grey_scale, of_channels
from xmodal_core.model.embedders.base import Embedder, Tokens
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.stem import Stem

_PATCH = 4  # patch side for images on a body that has no patches of its own
_PATCH_GRID = 8


class ImageEmbedder(Embedder):
    """Images (b, c, h, w) in any scale: to [0, 1] by the training range, resized, cut into patches.

    With u = (x - lowest) / (highest - lowest) in [0, 1], channel k enters the body as (u - mean_k) / std_k, its own
    mean and deviation. Where the data have another number of channels than the body, channel k takes those of the
    body's channel k modulo theirs, as the filters do; a single one is seen by the body as a grey image, whose channels
    are alike before each is scaled.
    """

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        super().__init__()
        stem = body.stem
        patch = (_PATCH, _PATCH) if stem.patch is None else (stem.patch[0].shape[-2], stem.patch[0].shape[-1])
        side = min(_PATCH_GRID, math.isqrt(body.max_tokens))
        self.size = stem.image_size or (_PATCH * side, _PATCH * side)  # (h, w)
        channels = dataset.inputs.shape[1]
        self.fit_scale(dataset.inputs[dataset.rows("train")], stem)
        stride = stem.stride or patch
        self.project = nn.Conv2d(channels, body.hidden_size, patch, stride)
        weight = nn.init.trunc_normal_(torch.empty_like(self.project.weight), std=0.02)
        bias = torch.zeros(body.hidden_size)
        if pretrained and stem.patch is not None:
            weight, bias = self.filters(*stem.patch, stem, channels)
        self.project.load_state_dict({"weight": weight, "bias": bias})
        self.grid = tuple(
            (size - cells) // step + 1 for size, cells, step in zip(self.size, patch, stride, strict=True)
        )
        self.n_tokens = math.prod(self.grid)
        self.is_native = pretrained and stem.patch is not None
        self.tokens = Tokens(stem, self.n_tokens, body.hidden_size, pretrained, settings.positions)

    def fit_scale(self, train: np.ndarray, stem: Stem) -> None:
        """[lowest, highest] -> [0, 1] -> the scale that the body was trained with, in one shift and one factor."""
        low, high = float(train.min()), float(train.max())
        mean, std = (of_channels(values, train.shape[1]) for values in (stem.image_scale.mean, stem.image_scale.std))
        self.register_buffer("shift", torch.tensor(low + mean * (high - low), dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(np.maximum(std * (high - low), 1e-6), dtype=torch.float32))

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:
        """The body's filters (d, c, s, s) and biases (d,) for images of this many channels in their own scale."""
        if channels == 1 < weight.shape[1]:
            weight, bias = grey_scale(weight, bias, stem.image_scale)
        return fit_channels(weight, channels), bias

    def resized(self, images: Tensor) -> Tensor:
        """What the patches are cut from, (b, c, *size), in the body's scale."""
        x = (images - self.shift) / self.scale
        if x.shape[-2:] == self.size:
            return x
        return F.interpolate(x, size=self.size, mode="bilinear", antialias=True)

    def content(self, images: Tensor) -> Tensor:
        """(b, c, h, w) -> (b, l, d)."""
        return self.project(self.resized(images)).flatten(2).transpose(1, 2)  # (b, l, d)


class FieldEmbedder(ImageEmbedder):
    """Fields (b, c, h, w) of any resolution and in any units: standardised per channel, then as images."""

    def fit_scale(self, train: np.ndarray, stem: Stem) -> None:  # noqa: ARG002 - a field has no scale of pictures
        """Mean and standard deviation per channel, (c, 1, 1)."""
        spread = train.std(axis=(0, 2, 3), dtype=np.float64)
        shift = train.mean(axis=(0, 2, 3), dtype=np.float64)
        scale = np.where(spread > 1e-30, spread, 1)  # units may be tiny, a constant channel has none
        self.register_buffer("shift", torch.from_numpy(shift.astype(np.float32)[:, None, None]))
        self.register_buffer("scale", torch.from_numpy(scale.astype(np.float32)[:, None, None]))

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """The body's filters: what it saw in its own scale, a standardised field is."""
        return fit_channels(weight, channels), bias
