"""RECRAFT: align features and what a source head says of labels, then refine (Tran et al., AISTATS 2026)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.feature_label import FeatureLabel, feature_label_align
from xmodal_core.methods.stages.refine import Refinement, refine


@dataclass(frozen=True)
class Recraft(FeatureLabel, Refinement):
    """Stage 1 lowers the distance of features and the distortion between features and labels; stage 2 fine-tunes all.

    Differs: stage 2 trains the embedder too, as the released code does and the paper's figure does not. See
    `SourceHead` and `FeatureLabel`, and docs/methods/recraft.md.
    """

    name: ClassVar[str] = "recraft"
    title: ClassVar[str] = "RECRAFT: align features and labels, then refine"
    reference: ClassVar[str] = "arXiv 2601.18231"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.ALIGN, Stage.REFINE)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CROSSING
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Align features and labels, then refine."""
        assert source is not None
        yield from feature_label_align(state, source, target, self, budget)
        yield from refine(state, target, self, budget)
