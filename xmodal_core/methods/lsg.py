"""LSG: fine-tuning guided by the meaning of the class names (Ma et al., NeurIPS 2023, arXiv 2311.08782)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.guided import Guidance, NameGuide
from xmodal_core.methods.stages.refine import Refinement, refine


@dataclass(frozen=True)
class Lsg(Guidance, Refinement):
    """Names -> label graph -> graph network, then refine everything with the network frozen as a guide.

    Differs: see `Guidance`, and `semantics` for names, graph and network; one view of a sample per step, no
    unlabelled data, and the test rows select nothing, where the release takes the best test accuracy.
    """

    name: ClassVar[str] = "lsg"
    title: ClassVar[str] = "LSG: refine, guided by class names"
    reference: ClassVar[str] = "arXiv 2311.08782"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CROSSING
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Refine under guidance."""
        del source
        if self.guide_weight:
            state.make_guide = partial(NameGuide.learn, state, target, self)
        yield from refine(state, target, self, budget)
