"""Stage ALIGN (MoNA, stage 1): train the embedder so that learning the target moves the body kindly to the source."""

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.pseudo import pseudo_classified
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import target_tensor
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows
from xmodal_core.methods.stages.bilevel import (
    BilevelGradients,
    Weights,
    alignment_and_uniformity,
    bilevel_gradients,
    norm,
)
from xmodal_core.methods.stages.lookahead import Meta
from xmodal_core.methods.stages.start import fit_start
from xmodal_core.methods.stages.watched import make_watch
from xmodal_core.model.crossmodal import CrossModalModel, source_model

NEGLIGIBLE = 1e-3
EQUALS_PRETRAINING = (
    "The meta-gradient was below a thousandth of the plain one, so this stage equals pre-training the embedder on "
    "the target's labels; start a run whose strength, the meta-gradient's share, is 0.1 or more to see what MoNA adds."
)


def meta_align(
    state: TrainState,
    source: LabelledDataset,
    target: LabelledDataset,
    settings: Meta,
    batch_size: int,
    budget: Budget,
) -> Iterator[Step]:
    """Train embedder and predictor on the target's loss plus the source's loss after a virtual step of the body.

    The first steps train on the target's loss alone: under a random predictor the body's gradient is noise. The
    body never changes. Every step also reads the held-out rows, which no loss is computed on.
    """
    total = budget.align_steps
    if state.is_past(Stage.ALIGN) or not total:
        return
    source = pseudo_classified(source)
    fit_start(state, target)
    sides = Sides(state, source, target, settings, batch_size)
    watch = make_watch(state, source, sides.source_side, pseudo_classified(target))
    model = state.model
    weights = [*model.embedder.parameters(), *model.predictor.parameters(), *model.readout.parameters()]
    done = state.enter(Stage.ALIGN, lambda: torch.optim.Adam(weights, settings.align_learning_rate))
    warmup = round(total * settings.warmup_share)
    for step in range(done, total):
        state.modules.eval()  # both sides of the finite difference must see the same network
        if step < warmup or settings.is_plain:
            gradients, metrics = sides.plain(step, weights)
        else:
            gradients, metrics = combined(sides.bilevel(step), settings)
        _check_finite(metrics, step)
        state.update(loss_with_gradients(weights, gradients), settings.align_learning_rate)
        held = watch.target_embedding(model)
        yield Step(Stage.ALIGN, step + 1, total, metrics | watch.readings(held), watch.frame(held))


def combined(found: BilevelGradients, settings: Meta) -> tuple[list[Tensor], dict[str, float]]:
    """Gradients of embedder and predictor under both losses, and what one step can report.

    `meta_ratio` is the weighted meta-gradient over the plain one, `strength` by construction; `meta_weight` is the
    factor that it took: where it is huge, the source hardly hangs on the embedder, and what is followed is noise.
    """
    plain, meta = norm(found.embedder).item(), norm(found.meta).item()
    kept, weight = settings.weights(plain, meta)
    embedder = [kept * p + weight * m for p, m in zip(found.embedder, found.meta, strict=True)]
    metrics = _losses(found.inner, found.outer, settings) | {
        "meta_ratio": weight * meta / plain if plain > 0 else 0.0,
        "meta_weight": weight,
        "gradient_cosine": found.cosine,
        "inner_move": found.move,
    }
    return embedder + found.predictor, metrics


def loss_with_gradients(weights: Weights, gradients: Weights) -> Tensor:
    """A scalar whose gradients are the given ones, bit for bit: the optimizer has one door, and it takes a loss."""
    return torch.stack([(w * g).sum() for w, g in zip(weights, gradients, strict=True)]).sum()


def equals_pretraining(ratios: Sequence[float]) -> bool:
    """Whether a run's `meta_ratio`s say that its meta-gradient did nothing; also where there is none."""
    return not ratios or median(ratios) < NEGLIGIBLE


def without_padding(model: CrossModalModel, inputs: Tensor) -> Tensor:
    """A batch of sentences that ends with its longest: padding behind it changes nothing but the cost."""
    mask = model.embedder.mask(inputs)
    return inputs if mask is None else inputs[:, : int(mask.sum(dim=1).max())]


def balanced_rows(labels: Tensor, n_classes: int, per_class: int, step: int, seed: int) -> Tensor:
    """Rows of a batch with equally many of each drawn class, a function of seed and step.

    A class gives at most the rows that it has, and one with a single row is not drawn.
    """
    present, counts = labels.unique(return_counts=True)
    usable = present[counts >= 2]
    rng = torch.Generator().manual_seed(seed * 1_000_003 + step)
    drawn = []
    for label in usable[torch.randperm(len(usable), generator=rng)[:n_classes]]:
        rows = torch.nonzero(labels == label).flatten()
        drawn.append(rows[torch.randperm(len(rows), generator=rng)[:per_class]])
    return torch.cat(drawn)


