"""What a method is: settings, stages, and one generator of steps over one mutable state."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import SettingsError
from xmodal_core.model.crossmodal import CrossModalModel
from xmodal_core.settings import check_settings, setting


class Stage(StrEnum):
    """The three stages, in the order in which a run passes them."""

    ALIGN = "align"
    CURRICULUM = "curriculum"
    REFINE = "refine"


_ORDER = list(Stage)


class Role(StrEnum):
    """What a method is in an experiment: a way of crossing the gap, or a baseline, by what it is a control of.

    The values are the letters of the verdict's rule; lists of methods go in this order.
    """

    CROSSING = "B"
    FINE_TUNING = "A"
    SCRATCH = "C"
    SIMPLE = "D"  # the usual model of the modality, without a body; it searches a setting of its own
    STATISTICS = "S"  # random weights with the statistics of pretrained ones
    BESIDE = ""  # a baseline that the rule does not read


@dataclass(frozen=True, eq=False)
class Step:
    """One finished training step and what it can show.

    Attributes:
        stage: where the run is.
        index: 1-based within the stage.
        total: steps of the stage.
        metrics: plain floats by name.
        arrays: small arrays by name, a frame for the page of this stage; often empty.
    """

    stage: Stage
    index: int
    total: int
    metrics: Mapping[str, float]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Budget:
    """Optimizer steps per stage; a method ignores the stages that it does not have."""

    align_steps: int = setting(30, "Steps of alignment: only the embedder trains", low=0, high=10_000)
    curriculum_steps: int = setting(85, "Steps on intermediate modalities", low=0, high=100_000)
    refine_steps: int = setting(200, "Steps of fine-tuning on the target", low=0, high=100_000)

    def __post_init__(self) -> None:
        check_settings(self)

    def steps(self, stage: Stage) -> int:
        """Steps of one stage."""
        return int(getattr(self, f"{stage}_steps"))


class Guide(Protocol):
    """A second loss on the features of a sample, whichever way the predictor reads it."""

    @property
    def modules(self) -> nn.Module:
        """What is trained with the model."""
        ...

    def __call__(self, features: Tensor, targets: Tensor, step: int, total: int) -> tuple[Tensor, dict[str, float]]:
        """Its weighted loss for features (b, d') of space `body` and their targets at a 0-based step, and readings."""
        ...


class TrainState:
    """The one mutable object of a run; a checkpoint is this object.

    Attributes:
        modules: everything trainable by name; `model` is always there, stages add theirs.
        optimizer: of the present stage, or None.
        rng: the generator behind every draw of the run.
        stage, index: the present stage and how many of its steps are done.
        make_guide: gives refinement its second loss; None without one.
        memo: tensors that a stage fixed at its first step (a projection, a temperature) and needs again.
    """

    def __init__(self, model: CrossModalModel, seed: int, device: torch.device) -> None:
        """Start before the first stage."""
        self.modules = nn.ModuleDict({"model": model}).to(device)
        self.device = device
        self.seed = seed
        self.rng = torch.Generator().manual_seed(seed)
        self.optimizer: torch.optim.Optimizer | None = None
        self.pending_optimizer: dict[str, Any] | None = None
        self.pending_weights: dict[str, Tensor] = {}
        self.stage: Stage | None = None
        self.index = 0
        self.memo: dict[str, Tensor] = {}
        self.make_guide: Callable[[], Guide] | None = None

    @property
    def model(self) -> CrossModalModel:
        """The cross-modal model."""
        model = self.modules["model"]
        assert isinstance(model, CrossModalModel)
        return model

    def add(self, name: str, module: nn.Module) -> None:
        """Give the run one more trainable module, with its weights from the checkpoint if there are any."""
        if name in self.modules:
            return
        prefix = f"{name}."
        saved = {k.removeprefix(prefix): v for k, v in self.pending_weights.items() if k.startswith(prefix)}
        if saved:
            module.load_state_dict(saved)
        self.modules[name] = module.to(self.device)

    @property
    def step_seed(self) -> int:
        """A seed of the next step's own, a function of the run's seed, the stage and how many of its steps are done."""
        return (self.seed * len(_ORDER) + _ORDER.index(self.stage or Stage.ALIGN)) * 1_000_003 + self.index

    def is_past(self, stage: Stage) -> bool:
        """Whether the run has left this stage, so that a resumed run skips it."""
        return self.stage is not None and _ORDER.index(self.stage) > _ORDER.index(stage)

    def enter(self, stage: Stage, make_optimizer: Callable[[], torch.optim.Optimizer]) -> int:
        """Begin a stage, or go on where a checkpoint left it; returns how many of its steps are done."""
        if self.stage is not stage:
            self.stage, self.index = stage, 0
            self.optimizer, self.pending_optimizer = make_optimizer(), None
        elif self.optimizer is None:
            self.optimizer = make_optimizer()
            if self.pending_optimizer is not None:
                self.optimizer.load_state_dict(self.pending_optimizer)
                self.pending_optimizer = None
        return self.index

    def update(self, losses: Tensor | Iterable[Tensor], learning_rate: float, clip_norm: float = 0.0) -> None:
        """One optimizer step on a loss, or on the sum of several, at a given learning rate, and count it.

        Several are taken one by one, so that their graphs need not fit into memory together.
        """
        assert self.optimizer is not None
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.optimizer.zero_grad(set_to_none=True)
        for loss in (losses,) if isinstance(losses, Tensor) else losses:
            loss.backward()
        if clip_norm > 0:
            nn.utils.clip_grad_norm_(parameters, clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate * group.get("share", 1.0)
        self.optimizer.step()
        self.index += 1


class Method(Protocol):
    """A frozen dataclass of settings with one generator; `steps` reads like the paper's algorithm box.

    Attributes:
        name: in specifications and addresses.
        title: for people; what stands behind a colon is left out in sentences.
        reference: the paper that it is from.
        stages: those that it has, in order.
        pretrained: whether the body starts from pretrained weights.
        role: which question of an experiment its runs answer.
        has_body: whether it trains a body at all.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    reference: ClassVar[str]
    stages: ClassVar[tuple[Stage, ...]]
    pretrained: ClassVar[bool]
    role: ClassVar[Role]
    has_body: ClassVar[bool]

    def steps(
        self, state: TrainState, source: LabelledDataset | None, target: LabelledDataset, budget: Budget
    ) -> Iterator[Step]:
        """Train; yield after every optimizer step."""
        ...


def needs_source(method: type[Method]) -> bool:
    """Whether any stage of the method reads the source."""
    return any(stage is not Stage.REFINE for stage in method.stages)


def total_steps(method: type[Method] | Method, budget: Budget) -> int:
    """Steps of all stages that the method has."""
    return sum(budget.steps(stage) for stage in method.stages)


@runtime_checkable
class CountsSamples(Protocol):
    """A method that does not read `batch_size` target samples a step."""

    def samples_per_step(self, target: LabelledDataset) -> int:
        """Target samples whose labels one step reads."""
        ...


def label_samples(method: Method, target: LabelledDataset, budget: Budget) -> int:
    """Target samples, with repetition, whose labels the losses of curriculum and refinement read over a whole run.

    Steps of alignment count nothing: they train the embedder alone.
    """
    if isinstance(method, CountsSamples):
        per_step = method.samples_per_step(target)
    else:
        per_step = min(method.batch_size, len(target.rows("train")))  # type: ignore[attr-defined]  # all others have it
    return per_step * sum(budget.steps(stage) for stage in method.stages if stage is not Stage.ALIGN)


def warmup_then_linear(step: int, total: int, peak: float, warmup_share: float = 0.1) -> float:
    """Learning rate of 0-based `step`: linear up to `peak`, then linear to zero (ORCA's schedule, clamped)."""
    warmup = max(1, round(total * warmup_share))
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * max(0.0, (total - step) / max(1, total - warmup))


def draw_rows(n: int, batch_size: int, step: int, seed: int) -> Tensor:
    """Rows of batch `step` when every epoch is a fresh permutation of n rows: no cursor to save.

    Batches run over the seam of two epochs, so none is short.
    """
    batch_size = min(batch_size, n)
    first = step * batch_size
    rows: list[int] = []
    while len(rows) < batch_size:
        epoch, offset = divmod(first + len(rows), n)
        order = torch.randperm(n, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
        rows += order[offset : offset + batch_size - len(rows)].tolist()
    return torch.tensor(rows)


def require_rows(dataset: LabelledDataset, split: str) -> np.ndarray:
    """Rows of a split.

    Raises:
        SettingsError: the split is empty.
    """
    rows = dataset.rows(split)
    if not len(rows):
        raise SettingsError(f"{dataset.name} has no {split} rows, expected some; mark rows as {split}.")
    return rows
