"""Predictors: what a readout gives -> the outputs of a task.

Classes, labels and numbers of a sample are a linear map of what the readout gives. A target on cells, numbers or
classes, is read token by token: each token gives the patch of outputs at its place, as in ORCA's predictor for dense
tasks.

Differs: every patch has learned weights, where ORCA's released 1-D dense head averages features without any and
its 2-D head averages the three channels of a decoder for reconstruction (`compat="released"` has both).
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import Embedder
from xmodal_core.model.readout import Readout
from xmodal_core.model.released import released_predictor
from xmodal_core.model.settings import ModelSettings

_LEAST_DEVIATION = 1e-3  # of a feature, as a share of the usual one; below it is rounding
_START_STD = 0.02  # of the dense weights: the first outputs are near 0, the mean in standard units


class DensePredictor(nn.Module):
    """Tokens on a grid (b, l, d) -> values or logits on the cells of the target, (b, c, h, w) or (b, c, t)."""

    def __init__(
        self, width: int, grid: tuple[int, ...], n_outputs: int, cells: tuple[int, ...], start: str = "none"
    ) -> None:
        """Fix the shapes.

        Args:
            width: of the tokens, d.
            grid: tokens along each axis, (rows, columns) or (tokens,).
            n_outputs: values or classes per cell, c.
            cells: size of the target along the same axes.
            start: what stands in front of the map; see `started`.
        """
        super().__init__()
        self.grid, self.n_outputs, self.cells = grid, n_outputs, cells
        self.patch = tuple(math.ceil(size / tokens) for size, tokens in zip(cells, grid, strict=True))
        project = nn.Linear(width, n_outputs * math.prod(self.patch))
        nn.init.trunc_normal_(project.weight, std=_START_STD)
        nn.init.zeros_(project.bias)
        self.project = started(start, width, project)

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


class Standardise(nn.Module):
    """Features (..., r) in units of their deviation over the training rows; the units are buffers, fitted once."""

    shift: Tensor
    scale: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def fit(self, features: Tensor) -> None:
        """Take the units from features (n, r) or (n, l, r).

        A number that is the same in all of them, such as one of a place behind every training text, is not read: its
        weight would stay as it was drawn, and in its own unit a row in which it differs would outweigh everything.
        """
        every = features.flatten(0, -2)  # (n * l, r)
        deviation = every.std(dim=0, correction=0)
        least = _LEAST_DEVIATION * deviation.square().mean().sqrt()
        self.shift.copy_(every.mean(dim=0))
        self.scale.copy_(torch.where(deviation > least, deviation, torch.inf))

    def forward(self, features: Tensor) -> Tensor:
        """The same shape."""
        return (features - self.shift) / self.scale


class Divided(nn.Module):
    """Features (..., r), those of many places divided by the root of their number.

    A step of the predictor's weights moves its outputs by as much as all of its inputs together: features of l places
    undivided would throw the outputs about, divided by l hardly learn a single place (ucr_crop on fractal-vit, 46
    places, 90 steps, one seed, validation: .587 undivided, .591 by the root, .427 by l).
    """

    divisor: Tensor

    def __init__(self, divisor: Tensor) -> None:
        """Take what each number is divided by, (r,), which the readout knows: no part of a checkpoint."""
        super().__init__()
        self.register_buffer("divisor", divisor, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """The same shape."""
        return features / self.divisor


_STARTS: dict[str, Callable[[int], nn.Module]] = {"standard": Standardise, "norm": nn.LayerNorm}


def started(start: str, width: int, reads: nn.Module, divisor: Tensor | None = None) -> nn.Module:
    """What reads features of a width, with what stands in front of it.

    Args:
        start: none, standard (see `Standardise`) or norm (a LayerNorm).
        width: numbers that it reads, r.
        reads: takes these numbers.
        divisor: see `Divided`.
    """
    before = [_STARTS[start](width)] if start != "none" else []
    before += [Divided(divisor)] if divisor is not None else []
    return nn.Sequential(*before, reads) if before else reads


def unit_of(predictor: nn.Module) -> Standardise | None:
    """What a predictor standardises its features by; None where it takes them as they are."""
    return next((module for module in predictor.modules() if isinstance(module, Standardise)), None)


def make_predictor(
    dataset: LabelledDataset, body: Body, embedder: Embedder, readout: Readout, settings: ModelSettings
) -> nn.Module:
    """The predictor of the data set's task behind a readout.

    Returns:
        A linear map of features (b, r), or a `DensePredictor` or a released one of tokens (b, l', d').

    Raises:
        ModelError: a target per cell where the embedder's tokens lie on no grid, or where the released predictor asked
            for does not fit.
    """
    if not dataset.cells:
        return started(settings.start, readout.width, nn.Linear(readout.width, dataset.n_outputs), readout.divisor)
    if embedder.grid is None:
        raise ModelError(
            f"{dataset.name} asks for an answer in every cell, but the tokens of {dataset.modality} data lie on no "
            "grid; choose image, field, series or sequence data."
        )
    if settings.compat == "released":
        return started(settings.start, readout.width, released_predictor(dataset, body, embedder, readout.width))
    grid = tuple(math.ceil(tokens / body.merged) for tokens in embedder.grid)
    return DensePredictor(readout.width, grid, dataset.n_outputs, dataset.cells, settings.start)
