"""MoNA: learn an embedder that keeps the source's knowledge in reach, then refine (Ma et al., ICML 2024)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.lookahead import Meta
from xmodal_core.methods.stages.meta import meta_align
from xmodal_core.methods.stages.refine import Refinement, refine


@dataclass(frozen=True)
class Mona(Meta, Refinement):
    """Stage 1 looks one virtual fine-tuning step ahead at what it does to the source; stage 2 fine-tunes everything.

    Differs: written without reference code, from the paper's abstract and from formulas that others quote of it.
    The virtual step moves the body alone and has a fixed length; the form of both source losses, how they are weighed,
    batches, rates and the warm-up are ours, as is the finite difference that stands for the second derivative. See
    docs/methods/mona.md.
    """

    name: ClassVar[str] = "mona"
    title: ClassVar[str] = "MoNA: look one step ahead, then refine"
    reference: ClassVar[str] = "arXiv 2406.18864"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.ALIGN, Stage.REFINE)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CROSSING
    has_body: ClassVar[bool] = True
    before: ClassVar[Mapping[str, str]] = {**Refinement.before, "compat": "earlier"}  # had no strength

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Look ahead, then refine."""
        assert source is not None
        yield from meta_align(state, source, target, self, self.batch_size, budget)
        yield from refine(state, target, self, budget)
