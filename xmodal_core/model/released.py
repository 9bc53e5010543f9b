"""ORCA's predictors for an answer in every cell as released (`compat="released"`): averages, and no or few weights.

Reference: ORCA (Shen et al., ICML 2023), released code, commit 19b8c1c: `adaptive_pooler` behind RoBERTa and behind the
decoder of Swin for masked images.

Differs: none on the shapes that the release takes; a class for each of several cells is a channel, as a number is.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import Embedder

_DECODER_STD = 0.02  # of Swin's configuration


class ReleasedSeriesPredictor(nn.Module):
    """Tokens (b, l, d) -> (b, c, t) without a weight: the numbers of a token averaged in c t / l blocks.

    With several outputs, the blocks of all tokens in a row are cut into outputs wherever their tokens lie, as released.
    """

    def __init__(self, n_outputs: int, cells: int, tokens: int) -> None:
        """Fix the shapes.

        Args:
            n_outputs: values or classes per cell, c.
            cells: t.
            tokens: l, which divides t.
        """
        super().__init__()
        self.n_outputs, self.cells, self.blocks = n_outputs, cells, n_outputs * (cells // tokens)

    def forward(self, tokens: Tensor) -> Tensor:
        """(b, l, d) -> (b, c, t)."""
        return F.adaptive_avg_pool1d(tokens, self.blocks).reshape(len(tokens), self.n_outputs, self.cells)


class ReleasedFieldPredictor(nn.Module):
    """Tokens on a grid (b, l, d) -> (b, c, h, w): the decoder that Swin is pretrained with, new, then two averages.

    Each token becomes the pixels of its patch in the body's own channels (three); these are averaged to c outputs, so
    that more than three are no more than three apart, and all pixels to the cells of the target.
    """

    def __init__(
        self, width: int, grid: tuple[int, int], side: int, channels: int, n_outputs: int, cells: tuple[int, int]
    ) -> None:
        """Fix the shapes.

        Args:
            width: of the tokens, d.
            grid: tokens down and across.
            side: pixels of a token along either axis.
            channels: of the pictures that the body was trained on.
            n_outputs: values or classes per cell, c.
            cells: (h, w).
        """
        super().__init__()
        self.grid, self.n_outputs, self.cells = grid, n_outputs, cells
        convolution = nn.Conv2d(width, side**2 * channels, 1)
        start = nn.init.normal_(torch.empty_like(convolution.weight), std=_DECODER_STD)
        convolution.load_state_dict({"weight": start, "bias": torch.zeros(side**2 * channels)})
        self.decoder = nn.Sequential(convolution, nn.PixelShuffle(side))

    def forward(self, tokens: Tensor) -> Tensor:
        """(b, l, d) -> (b, c, h, w)."""
        pixels = self.decoder(tokens.transpose(1, 2).unflatten(2, self.grid))  # (b, channels, H, W)
        by_pixel = pixels.flatten(2).transpose(1, 2)  # (b, H W, channels)
        outputs = F.adaptive_avg_pool1d(by_pixel, self.n_outputs).transpose(1, 2).unflatten(2, pixels.shape[2:])
        return F.adaptive_avg_pool2d(outputs, self.cells)


def released_predictor(dataset: LabelledDataset, body: Body, embedder: Embedder, width: int) -> nn.Module:
    """The released predictor for a target on cells behind tokens (b, l', width).

    Raises:
        ModelError: patches that overlap or are not square.
    """
    assert embedder.grid is not None
    grid = tuple(math.ceil(tokens / body.merged) for tokens in embedder.grid)
    if len(grid) == 1:
        # The released embedder cuts a series by a divisor of its length, which is that of its target.
        return ReleasedSeriesPredictor(dataset.n_outputs, dataset.cells[0], grid[0])
    stem = body.stem
    assert stem.patch is not None
    assert stem.image_size is not None
    side = stem.image_size[0] // grid[0]
    if stem.image_size != (side * grid[0], side * grid[1]):
        raise ModelError(
            f"{body.name} makes {grid[0]} x {grid[1]} tokens of {stem.image_size[0]} x {stem.image_size[1]} pixels, "
            "expected square patches that touch for compat released; choose Swin, or leave compat at ours."
        )
    channels, (rows, columns) = stem.patch[0].shape[1], dataset.cells
    return ReleasedFieldPredictor(width, (grid[0], grid[1]), side, channels, dataset.n_outputs, (rows, columns))
