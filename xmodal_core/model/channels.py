"""What a body learned about images of some channels, for images of another number of them."""

import math

import numpy as np
import torch
from torch import Tensor

from xmodal_core.model.image_scale import ImageScale


def of_channels(values: tuple[float, ...], channels: int) -> np.ndarray:
    """A body's values for the channels of some data: one number where all are alike, else (c, 1, 1)."""
    if len(values) == 1:
        return np.array(values[0])
    if channels == 1:
        return np.array(np.mean(values))
    return np.resize(np.array(values), channels)[:, None, None]


def grey_scale(weight: Tensor, bias: Tensor, scale: ImageScale) -> tuple[Tensor, Tensor]:
    """Filters (d, c, s, s) and biases (d,) that see every channel in its own scale, though fed with the mean one.

    With the means m, s over channels, (u - m_k) / s_k = (s / s_k) (u - m) / s + (m - m_k) / s_k: a factor for the
    filters of channel k and, as patches do not overlap a border, a constant for the bias.
    """
    if len(scale.mean) == len(scale.std) == 1:
        return weight, bias
    n = weight.shape[1]
    means, stds = (torch.tensor(np.resize(values, n), dtype=weight.dtype) for values in (scale.mean, scale.std))
    bias = bias + (weight.sum(dim=(2, 3)) * (means.mean() - means) / stds).sum(dim=1)
    return weight * (stds.mean() / stds).view(1, n, 1, 1), bias


def fit_channels(weight: Tensor, channels: int) -> Tensor:
    """Filters (d, c, s, s) for another number of channels that keep the response to a grey image."""
    own = weight.shape[1]
    if channels == own:
        return weight
    tiled = weight.repeat(1, math.ceil(channels / own), 1, 1)[:, :channels]
    return weight.sum(dim=1, keepdim=True) if channels == 1 else tiled * (own / channels)
