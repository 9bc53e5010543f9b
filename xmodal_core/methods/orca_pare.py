"""The whole road: ORCA's alignment, PaRe's curriculum, then refinement."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.align import Alignment, align
from xmodal_core.methods.stages.cross import Crossing, cross
from xmodal_core.methods.stages.refine import refine


@dataclass(frozen=True)
class OrcaPare(Alignment, Crossing):
    """Align, cross, refine. A combination of ours, for walking through all stages in one run."""

    name: ClassVar[str] = "orca_pare"
    title: ClassVar[str] = "ORCA + PaRe: the whole road"
    reference: ClassVar[str] = "arXiv 2302.05738 and arXiv 2406.09003, combined here"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.ALIGN, Stage.CURRICULUM, Stage.REFINE)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CROSSING
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Align, cross, refine."""
        assert source is not None
        yield from align(state, source, target, self, budget)
        yield from cross(state, source, target, self, budget)
        yield from refine(state, target, self, budget, self.shared_cycle(budget.curriculum_steps))
