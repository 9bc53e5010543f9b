"""Random weights with the statistics of the pretrained ones: how much of a gain is scale alone (arXiv 2203.01825)."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.refine import Refinement, refine
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import BodyChoice, CrossModalModel, make_model
from xmodal_core.model.stem import Content, Stem
from xmodal_core.settings import setting


@dataclass(frozen=True)
class StatMatched(Refinement):
    """Refine a body whose every tensor is drawn from a normal with the pretrained tensor's mean and deviation.

    Between `finetune` (weights transfer) and `scratch` (random): (finetune - stat_matched) / (finetune - scratch)
    is the share of the gain that is more than low-level statistics. What an embedder copies from the pretrained
    embedding layer is drawn anew as well. Every layer learns at one rate, as from scratch.

    Reference: Matsoukas et al., "What makes transfer learning work for medical images", CVPR 2022, their ST.

    Differs: statistics are per tensor (a weight, a bias), over biases and norms as well.
    """

    learning_rate: float = setting(5e-4, "Peak learning rate", low=1e-7, high=1.0)
    body_rate: float = setting(1.0, "Learning rate of the body, as a share of the other layers'", low=0.0, high=1.0)

    name: ClassVar[str] = "stat_matched"
    title: ClassVar[str] = "Random body, pretrained statistics"
    reference: ClassVar[str] = "stats transfer, arXiv 2203.01825"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = False
    role: ClassVar[Role] = Role.STATISTICS
    has_body: ClassVar[bool] = True

    def build(self, target: LabelledDataset, body: BodyChoice, seed: int) -> CrossModalModel:
        """The usual model around a body of matched noise."""
        matched = body.load()
        match_statistics(matched, seed)
        return make_model(target, matched, init=self.embedder_init, seed=seed)

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Refine."""
        del source
        yield from refine(state, target, self, budget)


@torch.no_grad()
def match_statistics(body: Body, seed: int) -> None:
    """Replace, in place, every learned tensor of a body and of its stem by noise of equal mean and deviation."""
    rng = torch.Generator().manual_seed(seed)
    learned = list(body.parameters())
    if body.stem.word_embeddings is not None:
        learned += body.stem.word_embeddings.parameters()
    for parameter in learned:
        parameter.copy_(like_noise(parameter, rng))
    body.stem = _noise_stem(body.stem, rng)


def like_noise(tensor: Tensor, rng: torch.Generator) -> Tensor:
    """Normal noise of a tensor's shape, mean and standard deviation (over all of its entries, without correction)."""
    noise = torch.randn(tensor.shape, generator=rng, dtype=tensor.dtype)
    return noise * tensor.std(correction=0) + tensor.mean()


def _noise_stem(stem: Stem, rng: torch.Generator) -> Stem:
    def pair(tensors: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor] | None:
        return None if tensors is None else (like_noise(tensors[0], rng), like_noise(tensors[1], rng))

    positions = None if stem.positions is None else like_noise(stem.positions, rng)
    norm, patch = pair(stem.norm), pair(stem.patch)
    content = None if stem.content is None else Content(like_noise(stem.content.mean, rng), stem.content.deviation)
    return dataclasses.replace(stem, positions=positions, norm=norm, patch=patch, content=content)
