"""Stage CURRICULUM (PaRe): train on target samples and on intermediate samples that start out source-like."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.pseudo import pseudo_classified
from xmodal_core.embedding import Embedding, Space
from xmodal_core.errors import ModelError, SettingsError
from xmodal_core.evaluation import target_tensor
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows
from xmodal_core.methods.stages.given import Given, check_share
from xmodal_core.methods.stages.optimizer import make_optimizer
from xmodal_core.methods.stages.refine import Refinement, train_on, validation_metrics
from xmodal_core.methods.stages.share import ORDERS, patches_at, progress_at
from xmodal_core.methods.stages.splice import (
    RULES,
    Gate,
    Selection,
    gated,
    mix,
    pare_loss,
    released_frozen,
    released_sampled,
    select,
    splice,
    spliced_mask,
    width_adapter,
)
from xmodal_core.methods.stages.start import fit_start
from xmodal_core.methods.stages.watched import Watch, make_watch
from xmodal_core.model.body import masked_mean
from xmodal_core.model.crossmodal import CrossModalModel, source_model
from xmodal_core.model.seeding import seeded
from xmodal_core.settings import setting

_N_SHOWN = 8  # samples whose gate scores and replacements go into each frame
_RELEASED_SAMPLED_SHARE = 1 / 6  # of the stage in the released first phase: 10 of 60 epochs; 5 of 15, 60, 25 in 1-D


@dataclass(frozen=True)
class Crossing(Refinement):
    """Settings of the curriculum; its optimizer is that of the refinement.

    Differs: beta is one setting (the released scripts hard-code 1.0, 0.3 and 0.1); noise is added to the
    gate's logits and fades out, and the gate learns to the end (`compat="released"`: noise on the sigmoid for the
    first sixth of the stage, then a frozen gate that replaces the *top*-k target tokens); the curriculum may end
    at k = 0, and a short one changes k more often than once per epoch. Losses are mixed, never target values. A
    dense target keeps a source predictor of its own, where the release asks one output map for both. The rate warms up
    and falls twice where a refinement follows; the release has one stage, and one cycle (`cycles="one"`, or no
    refinement). With `beta=0` what is left of the method is this schedule, its control.
    """

    share_start: float = setting(0.64, "Share of tokens replaced at the source-like end", low=0.0, high=1.0)
    share_end: float = setting(0.0, "Share of tokens replaced at the target-like end", low=0.0, high=1.0)
    order: str = setting("easy_to_hard", "Order of the curriculum", choices=ORDERS)
    beta: float = setting(1.0, "Weight of the loss on intermediate samples", low=0.0, high=100.0)
    gate_noise: float = setting(1.0, "Gumbel noise on the gate's logits at the start, fading to 0", low=0.0, high=10.0)
    rule: str = setting(
        "gate",
        "Which tokens change places; inverted replaces the target's best, random ignores the gate",
        choices=RULES,
    )
    compat: str = setting("ours", "Gate and selection: ours, or as in the released code", choices=("ours", "released"))
    cycles: str = setting(
        "two",
        "Learning rate over curriculum and refinement: a cycle each with fresh moments, or one through both",
        choices=("two", "one"),
    )

    def __post_init__(self) -> None:
        """Refuse what would silently run another curriculum.

        Raises:
            SettingsError: a value out of range, ends the wrong way round, or a rule that `compat` overrides.
        """
        super().__post_init__()
        if self.share_end > self.share_start:
            raise SettingsError(
                f"share_end is {self.share_end} and share_start {self.share_start}, expected the source-like end to "
                "have the larger share; swap them, or set order to hard_to_easy."
            )
        if self.compat == "released" and self.rule != "gate":
            raise SettingsError(
                f"rule is {self.rule} with compat released, expected gate, because the released code has a rule of "
                "its own; set one of them back."
            )

    def shared_cycle(self, steps: int) -> int:
        """Steps of the other stage that are in the cycle of this one: all of them or none."""
        return steps if self.cycles == "one" else 0

    def check(self, given: Given) -> None:
        """Refuse a curriculum that replaces no token from beginning to end; a share of 0 asks for just that."""
        share = (self.share_start + self.share_end) / 2 if self.order == "fixed" else self.share_start
        check_share(share, given)


def cross(
    state: TrainState, source: LabelledDataset, target: LabelledDataset, settings: Crossing, budget: Budget
) -> Iterator[Step]:
    """Fine-tune on the target and on spliced samples whose share of source tokens falls epoch by epoch.

    Pairing of target and source samples is random and label-agnostic, as in the paper. A source without classes
    is predicted by its pseudo-labels; the target keeps its own task.
    """
    total = budget.curriculum_steps
    if state.is_past(Stage.CURRICULUM) or not total:
        return
    source = pseudo_classified(source)
    source_side = source_model(source, state.model.body).to(state.device)
    watch = make_watch(state, source, source_side, target)
    fit_start(state, target)
    sides = _Sides(state, source, source_side, target, settings)
    _add_modules(state, source, sides.source_width)
    steps_per_epoch = max(1, round(len(sides.targets) / settings.batch_size))
    done = state.enter(Stage.CURRICULUM, lambda: make_optimizer(state.modules, state.model.body, settings))
    for step in range(done, total):
        state.modules.train()
        progress = progress_at(step, total, steps_per_epoch, settings.order, state.rng)
        k = patches_at(
            progress, sides.n_source, sides.n_target, settings.share_start, settings.share_end, settings.order
        )
        batch = sides.batch(step)
        learning_rate = settings.rate(step, total + settings.shared_cycle(budget.refine_steps))
        loss_of = partial(_losses, state, sides, k=k, settings=settings, progress=step / total)
        readings = train_on(state, batch, loss_of, settings, learning_rate)
        metrics = readings | {"k": float(k), "share": k / sides.n_target, "epoch": float(step // steps_per_epoch + 1)}
        metrics["gate_gradient"] = _gate_gradient(state)
        yield Step(
            Stage.CURRICULUM,
            step + 1,
            total,
            metrics | validation_metrics(state, target, step + 1, total, batch=settings.batch_size),
            _frame(state, sides, watch, k, settings, step / total),
        )


class _Sides:
    """Both modalities as tensors; the source embedder is frozen, as in PaRe."""

    def __init__(
        self,
        state: TrainState,
        source: LabelledDataset,
        side: CrossModalModel,
        target: LabelledDataset,
        settings: Crossing,
    ) -> None:
        rows, source_rows = require_rows(target, "train"), require_rows(source, "train")
        self.device, self.batch_size, self.seed = state.device, settings.batch_size, state.seed
        self.source_rows = source_rows
        self.target_inputs, self.targets = state.model.embedder.prepare(target, rows), target_tensor(target, rows)
        self.target_loss = settings.loss_on(target)
        self.source_embedder = side.embedder.requires_grad_(False).eval()
        self.source_inputs = side.embedder.prepare(source, source_rows)
        self.source_labels = torch.from_numpy(source.targets[source_rows])
        self.n_source, self.n_target = side.embedder.n_tokens, state.model.embedder.n_tokens
        self.source_width = self.source_tokens(self.source_inputs[:1])[0].shape[-1]
        if state.model.body.exact_tokens is False and self.n_target > state.model.body.max_tokens:
            raise ModelError(
                f"the target has {self.n_target} tokens, expected at most {state.model.body.max_tokens}; "
                "choose a body that takes more."
            )

    def batch(self, step: int) -> Tensor:
        """Pairs (b, 2) of a target row and a source row, drawn independently."""
        rows = draw_rows(len(self.targets), self.batch_size, step, self.seed)
        others = draw_rows(len(self.source_labels), len(rows), step, self.seed + 1)
        # a source smaller than a batch is used more than once
        return torch.stack([rows, others.repeat(-(-len(rows) // len(others)))[: len(rows)]], dim=1)

    def source_tokens(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        inputs = inputs.to(self.device)
        with torch.no_grad():
            return self.source_embedder(inputs), self.source_embedder.mask(inputs)


def _losses(
    state: TrainState, sides: _Sides, pairs: Tensor, k: int, settings: Crossing, progress: float
) -> tuple[Tensor, dict[str, float]]:
    """PaRe's loss on pairs of rows: target alone, and the spliced samples under both labels."""
    model, gate = state.model, state.modules["gate"]
    rows, source_rows = pairs.unbind(dim=1)
    inputs, targets = sides.target_inputs[rows].to(state.device), sides.targets[rows].to(state.device)
    source_tokens, source_mask = sides.source_tokens(sides.source_inputs[source_rows])
    source_labels = sides.source_labels[source_rows].to(state.device)
    source_tokens = state.modules["source_adapter"](source_tokens)
    tokens, mask = model.embedder(inputs), model.embedder.mask(inputs)  # (b, l_t, d)
    source_logits, target_logits = gate(source_tokens), gate(tokens)
    chosen = _chosen(source_logits, target_logits, source_mask, k, settings, progress, state.rng)
    mixed_mask = spliced_mask(mask, source_mask, chosen, sides.n_target)
    hidden = model.body.read(mix(tokens, source_tokens, chosen), mixed_mask)
    on_target = sides.target_loss(model.predict(tokens, mask), targets)
    mixed_target = sides.target_loss(model.outputs(hidden, mixed_mask), targets)
    mixed_source = F.cross_entropy(
        state.modules["source_predictor"](model.body.pooled(hidden, mixed_mask)), source_labels
    )
    loss = pare_loss(on_target, mixed_target, mixed_source, k / sides.n_target, settings.beta)
    parts = {
        "loss": loss,
        "target_loss": on_target,
        "mixed_target_loss": mixed_target,
        "mixed_source_loss": mixed_source,
    }
    readings = {name: value.item() for name, value in parts.items()}
    if k:  # how far the noise is from the gate's own choice; chance is k / l_s
        readings["gate_overlap"] = _overlap(chosen.source, select(source_logits, target_logits, k, source_mask).source)
    return loss, readings


