"""Predictors: what leaves the body -> the outputs of a task.

Classes, labels and numbers of a sample are a linear map of the mean token. A target on cells, numbers or classes, is
read token by token: each token gives the patch of outputs at its place, as in ORCA's predictor for dense tasks.

Differs: every patch has learned weights, where ORCA's released 1-D dense head averages features without any and
its 2-D head averages the three channels of a decoder for reconstruction.
"""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.embedder import Embedder

_START_STD = 0.02  # of the dense weights: the first outputs are near 0, the mean in standard units


class DensePredictor(nn.Module):
    """Tokens on a grid (b, l, d) -> values or logits on the cells of the target, (b, c, h, w) or (b, c, t)."""

    def __init__(self, width: int, grid: tuple[int, ...], n_outputs: int, cells: tuple[int, ...]) -> None:
        """Fix the shapes.

        Args:
            width: of the tokens, d.
            grid: tokens along each axis, (rows, columns) or (tokens,).
            n_outputs: values or classes per cell, c.
            cells: size of the target along the same axes.
        """
        super().__init__()
        self.grid, self.n_outputs, self.cells = grid, n_outputs, cells
        self.patch = tuple(math.ceil(size / tokens) for size, tokens in zip(cells, grid, strict=True))
        self.project = nn.Linear(width, n_outputs * math.prod(self.patch))
        nn.init.trunc_normal_(self.project.weight, std=_START_STD)
        nn.init.zeros_(self.project.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """One patch of outputs per token, put in its place.

        Raises:
            ModelError: another number of tokens than the grid has.
        """
        if tokens.shape[1] != math.prod(self.grid):
            raise ModelError(
                f"the body gave {tokens.shape[1]} tokens for a grid of {math.prod(self.grid)}, expected one per place; "
                "choose a body that keeps its tokens in place."
            )
        patches = self.project(tokens)  # (b, l, c * p)
        if len(self.grid) == 1:
            series = patches.unflatten(2, (self.n_outputs, -1)).permute(0, 2, 1, 3).flatten(2)  # (b, c, l * p)
            return series[..., : self.cells[0]]  # the padding that the embedder put behind the series
        rows, columns = self.grid
        patches = patches.unflatten(2, (self.n_outputs, *self.patch)).unflatten(1, (rows, columns))
        field = patches.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)  # (b, c, rows * p, columns * q)
        if field.shape[-2:] == self.cells:
            return field
        # the embedder resized the whole picture to its grid, so the way back is a resize too
        return F.interpolate(field, size=self.cells, mode="bilinear", align_corners=False)


def make_predictor(dataset: LabelledDataset, body: Body, embedder: Embedder) -> nn.Module:
    """The predictor of the data set's task behind a body.

    Returns:
        A linear map of features (b, d'), or a `DensePredictor` of tokens (b, l', d').

    Raises:
        ModelError: a target per cell where the embedder's tokens lie on no grid.
    """
    if not dataset.cells:
        return nn.Linear(body.output_size, dataset.n_outputs)
    if embedder.grid is None:
        raise ModelError(
            f"{dataset.name} asks for an answer in every cell, but the tokens of {dataset.modality} data lie on no "
            "grid; choose image, field, series or sequence data."
        )
    grid = tuple(math.ceil(tokens / body.merged) for tokens in embedder.grid)
    return DensePredictor(body.output_size, grid, dataset.n_outputs, dataset.cells)
