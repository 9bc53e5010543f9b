"""Stage ALIGN (ORCA, stage 1): move the target's embedding onto the source's; the body is not run."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset, Task, stratified_rows
from xmodal_core.data.pseudo import N_CLUSTERS, pseudo_classified
from xmodal_core.embedding import Space, embed
from xmodal_core.errors import SettingsError
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows
from xmodal_core.methods.stages.given import Given
from xmodal_core.methods.stages.watched import check_watched, make_watch
from xmodal_core.model.crossmodal import CrossModalModel, source_model
from xmodal_core.objectives import OBJECTIVES, Objective
from xmodal_core.settings import setting

LEVELS = ("mean", "token")
_BATCH_SIZE = 64  # source samples embedded at once, with all of their tokens


@dataclass(frozen=True)
class Alignment:
    """Settings of alignment.

    Differs: the release steps once per pass over all classes, at ten times the fine-tuning rate with two
    drops; here a step is one mini-batch of all classes at a rate of its own. `level="token"` is ours: one shift of
    LayerNorm or positions can match means, but not distributions of tokens.
    """

    objective: str = setting("otdd", "What alignment minimises", choices=tuple(OBJECTIVES))
    level: str = setting("mean", "What is aligned: the mean token of a sample, or single tokens", choices=LEVELS)
    tokens_per_sample: int = setting(4, "Tokens drawn per sample at level token", low=1, high=4096, unit="tokens")
    align_learning_rate: float = setting(1e-3, "Learning rate of alignment", low=1e-7, high=1.0)
    align_batch: int = setting(
        256, "Target samples per alignment step; tokens at level token", low=4, high=4096, unit="samples"
    )
    source_samples: int = setting(
        512, "Source samples that are aligned to; tokens at level token", low=10, high=10_000, unit="samples"
    )
    entropy: float = setting(0.05, "Entropy, as a share of the median cost at the first step", low=1e-3, high=10.0)

    def check(self, given: Given) -> None:
        """Refuse rows that no step can be read on, and batches in which no class need occur twice.

        `per_class` skips a class of one row, and learns nothing where all are.

        Raises:
            SettingsError: see `check_watched`; or as many classes as samples in a step, or more.
        """
        check_watched(given)
        if self.objective != "per_class" or (self.level == "token" and self.tokens_per_sample > 1):
            return
        targets = given.target.targets[given.target.rows("train")]
        has_classes = given.target.task is Task.CLASSIFICATION
        n_classes, named = (len(np.unique(targets)), "classes") if has_classes else (N_CLUSTERS, "pseudo-labels")
        n_samples = min(self.align_batch, len(targets))
        if n_samples <= n_classes:
            raise SettingsError(
                f"a step of alignment sees {n_samples} training rows of {given.target.name}, expected more than its "
                f"{n_classes} {named}, so that objective per_class finds one of them twice; raise align_batch or "
                "choose objective otdd."
            )


def align(
    state: TrainState, source: LabelledDataset, target: LabelledDataset, settings: Alignment, budget: Budget
) -> Iterator[Step]:
    """Train the embedder alone on a divergence between its target features and cached source features.

    A target without classes is aligned by its pseudo-labels, as in ORCA. Every step also reads the held-out rows:
    the objective is not the gap.

    Raises:
        SettingsError: no training rows, or a loss that is not finite.
        DataError: the targets fall into a single cluster.
    """
    total = budget.align_steps
    if state.is_past(Stage.ALIGN) or not total:
        return
    source, target = pseudo_classified(source), pseudo_classified(target)
    source_side = source_model(source, state.model.body).to(state.device)
    watch = make_watch(state, source, source_side, target)
    objective = cached_objective(state, source, source_side, settings)
    rows = require_rows(target, "train")
    inputs, labels = state.model.embedder.prepare(target, rows), torch.from_numpy(target.targets[rows])
    embedder, n_samples = state.model.embedder, samples_for(settings, state.model, settings.align_batch)
    done = state.enter(Stage.ALIGN, lambda: torch.optim.Adam(embedder.parameters(), settings.align_learning_rate))
    for step in range(done, total):
        state.model.train()
        batch = draw_rows(len(rows), n_samples, step, state.seed)
        features, batch_labels = aligned_features(
            state.model, inputs[batch].to(state.device), labels[batch].to(state.device), settings, state.rng
        )
        if "align_eps" not in state.memo:
            state.memo["align_eps"] = torch.tensor(objective.first_eps(features, batch_labels), dtype=torch.float64)
        loss = objective(features, batch_labels, state.memo["align_eps"].item())
        if not torch.isfinite(loss):
            raise SettingsError(
                f"alignment diverged at step {step + 1} (loss {loss.item()}), expected a finite loss; "
                "lower align_learning_rate or raise entropy."
            )
        state.update(loss, settings.align_learning_rate)
        held = watch.target_embedding(state.model)
        yield Step(Stage.ALIGN, step + 1, total, {"objective": loss.item()} | watch.readings(held), watch.frame(held))


def cached_objective(
    state: TrainState, source: LabelledDataset, source_side: CrossModalModel, settings: Alignment
) -> Objective:
    """The objective with its source side computed once: a stratified sample of training rows, embedder output."""
    source = pseudo_classified(source)
    n_samples = samples_for(settings, source_side, settings.source_samples)
    rows = require_rows(source, "train")
    rows = rows[stratified_rows(source.targets[rows], n_samples, seed=state.seed)]
    if settings.level == "mean":
        found = embed(source, source_side, Space.EMBEDDER, rows)
        features, labels = torch.from_numpy(found.features), torch.from_numpy(found.labels)
    else:
        features, labels = _source_tokens(source, source_side, rows, settings, state.seed)
    return OBJECTIVES[settings.objective](features.to(state.device), labels.to(state.device), settings.entropy)


def aligned_features(
    model: CrossModalModel, inputs: Tensor, labels: Tensor, settings: Alignment, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """What the objective compares, (m, d), with a label each: mean tokens, or single tokens under their sample's label.

    Args:
        model: its embedder is run, its body is not.
        inputs: prepared samples (b, ...).
        labels: (b,).
        settings: `level` and `tokens_per_sample`.
        rng: draws the tokens; not used at level mean.
    """
    if settings.level == "mean":
        return model.embedded(inputs), labels
    return drawn_tokens(model.embedder(inputs), model.embedder.mask(inputs), labels, settings.tokens_per_sample, rng)


def drawn_tokens(
    tokens: Tensor, mask: Tensor | None, labels: Tensor, n: int, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Up to n real tokens of every sample, drawn without replacement and flattened, labels repeated.

    Args:
        tokens: (b, l, d).
        mask: (b, l), False for padding, which is never drawn.
        labels: (b,).
        n: tokens per sample; a sample with fewer gives all that it has.
        rng: on the CPU.

    Returns:
        (m, d) and (m,), m at most b * min(n, l).
    """
    order = torch.rand(tokens.shape[:2], generator=rng).to(tokens.device)  # (b, l)
    if mask is not None:
        order = order.masked_fill(~mask, 2.0)
    drawn = order.argsort(dim=1)[:, :n]  # (b, n)
    features = tokens.gather(1, drawn.unsqueeze(-1).expand(-1, -1, tokens.shape[-1])).flatten(0, 1)  # (b * n, d)
    repeated = labels.repeat_interleave(drawn.shape[1])
    if mask is None:
        return features, repeated
    real = mask.gather(1, drawn).flatten()
    return features[real], repeated[real]


@torch.no_grad()
def _source_tokens(
    source: LabelledDataset, side: CrossModalModel, rows: np.ndarray, settings: Alignment, seed: int
) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    side.embedder.eval()
    batches = side.embedder.prepare(source, rows).split(_BATCH_SIZE)
    labels = torch.from_numpy(source.targets[rows]).split(_BATCH_SIZE)
    parts = [
        aligned_features(side, x.to(side.device), y.to(side.device), settings, rng)
        for x, y in zip(batches, labels, strict=True)
    ]
    features, repeated = zip(*parts, strict=True)
    return torch.cat(features), torch.cat(repeated)


def samples_for(settings: Alignment, model: CrossModalModel, n: int) -> int:
    """Samples that give n features: aligning single tokens costs what aligning means costs."""
    per_sample = 1 if settings.level == "mean" else min(settings.tokens_per_sample, model.embedder.n_tokens)
    return max(2, n // per_sample)
