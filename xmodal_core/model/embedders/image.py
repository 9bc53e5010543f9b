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
from xmodal_core.model.embedders.base import PlacedEmbedder, Tokens
from xmodal_core.model.embedders.patches import make_stem
from xmodal_core.model.embedders.scaling import Unchanged, make_level, make_scaling
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.stem import Stem

_PATCH = 4  # patch side for images on a body that has no patches of its own
_PATCH_GRID = 8
_START_STD = 0.02  # of filters that no body had learned


class ImageEmbedder(PlacedEmbedder):
    """Images (b, c, h, w) in any scale: to [0, 1] by the training range, resized, cut into patches.

    With u = (x - lowest) / (highest - lowest) in [0, 1], channel k enters the body as (u - mean_k) / std_k, its own
    mean and deviation. Where the data have another number of channels than the body, channel k takes those of the
    body's channel k modulo theirs, as the filters do; a single one is seen by the body as a grey image, whose channels
    are alike before each is scaled. Lowest and highest are those of all channels, or of each (`scaling`), of what has
    been through the scaling.
    """

    scaling: Unchanged

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        super().__init__()
        stem = body.stem
        patch = (_PATCH, _PATCH) if stem.patch is None else (stem.patch[0].shape[-2], stem.patch[0].shape[-1])
        side = min(_PATCH_GRID, math.isqrt(body.max_tokens))
        self.size = stem.image_size or (_PATCH * side, _PATCH * side)  # (h, w)
        train = dataset.inputs[dataset.rows("train")]
        channels, width, stride = train.shape[1], body.hidden_size, stem.stride or patch
        self.scaling = make_scaling(settings.scaling, train)
        self.level = make_level(settings.scaling, train, width)
        self.fit_scale(self.scaling.fitted(train), stem)
        self.ahead = make_stem(settings.stem, channels, patch, stride, width)
        rows, columns = self.ahead.patch
        self.project = nn.Conv2d(self.ahead.channels, width, (rows, columns), stride)
        weight = nn.init.trunc_normal_(torch.empty(width, channels, *patch), std=_START_STD)
        bias = torch.zeros(width)
        self.is_native = pretrained and stem.patch is not None
        if pretrained and stem.patch is not None:
            weight, bias = self.filters(*stem.patch, stem, channels)
        weight = self.ahead.around(weight, 0.0 if self.is_native else _START_STD)
        self.project.load_state_dict({"weight": weight, "bias": bias})
        self.grid = tuple(
            (size - cells) // step + 1 for size, cells, step in zip(self.size, patch, stride, strict=True)
        )
        self.n_tokens = math.prod(self.grid)
        self.tokens = Tokens(stem, self.n_tokens, width, pretrained, settings.positions)

    def fit_scale(self, train: np.ndarray, stem: Stem) -> None:
        """[lowest, highest] -> [0, 1] -> the scale that the body was trained with, in one shift and one factor."""
        low, high = self.ends(train)
        mean, std = (of_channels(values, train.shape[1]) for values in (stem.image_scale.mean, stem.image_scale.std))
        self.register_buffer("shift", torch.tensor(low + mean * (high - low), dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(np.maximum(std * (high - low), 1e-6), dtype=torch.float32))

    def ends(self, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest number, of all channels or (c, 1, 1) of each; where they are one, it is 1 more."""
        if self.scaling.together:
            return train.min().astype(np.float64), train.max().astype(np.float64)
        low, high = (found(train, axis=(0, 2, 3), keepdims=True)[0].astype(np.float64) for found in (np.min, np.max))
        return low, np.where(high > low, high, low + 1)

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:
        """The body's filters (d, c, s, s) and biases (d,) for images of this many channels in their own scale."""
        if channels == 1 < weight.shape[1]:
            weight, bias = grey_scale(weight, bias, stem.image_scale)
        return fit_channels(weight, channels), bias

    def resized(self, images: Tensor) -> Tensor:
        """What the patches are cut from, (b, c, *size), in the body's scale."""
        x = (self.scaling(images) - self.shift) / self.scale
        if x.shape[-2:] == self.size:
            return x
        return F.interpolate(x, size=self.size, mode="bilinear", antialias=True)

    def content(self, images: Tensor) -> Tensor:
        """(b, c, h, w) -> (b, l, d)."""
        tokens: Tensor = self.project(self.ahead(self.resized(images))).flatten(2).transpose(1, 2)  # (b, l, d)
        return tokens if self.level is None else tokens + self.level(images)


class FieldEmbedder(ImageEmbedder):
    """Fields (b, c, h, w) of any resolution and in any units: standardised, as a rule per channel, then as images."""

    def fit_scale(self, train: np.ndarray, stem: Stem) -> None:  # noqa: ARG002 - a field has no scale of pictures
        """Mean and standard deviation, (c, 1, 1) per channel, (1, 1, 1) of all together."""
        axes = (0, 1, 2, 3) if self.scaling.together else (0, 2, 3)
        spread = train.std(axis=axes, dtype=np.float64, keepdims=True)[0]
        shift = train.mean(axis=axes, dtype=np.float64, keepdims=True)[0]
        scale = np.where(spread > 1e-30, spread, 1)  # units may be tiny, a constant channel has none
        self.register_buffer("shift", torch.from_numpy(shift.astype(np.float32)))
        self.register_buffer("scale", torch.from_numpy(scale.astype(np.float32)))

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """The body's filters: what it saw in its own scale, a standardised field is."""
        return fit_channels(weight, channels), bias
