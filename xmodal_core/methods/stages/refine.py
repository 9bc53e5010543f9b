"""Stage REFINE: train everything on the target."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.evaluation import evaluate, target_tensor, task_loss
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows, warmup_then_linear
from xmodal_core.settings import check_settings, setting

_EVALUATIONS = 10  # readings on the validation rows along the stage
_WATCHED_ROWS = 500  # of them: a score to watch, a standard error of .022 at most; the result reads them all


@dataclass(frozen=True)
class Refinement:
    """Settings of fine-tuning.

    Differs: AdamW with betas (0.9, 0.98) and ORCA's warm-up for every task, where the released
    configurations tune optimizer, rate and decay per task on the test set; the pretrained body learns at a
    share of the rate of the new layers, where the release has one rate for all (`body_rate=1`).
    """

    embedder_init: str = setting("pretrained", "Where the embedder starts", choices=("pretrained", "random"))
    learning_rate: float = setting(
        1e-3, "Peak learning rate of the new layers: embedder, predictor", low=1e-7, high=1.0
    )
    body_rate: float = setting(0.1, "Learning rate of the body, as a share of theirs", low=0.0, high=1.0)
    batch_size: int = setting(32, "Target samples per step", low=2, high=4096, unit="samples")
    weight_decay: float = setting(0.01, "AdamW weight decay", low=0.0, high=1.0)
    clip_norm: float = setting(1.0, "Largest gradient norm; 0 does not clip", low=0.0, high=1e6)

    def __post_init__(self) -> None:
        check_settings(self)


def refine(state: TrainState, target: LabelledDataset, settings: Refinement, budget: Budget) -> Iterator[Step]:
    """Fine-tune embedder, body and predictor by the loss of the task on the training rows.

    The validation rows are read along the way and never trained on; the test rows are not touched.
    """
    total = budget.refine_steps
    if state.is_past(Stage.REFINE) or not total:
        return
    rows = require_rows(target, "train")
    inputs, targets, loss_of = (
        state.model.embedder.prepare(target, rows),
        target_tensor(target, rows),
        task_loss(target),
    )
    done = state.enter(Stage.REFINE, lambda: adamw(state.model, state.model.body, settings))
    for step in range(done, total):
        state.model.train()
        batch = draw_rows(len(rows), settings.batch_size, step, state.seed)
        loss = loss_of(state.model(inputs[batch].to(state.device)), targets[batch].to(state.device))
        learning_rate = warmup_then_linear(step, total, settings.learning_rate)
        state.update(loss, learning_rate, settings.clip_norm)
        yield Step(
            Stage.REFINE,
            step + 1,
            total,
            {"loss": loss.item(), "learning_rate": learning_rate} | validation_metrics(state, target, step + 1, total),
        )


def adamw(module: nn.Module, body: nn.Module, settings: Refinement) -> torch.optim.Optimizer:
    """AdamW over every trainable parameter of a module, the body's at a share of the rate of the new layers'."""
    in_body = {id(p) for p in body.parameters()}
    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if id(p) not in in_body], "share": 1.0},
        {"params": [p for p in trained if id(p) in in_body], "share": settings.body_rate},
    ]
    return torch.optim.AdamW(groups, settings.learning_rate, (0.9, 0.98), weight_decay=settings.weight_decay)


def validation_metrics(state: TrainState, target: LabelledDataset, step: int, total: int) -> dict[str, float]:
    """Validation score and loss about ten times along a stage, and at its last step; otherwise nothing.

    Returns:
        "validation_score" (higher is better), "validation_loss", "validation_n", the rows that were read, and
        "validation_accuracy" for classification.
    """
    if step % max(1, total // _EVALUATIONS) and step != total:
        return {}
    result = evaluate(state.model, target, "val", _WATCHED_ROWS)
    if result is None:
        return {}
    metrics = {"validation_score": result.score, "validation_loss": result.loss, "validation_n": float(result.n)}
    return metrics if result.accuracy is None else metrics | {"validation_accuracy": result.accuracy}
