"""A strong simple baseline of the target's own: what has to be beaten before a transformer is worth its cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import evaluate, target_tensor, task_loss
from xmodal_core.methods.base import Budget, Role, Stage, Step, TrainState, draw_rows, require_rows, warmup_then_linear
from xmodal_core.methods.stages.given import Given
from xmodal_core.methods.stages.loss import TrainingLoss
from xmodal_core.methods.stages.refine import validation_metrics
from xmodal_core.model.boosting import RATES, BoostedTrees
from xmodal_core.model.crossmodal import BodyChoice, CrossModalModel
from xmodal_core.model.seeding import seeded
from xmodal_core.model.simple import (
    DenseCnn,
    Linear,
    SideBySide,
    SimpleModel,
    SmallCnn,
    Unchanged,
    flat_inputs,
    grid_inputs,
)
from xmodal_core.scores import Evaluation
from xmodal_core.settings import check_settings, setting

_CNN_RATES = (0.3, 1.0, 3.0)
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
_LINEAR_RATE = 5.0  # a convex problem bears a larger rate than a CNN
_USUAL = {Modality.TABULAR: "boosting", Modality.TEXT: "linear", Modality.SEQUENCE: "linear"}
_TAKES = {
    "boosting": (Modality.TABULAR,),
    "cnn": (Modality.IMAGE, Modality.FIELD, Modality.SERIES, Modality.SEQUENCE),
    "linear": tuple(Modality),
}


@dataclass(frozen=True)
class Simple(TrainingLoss):
    """The usual choice for the modality, with no body and the same budget of steps (boosting: rounds).

    Gradient boosting for tables, a small CNN for images, fields, series and targets on cells, penalised logistic or
    ridge regression on n-gram counts for sequences and text.

    Candidates of one hyper-parameter are trained on the same batches (CNN: learning rate, linear: L2 penalty,
    boosting: shrinkage); the validation rows choose the one that answers, the test rows choose nothing.

    Differs: one hyper-parameter is searched, over three or four values; boosting has no early stopping, so the
    choice of shrinkage stands for it.
    """

    estimator: str = setting("auto", "Kind of baseline", choices=("auto", "boosting", "cnn", "linear"))
    learning_rate: float = setting(2e-3, "Peak learning rate; not used by boosting", low=1e-7, high=1.0)
    batch_size: int = setting(32, "Target samples per step of the CNN", low=2, high=4096, unit="samples")
    weight_decay: float = setting(1e-4, "L2 penalty of the CNN", low=0.0, high=1.0)
    linear_batch_size: int = setting(
        512, "Target samples per step of the linear model, at least", low=2, high=4096, unit="samples"
    )

    name: ClassVar[str] = "simple"
    title: ClassVar[str] = "Simple baseline, no transformer"
    reference: ClassVar[str] = "the tuned supervised baselines of arXiv 2411.02796; gradient boosting, arXiv 2207.08815"
    stages: ClassVar[tuple[Stage, ...]] = (Stage.REFINE,)
    pretrained: ClassVar[bool] = False
    role: ClassVar[Role] = Role.SIMPLE
    has_body: ClassVar[bool] = False
    at_equal_samples: ClassVar[Mapping[str, int]] = {"linear_batch_size": 32}  # as many as others see at equal steps

    def __post_init__(self) -> None:
        check_settings(self)

    def check(self, given: Given) -> None:
        """Refuse a kind of baseline that does not take the target, and texts without a word.

        Raises:
            SettingsError: says which, and what to choose.
        """
        target = given.target
        if self._kind(target) == "boosting" and self.positive_weight != 1:
            raise SettingsError(
                f"positive_weight is {self.positive_weight}, but boosting counts every row alike; leave it at 1, or "
                "choose the estimator linear."
            )
        if target.modality is Modality.TEXT and not any(text.strip() for text in target.inputs[target.rows("train")]):
            raise SettingsError(f"{target.name} has only empty training texts, expected words; choose another column.")

    def build(self, target: LabelledDataset, body: BodyChoice, seed: int) -> CrossModalModel:
        """The baseline's own network; the body is not loaded.

        Raises:
            SettingsError: the kind of baseline does not take this modality or task.
        """
        del body
        kind = self._kind(target)
        if kind == "boosting":
            targets = target_tensor(target, require_rows(target, "train")).numpy()
            return SimpleModel(Unchanged(), BoostedTrees(target, targets, seed))
        with seeded(seed):
            if kind == "linear":
                embedder, width = flat_inputs(target)
                heads = [Linear(width, target.n_outputs) for _ in _PENALTIES]
                return SimpleModel(
                    embedder, SideBySide(heads, [_LINEAR_RATE] * len(heads), _PENALTIES, self.linear_batch_size)
                )
            embedder, channels, shape = grid_inputs(target)
            network = DenseCnn if target.cells else SmallCnn
            networks = [network(channels, shape, target.n_outputs) for _ in _CNN_RATES]
            return SimpleModel(embedder, SideBySide(networks, _CNN_RATES, [None] * len(networks)))

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Train the candidates; the validation rows choose."""
        del source
        if state.is_past(Stage.REFINE) or not budget.refine_steps:
            return
        train = _train if isinstance(state.model.predictor, SideBySide) else _boost
        yield from train(state, target, self, budget.refine_steps)

    def samples_per_step(self, target: LabelledDataset) -> int:
        """Every training row in a boosting round, else the batch."""
        n, kind = len(target.rows("train")), self._kind(target)
        if kind == "boosting":
            return n
        return min(n, max(self.batch_size, self.linear_batch_size if kind == "linear" else 0))

    def _kind(self, target: LabelledDataset) -> str:
        usual = "cnn" if target.cells else _USUAL.get(target.modality, "cnn")
        kind = usual if self.estimator == "auto" else self.estimator
        if target.modality not in _TAKES[kind] or (target.cells and kind != "cnn"):
            raise SettingsError(
                f"estimator is {kind}, which does not take {target.modality} data with a {target.task} target; "
                f"choose {usual} or auto."
            )
        return kind


