"""LoRA: the body frozen, low-rank updates of its attention projections (Hu et al., ICLR 2022, arXiv 2106.09685)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import ModelError
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState
from xmodal_core.methods.stages.given import Given
from xmodal_core.methods.stages.refine import Refinement, refine
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import BodyChoice, CrossModalModel, make_model
from xmodal_core.model.seeding import seeded
from xmodal_core.settings import setting


@dataclass(frozen=True)
class Lora(Refinement):
    """Embedder and predictor train fully; in the body W + (alpha / rank) B A, with W fixed and B = 0 at the start.

    Differs: all four attention projections are adapted, where the paper's main runs adapt query and value (its
    Table 5 finds four at a smaller rank as good).
    """

    rank: int = setting(8, "Rank of the updates", low=1, high=512)
    alpha: int = setting(16, "Updates are scaled by alpha / rank", low=1, high=4096)
    dropout: float = setting(0.0, "Dropout in front of the updates", low=0.0, high=0.9)
    body_rate: float = setting(1.0, "Learning rate of the updates, as a share of the others'", low=0.0, high=1.0)

    name: ClassVar[str] = "lora"
    title: ClassVar[str] = "LoRA: low-rank updates"
    reference: ClassVar[str] = "arXiv 2106.09685"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.BESIDE
    has_body: ClassVar[bool] = True

    def check(self, given: Given) -> None:
        """Refuse a body without blocks: there is no attention to adapt.

        Raises:
            ModelError: says so; other reasons need the network, see `attention_projections`.
        """
        if given.body is not None and not given.body.has_blocks:
            raise ModelError(
                f"{given.body.name} has no transformer blocks, expected attention to adapt by LoRA; choose another "
                "body or method."
            )

    def build(self, target: LabelledDataset, body: BodyChoice, seed: int) -> CrossModalModel:
        """The usual model, its body with adapters: a checkpoint is loaded into a network that has them already."""
        adapted = body.load()
        add_adapters(adapted, self, seed)
        return make_model(target, adapted, init=self.embedder_init, seed=seed)

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Refine."""
        del source
        training = refine(state, target, self, budget)
        while True:
            with seeded(state.seed * 1_000_003 + state.index):  # dropout of a step is a function of seed and step
                step = next(training, None)
            if step is None:
                return
            yield step


def attention_projections(transformer: nn.Module) -> list[str]:
    """Names of all linear layers inside attention modules, of whatever family; no network that computes positions.

    Raises:
        ModelError: there are none.
    """
    from transformers.pytorch_utils import Conv1D  # GPT-2's linear layer, its weight transposed

    inside = [name for name, module in transformer.named_modules() if "Attention" in type(module).__name__]
    names = [
        name
        for name, module in transformer.named_modules()
        if isinstance(module, nn.Linear | Conv1D)
        and any(name.startswith(f"{outer}.") for outer in inside)
        and "position" not in name
    ]
    if not names:
        raise ModelError(
            f"{type(transformer).__name__} has no linear layer in an attention module, expected some for LoRA; "
            "choose another body or method."
        )
    return names


def add_adapters(body: Body, settings: Lora, seed: int) -> None:
    """Freeze a body and put trainable adapters, of zero effect as yet, on its attention projections."""
    from peft import LoraConfig, inject_adapter_in_model

    names = attention_projections(body.transformer)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=names,
        fan_in_fan_out=not isinstance(body.transformer.get_submodule(names[0]), nn.Linear),
    )
    body.requires_grad_(False)
    with seeded(seed):
        inject_adapter_in_model(config, body.transformer)
