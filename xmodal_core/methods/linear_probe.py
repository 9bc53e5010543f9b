"""Linear probe: what the body's features, as they are, let a linear predictor read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import ModelError
from xmodal_core.evaluation import target_tensor
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState, draw_rows, require_rows, warmup_then_linear
from xmodal_core.methods.stages.loss import TrainingLoss
from xmodal_core.methods.stages.refine import validation_metrics
from xmodal_core.methods.stages.watched import scored_rows
from xmodal_core.model.crossmodal import BodyChoice, CrossModalModel, make_model
from xmodal_core.model.predictor import unit_of
from xmodal_core.settings import check_settings, setting

_BATCH_SIZE = 256


@dataclass(frozen=True)
class LinearProbe(TrainingLoss):
    """Embedder and body are frozen; the predictor alone trains, on features in units of their training rows' deviation.

    Features are computed once and kept: n x d' numbers, n x l' x d' for a dense target. The predictor takes the same
    number of mini-batch steps as every other method, so that budgets and tuning are equal and every task has its
    own loss; a closed form would have squared error only, or end at a single step.

    Reference: the protocol of He et al., CVPR 2022, arXiv 2111.06377, appendix A: features normalised without
    trained scale in front of the linear layer.

    Differs: the normalisation is fixed by all training rows, where theirs is a batch norm; AdamW for LARS.
    """

    embedder_init: str = setting("pretrained", "Where the embedder stays", choices=("pretrained", "random"))
    learning_rate: float = setting(2e-2, "Peak learning rate", low=1e-7, high=1.0)
    batch_size: int = setting(32, "Target samples per step", low=2, high=4096, unit="samples")
    weight_decay: float = setting(0.01, "AdamW weight decay", low=0.0, high=1.0)

    name: ClassVar[str] = "linear_probe"
    title: ClassVar[str] = "Linear probe"
    reference: ClassVar[str] = "linear probing as in MAE, arXiv 2111.06377"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = True
    role: ClassVar[Role] = Role.BESIDE
    has_body: ClassVar[bool] = True
    of_model: ClassVar[Mapping[str, tuple[str, ...]]] = {  # what it can have, read where a run is specified
        "start": ("standard",),
        "readout": ("mean", "last", "flat", "mean+flat", "first"),
    }

    def __post_init__(self) -> None:
        check_settings(self)

    def build(self, target: LabelledDataset, body: BodyChoice, seed: int) -> CrossModalModel:
        """The usual model with a fixed standardisation in front of its predictor's linear map.

        A learned readout would stay where it starts, at the mean, for nothing but the predictor is trained.

        Raises:
            ModelError: the predictor has no weights, as one of ORCA's release.
        """
        usual = body.settings.resolved(target.modality, target.task).readout
        readout = usual if usual in self.of_model["readout"] else "mean"
        standardised = replace(body, settings=replace(body.settings, start="standard", readout=readout))
        made = make_model(target, standardised.load(), init=self.embedder_init, seed=seed)
        if not any(True for _ in made.predictor.parameters()):
            raise ModelError(
                f"a linear probe of {target.name} trains the predictor alone, and compat {body.settings.compat} has "
                "one without weights; choose compat ours."
            )
        return made

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Features once, then steps of the predictor."""
        del source
        total, model = budget.refine_steps, state.model
        if state.is_past(Stage.REFINE) or not total:
            return
        model.requires_grad_(False)
        model.predictor.requires_grad_(True)
        rows = require_rows(target, "train")
        features = frozen_features(model, model.embedder.prepare(target, rows))
        held = scored_rows(target)
        watched = frozen_features(model, model.embedder.prepare(target, held)) if len(held) else torch.empty(0)
        targets, loss_of = target_tensor(target, rows), self.loss_on(target)
        done = state.enter(Stage.REFINE, lambda: self._adamw(model.predictor))
        if not done:
            unit = unit_of(model.predictor)
            assert unit is not None
            unit.fit(features)
        for step in range(done, total):
            batch = draw_rows(len(rows), self.batch_size, step, state.seed)
            loss = loss_of(model.predictor(features[batch].to(state.device)), targets[batch].to(state.device))
            learning_rate = warmup_then_linear(step, total, self.learning_rate)
            state.update(loss, learning_rate)
            metrics = {"loss": loss.item(), "learning_rate": learning_rate}
            metrics |= validation_metrics(state, target, step + 1, total, partial(_outputs, model.predictor, watched))
            yield Step(Stage.REFINE, step + 1, total, metrics)

    def _adamw(self, predictor: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.AdamW(predictor.parameters(), self.learning_rate, weight_decay=self.weight_decay)


@torch.no_grad()
def _outputs(predictor: nn.Module, features: Tensor) -> Tensor:
    device = next(predictor.parameters()).device
    return torch.cat([predictor(part.to(device)).cpu() for part in features.split(_BATCH_SIZE)])


@torch.no_grad()
def frozen_features(model: CrossModalModel, inputs: Tensor) -> Tensor:
    """What the predictor reads, on the CPU: features (n, r), or the tokens (n, l', d') for a dense target."""
    model.eval()
    parts = [model.readout(*model.hidden(batch.to(model.device))).cpu() for batch in inputs.split(_BATCH_SIZE)]
    return torch.cat(parts)
