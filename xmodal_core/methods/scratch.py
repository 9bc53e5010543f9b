"""The same network from random weights: what pretraining has to beat."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.refine import Refinement, refine
from xmodal_core.settings import setting


@dataclass(frozen=True)
class Scratch(Refinement):
    """Refine a randomly initialised body of the same architecture, every layer at one rate: all of it is new."""

    learning_rate: float = setting(5e-4, "Peak learning rate", low=1e-7, high=1.0)
    body_rate: float = setting(1.0, "Learning rate of the body, as a share of the other layers'", low=0.0, high=1.0)

    name: ClassVar[str] = "scratch"
    title: ClassVar[str] = "From scratch"
    reference: ClassVar[str] = "the train-from-scratch control of ORCA, arXiv 2302.05738"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = False
    role: ClassVar[Role] = Role.SCRATCH
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Refine."""
        del source
        yield from refine(state, target, self, budget)
