"""FPT: the body as it is, its LayerNorms apart (Lu, Grover, Abbeel & Mordatch, AAAI 2022, arXiv 2103.05247)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.refine import Refinement, refine
from xmodal_core.model.body import Body
from xmodal_core.settings import setting


@dataclass(frozen=True)
class Frozen(Refinement):
    """Attention and feed-forward layers stay as pretrained; LayerNorms, embedder, positions and predictor train.

    Differs: the embedder starts as every other method's here does (`embedder_init="random"` gives the paper's new
    input layer); AdamW with warm-up where the paper has Adam at a constant rate; the predictor reads what
    `readout` says, where the paper's reads the last token. The paper's lead over full fine-tuning was shown to hang on
    the learning rate (arXiv 2107.12460): tune it for every arm.
    """

    body_rate: float = setting(1.0, "Learning rate of the LayerNorms, as a share of the others'", low=0.0, high=1.0)

    name: ClassVar[str] = "frozen"
    title: ClassVar[str] = "Frozen body: LayerNorms only"
    reference: ClassVar[str] = "FPT, arXiv 2103.05247"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.BESIDE
    has_body: ClassVar[bool] = True

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Freeze, then refine what is left."""
        del source
        freeze_all_but_norms(state.model.body)
        yield from refine(state, target, self, budget)


def freeze_all_but_norms(body: Body) -> None:
    """Only the weights and biases of the body's LayerNorms keep on learning; T5 has a class of its own for them."""
    body.requires_grad_(False)
    for module in body.modules():
        if isinstance(module, nn.LayerNorm) or type(module).__name__.endswith("LayerNorm"):
            module.requires_grad_(True)