def _chosen(
    source_logits: Tensor,
    target_logits: Tensor,
    source_mask: Tensor | None,
    k: int,
    settings: Crossing,
    progress: float,
    rng: torch.Generator,
) -> Selection:
    """The selection of a training step at 0 <= progress < 1 of the stage."""
    if settings.compat == "ours":
        noise = settings.gate_noise * (1 - progress)
        return gated(source_logits, target_logits, k, noise, rng, source_mask, settings.rule)
    if progress < _RELEASED_SAMPLED_SHARE:
        return released_sampled(source_logits, target_logits, k, rng, source_mask)
    return released_frozen(source_logits, target_logits, k, source_mask)


def _overlap(one: Tensor, other: Tensor) -> float:
    """Share of the columns of one (b, k) that occur in the same row of the other."""
    return (one.unsqueeze(2) == other.unsqueeze(1)).any(2).float().mean().item()


def _gate_gradient(state: TrainState) -> float:
    """Norm of the gate's last gradient, as clipped; 0 where it had none."""
    gradients = [p.grad for p in state.modules["gate"].parameters() if p.grad is not None]
    return torch.stack([g.norm() for g in gradients]).norm().item() if gradients else 0.0


def _add_modules(state: TrainState, source: LabelledDataset, source_width: int) -> None:
    with seeded(state.seed):
        state.add("gate", Gate(state.model.body.hidden_size))
        state.add("source_predictor", nn.Linear(state.model.body.output_size, source.n_classes))
        state.add("source_adapter", width_adapter(source_width, state.model.body.hidden_size))


