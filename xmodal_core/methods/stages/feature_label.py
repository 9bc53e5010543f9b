"""Stage ALIGN (RECRAFT, stage 1): features onto the source's, and answers of a source head that name the labels.

    L = feature_weight FA + distortion_weight s FLD,   s = |FA| at the first step

FA compares mean tokens and runs no body; FLD asks the source head what target samples look like, through the body.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.pseudo import pseudo_classified
from xmodal_core.errors import SettingsError
from xmodal_core.methods.base import Budget, Stage, Step, TrainState, draw_rows, require_rows
from xmodal_core.methods.stages.align import Alignment, aligned_features, cached_objective, samples_for
from xmodal_core.methods.stages.given import Given
from xmodal_core.methods.stages.meta import balanced_rows, loss_with_gradients
from xmodal_core.methods.stages.progress import Heldout
from xmodal_core.methods.stages.source_head import SourceHead, fit_head, new_head
from xmodal_core.methods.stages.watched import make_watch
from xmodal_core.model.crossmodal import CrossModalModel, source_model
from xmodal_core.objectives.distortion import Distortion, distortion
from xmodal_core.settings import setting

LABEL_FREE = ("sinkhorn", "mmd", "sliced")
_HEAD, _SCALE = "source_head", "feature_scale"
_LEAST = 2  # rows of a label that give a mean, and labels to tell apart


@dataclass(frozen=True)
class FeatureLabel(SourceHead, Alignment):
    """Settings of RECRAFT's first stage.

    Differs: `align_schedule` sum is the paper's figure, sequence the released code. The head is frozen, as in the
    figure; the release trains it along, and then a constant head is the optimum. Distortion is scaled by the first
    value of the feature loss, for the two have different units.
    """

    objective: str = setting("sinkhorn", "What aligns features, without labels", choices=LABEL_FREE)
    align_schedule: str = setting(
        "sum", "Both losses in every step, or features first and then labels", choices=("sum", "sequence")
    )
    distortion: str = setting(
        "entropy",
        "What is lowered: H(answer | label), or minus the information of an answer about the label",
        choices=("entropy", "information"),
    )
    feature_weight: float = setting(1.0, "Weight of aligning features", low=0.0, high=1e6)
    distortion_weight: float = setting(1.0, "Weight of distortion; 0 aligns features alone", low=0.0, high=1e6)
    distortion_share: float = setting(0.5, "Share of the steps on labels, in sequence", low=0.0, high=1.0)
    distortion_labels: str = setting(
        "true", "Target labels that distortion reads; shuffled is the control", choices=("true", "shuffled")
    )
    labels_per_step: int = setting(2, "Target labels per step", low=2, high=1000, unit="labels")
    rows_per_label: int = setting(
        32, "Target samples per label and step; entropies of few answers read low", low=2, high=1024, unit="samples"
    )

    def check(self, given: Given) -> None:
        """Refuse a source without classes, labels that have no two rows, and losses that leave nothing to lower.

        Raises:
            SettingsError: one of them.
        """
        self._check_weights()
        source, target = given.source, given.target
        if isinstance(source, LabelledDataset) and source.task is not Task.CLASSIFICATION:
            raise SettingsError(
                f"the source {source.name} is a {source.task} target without classes, expected classes that a source "
                "head can answer with; choose another source, or orca."
            )
        if target.task is Task.CLASSIFICATION:
            check_labels(target, torch.from_numpy(target.targets[target.rows("train")]))

    def _check_weights(self) -> None:
        if self.feature_weight == self.distortion_weight == 0:
            raise SettingsError(
                "feature_weight and distortion_weight are both 0, expected one above it; raise one, or set align_steps "
                "to 0."
            )
        if self.align_schedule == "sequence" and 0 in (self.feature_weight, self.distortion_weight):
            raise SettingsError(
                "align_schedule is sequence with a weight of 0, which leaves steps that train nothing; set "
                "distortion_share to 0 or 1 instead, or choose sum."
            )


def check_labels(target: LabelledDataset, labels: Tensor) -> None:
    """Refuse training labels (n,) of which no two have a pair of rows; a label with one row is left out.

    Raises:
        SettingsError: there are fewer than two.
    """
    usable = int((labels.unique(return_counts=True)[1] >= _LEAST).sum())
    if usable < _LEAST:
        raise SettingsError(
            f"{target.name} has {usable} label(s) with {_LEAST} training rows, expected at least {_LEAST} for the "
            "distortion of labels; add rows, or choose orca or finetune."
        )


def feature_label_align(
    state: TrainState, source: LabelledDataset, target: LabelledDataset, settings: FeatureLabel, budget: Budget
) -> Iterator[Step]:
    """Train the embedder alone on both losses; the body and the source head never change.

    A target without classes is read by its pseudo-labels. Every step reads the held-out clouds; some also read the
    held-out distortion, which no loss is computed on.

    Raises:
        SettingsError: too few rows, or a loss that is not finite.
        DataError: the targets fall into a single cluster.
    """
    total = budget.align_steps
    if state.is_past(Stage.ALIGN) or not total:
        return
    target = pseudo_classified(target)
    side = source_model(source, state.model.body).to(state.device)
    watch = make_watch(state, source, side, target)
    facts = _ask_head(state, source, side, settings)
    losses, held = Losses(state, source, side, target, settings), Heldout(target, state.modules[_HEAD])
    facts |= held.begin(state)
    weights = [p for p in state.model.embedder.parameters() if p.requires_grad]
    rate = settings.align_learning_rate
    done = state.enter(Stage.ALIGN, lambda: torch.optim.Adam(weights, rate))
    turn = total - round(settings.distortion_share * total)  # of a sequence: the first step on labels
    for step in range(done, total):
        if settings.align_schedule == "sum":
            loss, metrics = losses.both(step)
        elif step < turn:
            loss, metrics = losses.features_alone(step)
        else:
            if step == turn:
                state.optimizer = torch.optim.Adam(weights, rate)  # one of its own, as released
            loss, metrics = losses.labels_alone(step)
        _check_finite(loss, step)
        # By weight of the embedder: a plain backward pass would also work out the gradients of the body's weights.
        gradients = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
        state.update(loss_with_gradients(weights, gradients), rate)
        now = watch.target_embedding(state.model)
        metrics |= held.metrics(state, step + 1, total) | (facts if step == 0 else {})
        yield Step(Stage.ALIGN, step + 1, total, metrics | watch.readings(now), watch.frame(now))


class Losses:
    """The target's training rows, and what a step may lower on them."""

    def __init__(
        self,
        state: TrainState,
        source: LabelledDataset,
        side: CrossModalModel,
        target: LabelledDataset,
        settings: FeatureLabel,
    ) -> None:
        """Prepare the rows and compute the source's side once."""
        rows = require_rows(target, "train")
        self.state, self.settings, self.head = state, settings, state.modules[_HEAD]
        self.inputs, self.labels = state.model.embedder.prepare(target, rows), torch.from_numpy(target.targets[rows])
        check_labels(target, self.labels)
        self.told = self.labels
        if settings.distortion_labels == "shuffled":
            self.told = self.labels[torch.from_numpy(np.random.default_rng(state.seed).permutation(len(rows)))]
        self.shares = torch.bincount(self.labels).to(state.device)
        self.objective = cached_objective(state, source, side, settings)
        self.n_samples = samples_for(settings, state.model, settings.align_batch)

    def both(self, step: int) -> tuple[Tensor, dict[str, float]]:
        """The sum of both losses at 0-based `step`, and its parts."""
        loss, metrics = self.features_alone(step)
        if self.settings.distortion_weight > 0:
            on_labels, more = self.labels_alone(step)
            loss, metrics = loss + on_labels, metrics | more
        return loss, metrics | {"objective": loss.item()}

    def features_alone(self, step: int) -> tuple[Tensor, dict[str, float]]:
        """The weighted feature loss on a batch drawn without regard to labels."""
        state, settings = self.state, self.settings
        state.model.train()
        batch = draw_rows(len(self.inputs), self.n_samples, step, state.seed)
        inputs, labels = self.inputs[batch].to(state.device), self.labels[batch].to(state.device)
        features, repeated = aligned_features(state.model, inputs, labels, settings, state.rng)
        if "align_eps" not in state.memo:
            state.memo["align_eps"] = torch.tensor(self.objective.first_eps(features, repeated), dtype=torch.float64)
        loss = self.objective(features, repeated, state.memo["align_eps"].item())
        if _SCALE not in state.memo:
            state.memo[_SCALE] = loss.detach().abs().double().cpu()
        weighted = settings.feature_weight * loss
        return weighted, {"feature_loss": loss.item(), "objective": weighted.item()}

    def labels_alone(self, step: int) -> tuple[Tensor, dict[str, float]]:
        """The weighted and scaled distortion on a batch that is balanced by label."""
        found = self.distortion(step)
        lowered = found.conditional if self.settings.distortion == "entropy" else -found.information
        # There is no feature loss to match in a sequence that begins with labels, and where it starts at 0.
        scale = float(self.state.memo.get(_SCALE, 0.0)) or 1.0
        metrics = {"distortion_loss": found.conditional.item(), "answer_entropy": found.marginal.item()}
        return self.settings.distortion_weight * scale * lowered, metrics

    def distortion(self, step: int) -> Distortion:
        """Of the answers to `labels_per_step` times `rows_per_label` samples, labels counting by their share."""
        state, settings = self.state, self.settings
        rows = balanced_rows(self.told, settings.labels_per_step, settings.rows_per_label, step, state.seed)
        state.model.eval()
        answers = self.head(state.model.features(self.inputs[rows].to(state.device))).softmax(dim=1)
        return distortion(answers, self.told[rows].to(state.device), self.shares)


def _ask_head(
    state: TrainState, source: LabelledDataset, side: CrossModalModel, settings: FeatureLabel
) -> dict[str, float]:
    """Give the run its source head, from its checkpoint if there is one; returns what was read when it was fitted."""
    if any(name.startswith(f"{_HEAD}.") for name in state.pending_weights) or _HEAD in state.modules:
        head: nn.Module = new_head(source, side, state.seed).requires_grad_(False)
        facts: dict[str, float] = {}
    else:
        head, facts = fit_head(source, side, settings, settings.source_samples, state.seed)
    state.add(_HEAD, head)
    return facts


def _check_finite(loss: Tensor, step: int) -> None:
    if not torch.isfinite(loss):
        raise SettingsError(
            f"stage 1 of recraft diverged at step {step + 1} (loss {loss.item()}), expected a finite loss; lower "
            "align_learning_rate or distortion_weight."
        )
