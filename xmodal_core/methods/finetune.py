"""Plain fine-tuning, the baseline of every claim: no alignment, no curriculum."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.refine import Refinement, refine


@dataclass(frozen=True)
class Finetune(Refinement):
    """Refine the pretrained body on the target's labels."""

    name: ClassVar[str] = "finetune"
    title: ClassVar[str] = "Fine-tuning"
    reference: ClassVar[str] = "the naive fine-tuning baseline of ORCA, arXiv 2302.05738"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.FINE_TUNING
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Refine."""
        del source
        yield from refine(state, target, self, budget)