def _train(state: TrainState, target: LabelledDataset, settings: Simple, total: int) -> Iterator[Step]:
    model, rows = state.model, require_rows(target, "train")
    bank = model.predictor
    assert isinstance(bank, SideBySide)
    inputs, targets = model.embedder.prepare(target, rows), target_tensor(target, rows)
    loss_of = settings.loss_on(target)
    done = state.enter(Stage.REFINE, lambda: _adam(bank, settings))
    for step in range(done, total):
        model.train()
        batch = draw_rows(len(rows), max(settings.batch_size, bank.least_batch), step, state.seed)
        seen, wanted = model.embedder(inputs[batch].to(state.device)), targets[batch].to(state.device)
        # their parameters are disjoint and Adam works number by number: each is trained as if it were alone
        losses = torch.stack([loss_of(candidate(seen), wanted) for candidate in bank.candidates])
        learning_rate = warmup_then_linear(step, total, settings.learning_rate)
        state.update(losses.sum(), learning_rate)
        read = validation_metrics(state, target, step + 1, total)
        if read:
            _choose(state, target, len(bank.candidates))
            read = validation_metrics(state, target, step + 1, total) | {"candidate": float(bank.chosen)}
        metrics = {"loss": losses[int(bank.chosen)].item(), "learning_rate": learning_rate}
        yield Step(Stage.REFINE, step + 1, total, metrics | read)


def _adam(bank: SideBySide, settings: Simple) -> torch.optim.Optimizer:
    """Adam with true L2 penalties (not decoupled), so that a linear model is ridge or penalised logistic regression."""
    groups = []
    for candidate, rate, penalty in zip(bank.candidates, bank.rates, bank.penalties, strict=True):
        decay = settings.weight_decay if penalty is None else penalty
        for is_matrix in (True, False):
            parameters = [p for p in candidate.parameters() if (p.ndim > 1) is is_matrix]
            groups.append({"params": parameters, "share": rate, "weight_decay": decay if is_matrix else 0.0})
    return torch.optim.Adam(groups, settings.learning_rate)


def _boost(state: TrainState, target: LabelledDataset, settings: Simple, total: int) -> Iterator[Step]:
    """A step is a boosting round; the first one grows the trees of all of them, which takes seconds."""
    del settings
    trees, rows = state.model.predictor, require_rows(target, "train")
    assert isinstance(trees, BoostedTrees)
    if state.stage is not Stage.REFINE:
        state.stage, state.index = Stage.REFINE, 0  # no optimizer to enter with
    if not state.index:
        trees.rounds.fill_(total)
        _choose(state, target, len(RATES))
        trees.forget_others()
    targets, loss_of = target_tensor(target, rows), task_loss(target)
    for step, outputs in enumerate(trees.staged(target.inputs[rows], total)):
        if step < state.index:
            continue
        trees.rounds.fill_(step + 1)
        state.index = step + 1
        loss = loss_of(torch.from_numpy(outputs), targets).item()
        metrics = {"loss": loss, "shrinkage": RATES[int(trees.chosen)]}
        yield Step(Stage.REFINE, step + 1, total, metrics | validation_metrics(state, target, step + 1, total))


def _choose(state: TrainState, target: LabelledDataset, n_candidates: int) -> None:
    """Let the candidate of the best validation score answer, of equals the one of least loss; else the middle one."""
    chosen = state.model.predictor.chosen
    assert isinstance(chosen, Tensor)
    results: list[Evaluation] = []
    for candidate in range(n_candidates):
        chosen.fill_(candidate)
        result = evaluate(state.model, target, "val")
        if result is None:
            chosen.fill_(n_candidates // 2)
            return
        results.append(result)
    chosen.fill_(max(range(n_candidates), key=lambda i: (results[i].score, -results[i].loss)))
