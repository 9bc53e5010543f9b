"""Stems: what is done to channels (b, c, ...) on one axis or two before a strided convolution makes tokens of them.

Number and grid of the tokens are those of the linear stem, whose filters are contained in those of the others: where a
body has filters of its own, what the others add starts at zero, and tokens are the body's own.

Reference: overlapping patches as in PVTv2 (Wang et al., 2022) and the Audio Spectrogram Transformer (Gong et al.,
2021); convolutions ahead of patches as in Xiao et al., NeurIPS 2021.

Differs: theirs replace the patch projection by strided convolutions; here one of stride 1 stands beside what it reads.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LOCAL = 32  # channels of the local convolution, fewer where patches are long: the strided one reads them all
_FEWEST = 4
# Most numbers of local channels in a patch, in widths of the body: a step of six layers takes up to a quarter longer.
_WORK = 7
_REACH = {1: 7, 2: 5}  # its width in places, on one axis and on two
# Mean square of GELU(z), z standard normal: by as much less than its input does a local channel weigh.
_GELU_SQUARE = 0.425

Sides = tuple[int, ...]


class LinearStem(nn.Module):
    """Nothing: patches of the channels as they are. The base of the others.

    Attributes:
        channels, patch: what the strided convolution then reads.
    """

    def __init__(self, channels: int, patch: Sides, stride: Sides, width: int) -> None:
        """Fix the shapes; patch and stride are sides along each axis, width is that of the tokens."""
        del stride, width
        super().__init__()
        self.channels, self.patch = channels, patch

    def forward(self, channels: Tensor) -> Tensor:
        """(b, c, ...) -> (b, c', ...)."""
        return channels

    def around(self, filters: Tensor, spread: float) -> Tensor:
        """Filters (d, c, *patch) of the linear stem among those that this one needs, the others drawn with a spread.

        A spread of 0 leaves the tokens those of the linear stem.
        """
        del spread
        return filters


class OverlapStem(LinearStem):
    """Patches of twice the stride, with as much margin on both sides, so that there are as many.

    A patch that is as large already stays as it is.
    """

    def __init__(self, channels: int, patch: Sides, stride: Sides, width: int) -> None:
        wide = tuple(max(2 * step, side) for side, step in zip(patch, stride, strict=True))
        super().__init__(channels, wide, stride, width)
        more = [large - side for large, side in zip(wide, patch, strict=True)]
        # F.pad counts axes from the last one.
        self.margin = [side for extra in reversed(more) for side in (extra // 2, extra - extra // 2)]

    def forward(self, channels: Tensor) -> Tensor:
        """With margins of zeros."""
        return F.pad(channels, self.margin)

    def around(self, filters: Tensor, spread: float) -> Tensor:
        """In the middle, where the linear patch lies."""
        inside = F.pad(torch.ones_like(filters), self.margin) > 0
        drawn = nn.init.normal_(torch.empty(inside.shape), std=spread) if spread else torch.zeros(inside.shape)
        return torch.where(inside, F.pad(filters, self.margin), drawn)


class ConvStem(LinearStem):
    """The channels, and beside them GELU of a local convolution of stride 1: patches know the shapes inside them.

    Attributes:
        n_local: channels of the convolution, 32 or, where patches are long, as few as 4.
        share: what they are multiplied by. Where their weights start at zero, a first step of Adam moves all of them
            alike and a token by the sum, which threw an alignment about (digits on fractal-vit, seed 0: objective .19
            before, .26 after five steps; .04 with the root of their number). Set by `around`.
    """

    def __init__(self, channels: int, patch: Sides, stride: Sides, width: int) -> None:
        n_local = min(_LOCAL, max(_FEWEST, _WORK * width // math.prod(patch)))
        super().__init__(channels + n_local, patch, stride, width)
        self.n_local, self.share = n_local, 1.0
        made, reach = CONVOLUTIONS[len(patch)], _REACH[len(patch)]
        self.local = made(channels, self.n_local, reach, padding=reach // 2)
        drawn = nn.init.normal_(torch.empty_like(self.local.weight), std=(channels * reach ** len(patch)) ** -0.5)
        self.local.load_state_dict({"weight": drawn, "bias": torch.zeros(self.n_local)})

    def forward(self, channels: Tensor) -> Tensor:
        """(b, c, ...) -> (b, c + n_local, ...)."""
        return torch.cat([channels, F.gelu(self.local(channels)) * self.share], dim=1)

    def around(self, filters: Tensor, spread: float) -> Tensor:
        """On the channels themselves; the local ones together weigh as much where they are drawn."""
        more = torch.zeros(len(filters), self.n_local, *filters.shape[2:])
        self.share = 1.0 if spread else self.n_local**-0.5
        if spread:
            nn.init.normal_(more, std=spread * (filters.shape[1] / (self.n_local * _GELU_SQUARE)) ** 0.5)
        return torch.cat([filters, more], dim=1)


CONVOLUTIONS: dict[int, type[nn.Conv1d] | type[nn.Conv2d]] = {1: nn.Conv1d, 2: nn.Conv2d}
_STEMS: dict[str, type[LinearStem]] = {"linear": LinearStem, "overlap": OverlapStem, "conv": ConvStem}


def make_stem(name: str, channels: int, patch: Sides, stride: Sides, width: int) -> LinearStem:
    """The stem of a name ahead of patches of channels (b, c, ...) that become tokens of a width."""
    return _STEMS[name](channels, patch, stride, width)