@torch.inference_mode()
def _frame(
    state: TrainState, sides: _Sides, watch: Watch, k: int, settings: Crossing, progress: float
) -> dict[str, np.ndarray]:
    """The page's picture of this step: clouds, and for a few held-out samples scores and replacements."""
    state.modules.eval()
    model, gate = state.model, state.modules["gate"]
    rows = watch.target_rows
    inputs = model.embedder.prepare(watch.target, rows).to(state.device)
    tokens, mask = model.embedder(inputs), model.embedder.mask(inputs)  # (n, l_t, d)
    shown = torch.arange(len(rows)) % len(sides.source_inputs)
    source_tokens, source_mask = sides.source_tokens(sides.source_inputs[shown])
    source_tokens = state.modules["source_adapter"](source_tokens)
    source_logits, target_logits = gate(source_tokens), gate(tokens)
    chosen = _shown(source_logits, target_logits, source_mask, k, settings, progress, state.seed)
    mixed_mask = spliced_mask(mask, source_mask, chosen, sides.n_target)
    mixed = masked_mean(splice(tokens, source_tokens, chosen), mixed_mask)
    held = _embedding(watch, masked_mean(tokens, mask))
    few = slice(0, _N_SHOWN)
    return watch.frame(watch.scaling.apply(held)) | {
        "mixed_points": watch.projection.apply(watch.scaling.apply(_embedding(watch, mixed)).features),
        "shown_target_rows": rows[few],
        "shown_source_rows": sides.source_rows[shown.numpy()[few]],
        "source_scores": torch.sigmoid(source_logits[few]).cpu().numpy(),
        "target_scores": torch.sigmoid(target_logits[few]).cpu().numpy(),
        "source_chosen": chosen.source[few].cpu().numpy(),
        "target_replaced": chosen.target[few].cpu().numpy(),
    }


def _shown(
    source_logits: Tensor,
    target_logits: Tensor,
    source_mask: Tensor | None,
    k: int,
    settings: Crossing,
    progress: float,
    seed: int,
) -> Selection:
    """The selection without its noise; random choices are the same at every step and touch no draw of the run."""
    if settings.compat == "released" and progress >= _RELEASED_SAMPLED_SHARE:
        return released_frozen(source_logits, target_logits, k, source_mask)
    rng = torch.Generator().manual_seed(seed)
    return gated(source_logits, target_logits, k, 0.0, rng, source_mask, settings.rule)


def _embedding(watch: Watch, features: Tensor) -> Embedding:
    labels = watch.target.targets[watch.target_rows]
    uid = watch.target.uid[watch.target_rows]
    return Embedding(features.cpu().numpy(), labels, uid, watch.target.class_names, Space.EMBEDDER, watch.target.name)
