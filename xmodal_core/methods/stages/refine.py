"""Stage REFINE: train everything on the target."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import predict, score_outputs, target_tensor
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows
from xmodal_core.methods.stages.given import Given, check_start
from xmodal_core.methods.stages.loss import TrainingLoss
from xmodal_core.methods.stages.optimizer import Optimization, make_optimizer
from xmodal_core.methods.stages.start import fit_start
from xmodal_core.methods.stages.watched import scored_rows
from xmodal_core.model.stochastic_depth import dropping
from xmodal_core.settings import setting

DEPTHS = ("config", "off")
PRECISIONS = ("auto", "float32", "bfloat16")
_EVALUATIONS = 10  # readings on the validation rows along the stage


@dataclass(frozen=True)
class Refinement(TrainingLoss, Optimization):
    """Settings of fine-tuning.

    Differs: the pretrained body learns at a share of the rate of the new layers, where the release has one rate for
    all (`body_rate=1`); see `Optimization`.
    """

    before: ClassVar[Mapping[str, str]] = {"stochastic_depth": "off"}  # of specifications before schema 3

    embedder_init: str = setting("pretrained", "Where the embedder starts", choices=("pretrained", "random"))
    micro_batch: int = setting(
        0, "Samples in memory at once, the step being that of the whole batch; 0 takes it whole", low=0, high=4096
    )
    stochastic_depth: str = setting(
        "config", "Blocks skipped in training: as often as the body's configuration says, or never", choices=DEPTHS
    )
    precision: str = setting(
        "auto", "Arithmetic of forward passes; auto is bfloat16 on a GPU that has it, else float32", choices=PRECISIONS
    )

    def check(self, given: Given) -> None:
        """Refuse a random start of the embedder that is the pretrained one; see `check_start`."""
        if self.embedder_init == "random":
            check_start(given)


def refine(
    state: TrainState, target: LabelledDataset, settings: Refinement, budget: Budget, before: int = 0
) -> Iterator[Step]:
    """Fine-tune embedder, body and predictor by the loss of the task on the training rows, and by a guide's if any.

    The validation rows are read along the way and never trained on; the test rows are not touched.

    Args:
        state: of the run.
        target: trained on.
        settings: of the stage.
        budget: its steps.
        before: steps of the stage before whose cycle of the learning rate, with its moments, goes on here; 0 begins a
            cycle.
    """
    total = budget.refine_steps
    if state.is_past(Stage.REFINE) or not total:
        return
    fit_start(state, target)
    guide = None if state.make_guide is None else state.make_guide()
    rows, model = require_rows(target, "train"), state.model
    inputs, targets = model.embedder.prepare(target, rows), target_tensor(target, rows)
    loss_of_task = settings.loss_on(target)
    trained = model if guide is None else nn.ModuleList([model, guide.modules])

    def loss_of(part: Tensor, step: int) -> tuple[Tensor, dict[str, float]]:
        x, y = inputs[part].to(state.device), targets[part].to(state.device)
        if guide is None:
            loss = loss_of_task(model(x), y)
            return loss, {"loss": loss.item()}
        hidden, mask = model.hidden(x)
        on_task = loss_of_task(model.outputs(hidden, mask), y)
        guidance, readings = guide(model.body.pooled(hidden, mask), y, step, total)
        loss = on_task + guidance
        return loss, {"loss": loss.item(), "task_loss": on_task.item()} | readings

    moments = state.optimizer if before else None
    done = state.enter(Stage.REFINE, lambda: make_optimizer(trained, model.body, settings, moments))
    for step in range(done, total):
        trained.train()
        batch = draw_rows(len(rows), settings.batch_size, step, state.seed)
        learning_rate = settings.rate(before + step, before + total)
        readings = train_on(state, batch, partial(loss_of, step=step), settings, learning_rate)
        readings["learning_rate"] = learning_rate
        read = validation_metrics(state, target, step + 1, total, batch=settings.batch_size)
        yield Step(Stage.REFINE, step + 1, total, readings | read)


def train_on(
    state: TrainState,
    batch: Tensor,
    loss_of: Callable[[Tensor], tuple[Tensor, dict[str, float]]],
    settings: Refinement,
    learning_rate: float,
) -> dict[str, float]:
    """One optimizer step on the mean loss of a batch, worked through in parts of at most `micro_batch` rows.

    Every part counts by its rows and each batch ends with its step, so the gradient is that of the whole batch,
    whatever the size of the parts.

    Args:
        state: its optimizer takes the step.
        batch: (b,) row numbers.
        loss_of: row numbers (m,) -> their mean loss, and readings.
        settings: `micro_batch`, `precision`, `clip_norm` and `stochastic_depth`.
        learning_rate: of the step.

    Returns:
        the readings, mean over the rows whose part has them.

    Raises:
        SettingsError: the loss is not finite.
    """
    totals: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)

    def losses() -> Iterator[Tensor]:
        for part in batch.split(settings.micro_batch or len(batch)):
            with autocast(state.device, settings.precision):
                loss, readings = loss_of(part)
            for name, value in readings.items():
                totals[name] += len(part) * value
                counts[name] += len(part)
            yield loss * (len(part) / len(batch))

    with dropping(state.model.body, state.step_seed) if settings.stochastic_depth == "config" else nullcontext():
        state.update(losses(), learning_rate, settings.clip_norm)
    found = {name: total / counts[name] for name, total in totals.items()}
    if not math.isfinite(found["loss"]):
        raise SettingsError(
            f"training diverged at step {state.index} of this stage (loss {found['loss']}), expected a finite loss; "
            "lower learning_rate."
        )
    return found


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Forward passes in bfloat16 where `precision` says so; weights, gradients and updates stay in float32.

    bfloat16 has the range of float32, so no loss is scaled.
    """
    automatic = precision == "auto" and device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=automatic or precision == "bfloat16")


def validation_metrics(
    state: TrainState,
    target: LabelledDataset,
    step: int,
    total: int,
    outputs: Callable[[], Tensor] | None = None,
    batch: int | None = None,
) -> dict[str, float]:
    """Validation score and loss about ten times along a stage, and at its last step; otherwise nothing.

    Args:
        state: whose model is read.
        target: its `scored_rows` are asked.
        step: 1-based, of `total`.
        total: steps of the stage.
        outputs: gives the outputs of these rows, for a method that has them cheaper than from the whole model.
        batch: samples of a step, for a stage whose rows are to be as few as it is short.

    Returns:
        "validation_score" (higher is better), "validation_loss", "validation_n", the rows that were read, and
        "validation_accuracy" for classes, of samples or of cells.
    """
    rows = scored_rows(target, None if batch is None else total * batch)
    if not len(rows) or (step % max(1, total // _EVALUATIONS) and step != total):
        return {}
    result = score_outputs(predict(state.model, target, rows) if outputs is None else outputs(), target, rows)
    metrics = {"validation_score": result.score, "validation_loss": result.loss, "validation_n": float(result.n)}
    return metrics if result.accuracy is None else metrics | {"validation_accuracy": result.accuracy}
