"""PaRe: gradually intermediate modalities (Cai et al., ICML 2024, arXiv 2406.09003)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.cross import Crossing, cross
from xmodal_core.methods.stages.refine import refine


@dataclass(frozen=True)
class Pare(Crossing):
    """Train on the target and on samples between source and target, from source-like to target-like.

    Differs: a refinement on the target alone may follow the curriculum (`refine_steps`; 0 gives the paper's
    single stage). See `Crossing` for the gate and the schedule, and docs/methods/pare.md.
    """

    name: ClassVar[str] = "pare"
    title: ClassVar[str] = "PaRe: gradually intermediate modalities"
    reference: ClassVar[str] = "arXiv 2406.09003"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.CURRICULUM, Stage.REFINE)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CROSSING
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Cross, then refine."""
        assert source is not None
        yield from cross(state, source, target, self, budget)
        yield from refine(state, target, self, budget, self.shared_cycle(budget.curriculum_steps))
