"""Stochastic depth: in training a sample skips the branches of some blocks, of later blocks more often.

A body has the places for it and drops nothing by itself, in training mode neither: only inside `dropping`, from a seed,
so that a run which was cut draws what it would have drawn.

Reference: Huang et al., Deep Networks with Stochastic Depth, ECCV 2016.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from xmodal_core.errors import ModelError
from xmodal_core.model.seeding import seeded

PLACE = "drop_path"  # what a block calls the module behind its branches


class DropPath(nn.Module):
    """What comes out of a branch, (b, ...): nothing of a sample with probability `rate`, else 1 / (1 - rate) of it."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.acts = False

    def forward(self, branch: Tensor) -> Tensor:
        """The branch as it is outside `dropping`, and of a network that is not in training mode."""
        if not (self.acts and self.training and self.rate):
            return branch
        kept = torch.rand(len(branch), *[1] * (branch.ndim - 1), device=branch.device) >= self.rate
        return branch * kept / (1 - self.rate)


def checked_rate(name: str, rate: object) -> float:
    """The rate of a configuration.

    Raises:
        ModelError: it is no number from 0 to below 1.
    """
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise ModelError(
            f"{name}: config.json has the drop_path_rate {rate!r}, expected a number from 0 to below 1; mend it."
        )
    return float(rate)


def make_places(transformer: nn.Module, rates: Callable[[int], list[float]]) -> None:
    """Put a `DropPath` wherever a block has a place for one, in order; `rates` says the rate of each of so many."""
    blocks = [module for module in transformer.modules() if hasattr(module, PLACE)]
    for block, rate in zip(blocks, rates(len(blocks)), strict=True):
        setattr(block, PLACE, DropPath(rate))


@contextmanager
def dropping(body: nn.Module, seed: int) -> Iterator[None]:
    """Within it branches are dropped, by draws that are a function of `seed`; a body without a rate is left alone."""
    places = [module for module in body.modules() if isinstance(module, DropPath) and module.rate]
    if not places:
        yield
        return
    for place in places:
        place.acts = True
    try:
        with seeded(seed):
            yield
    finally:
        for place in places:
            place.acts = False
