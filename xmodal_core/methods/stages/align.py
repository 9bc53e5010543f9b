"""Stage ALIGN (ORCA, stage 1): move the target's embedding onto the source's; the body is not run."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from xmodal_core.data.dataset import LabelledDataset, stratified_rows
from xmodal_core.embedding import Space, embed
from xmodal_core.errors import SettingsError
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows
from xmodal_core.methods.stages.probe import make_probe
from xmodal_core.model.crossmodal import CrossModalModel, source_model
from xmodal_core.objectives import OBJECTIVES, Objective
from xmodal_core.settings import setting


@dataclass(frozen=True)
class Alignment:
    """Settings of alignment.

    Differs: the release steps once per pass over all classes, at ten times the fine-tuning rate with two
    drops; here a step is one mini-batch of all classes at a rate of its own.
    """

    objective: str = setting("otdd", "What alignment minimises", choices=tuple(OBJECTIVES))
    align_learning_rate: float = setting(1e-3, "Learning rate of alignment", low=1e-7, high=1.0)
    align_batch: int = setting(256, "Target samples per alignment step", low=4, high=4096, unit="samples")
    source_samples: int = setting(512, "Source samples that are aligned to", low=10, high=10_000, unit="samples")
    entropy: float = setting(0.05, "Entropy, as a share of the median cost at the first step", low=1e-3, high=10.0)


def align(
    state: TrainState, source: LabelledDataset, target: LabelledDataset, settings: Alignment, budget: Budget
) -> Iterator[Step]:
    """Train the embedder alone on a divergence between mean-pooled target tokens and cached source tokens.

    Every step also reads the held-out rows: the objective is not the gap.
    """
    total = budget.align_steps
    if state.is_past(Stage.ALIGN) or not total:
        return
    source_side = source_model(source, state.model.body)
    probe = make_probe(state, source, source_side, target)
    objective = cached_objective(state, source, source_side, settings)
    rows = require_rows(target, "train")
    inputs, labels = state.model.embedder.prepare(target, rows), torch.from_numpy(target.targets[rows])
    embedder = state.model.embedder
    done = state.enter(Stage.ALIGN, lambda: torch.optim.Adam(embedder.parameters(), settings.align_learning_rate))
    for step in range(done, total):
        state.model.train()
        batch = draw_rows(len(rows), settings.align_batch, step, state.seed)
        features, batch_labels = state.model.embedded(inputs[batch].to(state.device)), labels[batch].to(state.device)
        if "align_eps" not in state.memo:
            state.memo["align_eps"] = torch.tensor(objective.first_eps(features, batch_labels), dtype=torch.float64)
        loss = objective(features, batch_labels, state.memo["align_eps"].item())
        if not torch.isfinite(loss):
            raise SettingsError(
                f"alignment diverged at step {step + 1} (loss {loss.item()}), expected a finite loss; "
                "lower align_learning_rate or raise entropy."
            )
        state.update(loss, settings.align_learning_rate)
        held = probe.target_embedding(state.model)
        yield Step(Stage.ALIGN, step + 1, total, {"objective": loss.item()} | probe.readings(held), probe.frame(held))


def cached_objective(
    state: TrainState, source: LabelledDataset, source_side: CrossModalModel, settings: Alignment
) -> Objective:
    """The objective with its source side computed once: a stratified sample of training rows, embedder output."""
    rows = require_rows(source, "train")
    rows = rows[stratified_rows(source.targets[rows], settings.source_samples, seed=state.seed)]
    features = embed(source, source_side, Space.EMBEDDER, rows)
    build = OBJECTIVES[settings.objective]
    on_device = torch.from_numpy(features.features).to(state.device)
    return build(on_device, torch.from_numpy(features.labels).to(state.device), settings.entropy)
