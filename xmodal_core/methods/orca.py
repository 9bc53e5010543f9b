"""ORCA: align, then refine (Shen et al., ICML 2023, arXiv 2302.05738)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.align import Alignment, align
from xmodal_core.methods.stages.refine import Refinement, refine


@dataclass(frozen=True)
class Orca(Alignment, Refinement):
    """Stage 1 moves the target's embedding onto the source's; stage 2 fine-tunes everything.

    Differs: `objective="otdd"` is the label-aware distance of the paper's text, `"per_class"` is what the
    released code optimises; embedder initialisation is a switch of its own, where the release ties it to
    alignment (`embedder_init` times `align_steps=0` or more is the 2 x 2); single tokens can be aligned instead
    of means; the test rows select nothing, where the release validates on them. See docs/methods/orca.md.
    """

    name: ClassVar[str] = "orca"
    title: ClassVar[str] = "ORCA: align, then refine"
    reference: ClassVar[str] = "arXiv 2302.05738"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.ALIGN, Stage.REFINE)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CROSSING
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Align, then refine."""
        assert source is not None
        yield from align(state, source, target, self, budget)
        yield from refine(state, target, self, budget)