class _Features(nn.Module):
    """A model cut off before its predictor, so that it can be called under other weights of the body."""

    def __init__(self, side: CrossModalModel) -> None:
        super().__init__()
        self.side = side

    def forward(self, inputs: Tensor) -> Tensor:
        return self.side.features(inputs)


class Sides:
    """Both modalities as tensors, and the two losses as functions of the body's weights.

    Attributes:
        source_rows: training rows of the source, the only ones that the source's loss reads; watch and retention
            ask about validation and test rows.
    """

    def __init__(
        self, state: TrainState, source: LabelledDataset, target: LabelledDataset, settings: Meta, batch_size: int
    ) -> None:
        self.source_rows, rows = require_rows(source, "train"), require_rows(target, "train")
        self.source_labels = torch.from_numpy(source.targets[self.source_rows])
        _check_classes(source, self.source_labels)
        self.state, self.settings, self.batch_size = state, settings, batch_size
        self.inputs, self.targets = state.model.embedder.prepare(target, rows), target_tensor(target, rows)
        self.loss = settings.loss_on(target)
        self.source_side = source_model(source, state.model.body).to(state.device).eval()
        self.source_side.embedder.requires_grad_(False)
        self.source_inputs = self.source_side.embedder.prepare(source, self.source_rows)
        self.features = _Features(self.source_side)
        self.names = [name for name, _ in state.model.body.named_parameters()]

    def plain(self, step: int, weights: Weights) -> tuple[list[Tensor], dict[str, float]]:
        """Pre-training of embedder and predictor: gradients of the target's loss alone, the source's only read."""
        inputs, targets = self.target_batch(step)
        inputs_s, labels_s = self.source_batch(step)
        loss = self.loss(self.state.model(inputs), targets)
        gradients = torch.autograd.grad(loss, list(weights), materialize_grads=True)
        with torch.no_grad():
            terms = alignment_and_uniformity(self.features(inputs_s), labels_s, self.settings.temperature)
        return list(gradients), _losses(loss.item(), tuple(t.item() for t in terms), self.settings)

    def bilevel(self, step: int) -> BilevelGradients:
        """MoNA's gradients on one batch of each side."""
        model, settings = self.state.model, self.settings
        inputs, targets = self.target_batch(step)
        inputs_s, labels_s = self.source_batch(step)

        def inner(body: Weights) -> Tensor:
            return self.loss(functional_call(model, self._named("body", body), (inputs,)), targets)

        def outer(body: Weights) -> tuple[Tensor, ...]:
            features = functional_call(self.features, self._named("side.body", body), (inputs_s,))
            return alignment_and_uniformity(features, labels_s, settings.temperature)

        return bilevel_gradients(
            inner,
            outer,
            list(model.body.parameters()),
            list(model.embedder.parameters()),
            [*model.predictor.parameters(), *model.readout.parameters()],
            settings.virtual_rate,
            settings.meta_gradient,
        )

    def _named(self, prefix: str, body: Weights) -> dict[str, Tensor]:
        return {f"{prefix}.{name}": w for name, w in zip(self.names, body, strict=True)}

    def target_batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets of a step, on the device."""
        rows = draw_rows(len(self.inputs), self.batch_size, step, self.state.seed)
        return self.inputs[rows].to(self.state.device), self.targets[rows].to(self.state.device)

    def source_batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs and classes of a class-balanced step, on the device."""
        wanted, seed = self.settings, self.state.seed + 1
        rows = balanced_rows(self.source_labels, wanted.source_classes, wanted.source_per_class, step, seed)
        inputs = without_padding(self.source_side, self.source_inputs[rows])
        return inputs.to(self.state.device), self.source_labels[rows].to(self.state.device)


def _losses(inner: float, outer: tuple[float, ...], settings: Meta) -> dict[str, float]:
    align, uniform = outer
    return {
        "objective": settings.objective(inner, align + uniform),
        "inner_loss": inner,
        "outer_loss": align + uniform,
        "align_loss": align,
        "uniform_loss": uniform,
    }


def _check_classes(source: LabelledDataset, labels: Tensor) -> None:
    _, counts = labels.unique(return_counts=True)
    if int((counts >= 2).sum()) < 2:
        raise SettingsError(
            f"{source.name} has {int((counts >= 2).sum())} class(es) with two training rows, expected at least 2 for "
            "mona's source loss; choose a source with more classes."
        )


def _check_finite(metrics: dict[str, float], step: int) -> None:
    if not np.isfinite(list(metrics.values())).all():
        raise SettingsError(
            f"stage 1 of mona diverged at step {step + 1} (loss {metrics['inner_loss']}), expected finite losses; "
            "lower align_learning_rate."
        )
