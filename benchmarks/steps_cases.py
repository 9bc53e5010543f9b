"""The measured steps of `benchmarks.steps`: sizes, goals, data, and the calls that are held against each other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.steps_pare import PASSES_TIMED, selections, splices

if TYPE_CHECKING:
    import torch

    from xmodal_core.data.dataset import LabelledDataset
    from xmodal_core.methods.base import TrainState
    from xmodal_core.methods.stages.refine import Refinement
    from xmodal_core.model.crossmodal import CrossModalModel

Call = Callable[[], dict[str, float]]  # one step; returns what it found
_TARGET_ROWS, _TRAIN_ROWS = 640, 512  # training rows make whole batches, so that two loops draw the same ones
_CLASSES = 10
_MOST_STEPS = 200
_PERIOD = 6  # steps of RECRAFT's stage from one reading to the next, in a stage of usual length


@dataclass(frozen=True)
class Goal:
    """A measure of the result and its limit: the least for a speed-up, the most for anything else."""

    measure: str
    limit: float
    text: str

    def met(self, result: Mapping[str, Any]) -> bool | None:
        """Whether the result keeps the limit; None where it was not measured."""
        value = result.get(self.measure)
        if value is None:
            return None
        return bool(value >= self.limit if self.measure == "speedup" else value <= self.limit)


@dataclass(frozen=True)
class Case:
    """What is measured: a key of `SIDES` and its sizes.

    Attributes:
        about: what ours is held against.
        goals: on `speedup` (reference / ours), `cost` (ours / reference) or `memory_growth`.
        body: whose step it is.
        size: tokens of a sample for the splice; rows of the source for alignment and meta-gradients.
        batch: samples of the target.
        settings: of the stage, where they are not its defaults.
        watched: alignment reads the held-out rows at every step, as it does in a run.
        rounds: in which every side takes its turn.
        scale: seconds of the reference are multiplied by it, where it does a share of its work.
        reference_rounds: the first so many of them in which the reference takes part; 0 is all.
    """

    kind: str
    about: str
    goals: tuple[Goal, ...] = ()
    body: str = "fractal-vit"
    size: int = 1000
    batch: int = 32
    width: int = 128
    settings: Mapping[str, Any] = field(default_factory=dict)
    watched: bool = True
    rounds: int = 7
    scale: float = 1.0
    reference_rounds: int = 0

    @property
    def measure(self) -> str:
        """The ratio that goes into the table."""
        return "cost" if self.kind in ("mona", "recraft", "refine") else "speedup"

    @property
    def agrees(self) -> bool:
        """Whether both sides must find the same."""
        return self.kind in ("orca", "refine")


_LOOP = f"as many relaxed softmax passes as tokens; 1/{PASSES_TIMED} of them run: seconds are scaled, MB are not"
_TUNING = "a step of full fine-tuning at the same target batch"
_PERIODS = f"{_PERIOD} steps of full fine-tuning; ours read the held-out distortion once, as a stage of 30 steps does"
_RECOMPUTED = "the same stage with the source embedded and its self term solved at every step"
_BARE = "a bare PyTorch loop over the same model"
_LOOP_GOALS = Goal("speedup", 50, ">= 50x"), Goal("memory_growth", 1.05, "peak memory grows <= 5 % with k")
_META = (Goal("cost", 4.5, "<= 4.5x"),)
_DISTORTION = (Goal("cost", 3.0, "<= 3x"),)
_CACHED = Goal("speedup", 10, ">= 10x"), Goal("difference", 0, "same objective")
_OVERHEAD = Goal("cost", 1.05, "<= 1.05x"), Goal("difference", 1e-3, "same losses to 1e-3")
_EQUAL = {"source_per_class": 4}  # as many source samples in a step as target samples; the default is twice as many
_TWICE = {"meta_gradient": "double_backward"}
CASES = {
    "pare-splice": Case("pare", _LOOP, _LOOP_GOALS, "", 3136, scale=PASSES_TIMED),
    "pare-select": Case(
        "select", _LOOP, (Goal("speedup", 50, ">= 50x, selection alone"),), "", 3136, scale=PASSES_TIMED
    ),
    "mona-fd-vit-32": Case("mona", _TUNING, _META, settings=_EQUAL),
    "mona-fd-minilm-32": Case("mona", _TUNING, _META, "minilm", settings=_EQUAL, rounds=4),
    "mona-fd-vit": Case("mona", _TUNING, _META),
    "mona-double-vit": Case("mona", _TUNING, _META, settings=_TWICE),
    "mona-fd-minilm": Case("mona", _TUNING, _META, "minilm", rounds=4),
    "mona-double-minilm": Case("mona", _TUNING, _META, "minilm", settings=_TWICE, rounds=4),
    "recraft-vit": Case("recraft", _PERIODS, _DISTORTION, rounds=4),
    "recraft-minilm": Case("recraft", _PERIODS, _DISTORTION, "minilm", rounds=3),
    "orca-512-vit": Case("orca", _RECOMPUTED, _CACHED, rounds=15),
    "orca-512-unwatched": Case("orca", _RECOMPUTED, _CACHED, watched=False, rounds=15),
    "orca-512-minilm": Case("orca", _RECOMPUTED, _CACHED, "minilm", rounds=15),
    "orca-5000-vit": Case(
        "orca", _RECOMPUTED, _CACHED, size=8400, settings={"source_samples": 5000}, rounds=5, reference_rounds=3
    ),
    "refine-vit": Case("refine", _BARE, _OVERHEAD, rounds=30),
    "refine-minilm": Case("refine", _BARE, _OVERHEAD, "minilm", rounds=14),
}
_FEW = {"source_classes": 2, "source_per_class": 2}
QUICK = {
    "pare": Case("pare", _LOOP, body="", size=24, batch=2, width=4, rounds=1, scale=PASSES_TIMED),
    "select": Case("select", _LOOP, body="", size=24, batch=2, rounds=1, scale=PASSES_TIMED),
    "mona": Case("mona", _TUNING, size=60, batch=2, settings=_FEW, rounds=1),
    "recraft": Case(
        "recraft",
        _PERIODS,
        size=60,
        batch=2,
        settings={"rows_per_label": 2, "head_steps": 1, "align_batch": 16},
        rounds=1,
    ),
    "orca": Case("orca", _RECOMPUTED, size=60, settings={"source_samples": 20, "align_batch": 16}, rounds=1),
    "refine": Case("refine", _BARE, size=60, batch=2, rounds=2),
}


def synthetic_target(body: str) -> "LabelledDataset":
    """Noise around a level per class, images for an image body, series for a text body; without validation rows."""
    from dataclasses import replace

    import numpy as np

    from xmodal_core.data.dataset import Modality, make_dataset

    shape = (3, 128) if body == "minilm" else (1, 28, 28)
    modality = Modality.SERIES if body == "minilm" else Modality.IMAGE
    labels = np.arange(_TARGET_ROWS) % _CLASSES
    noise = np.random.default_rng(0).normal(size=(_TARGET_ROWS, *shape))
    inputs = noise + labels.reshape(-1, *[1] * len(shape)) / _CLASSES
    target = make_dataset("synthetic", modality, inputs, labels, [str(c) for c in range(_CLASSES)])
    return replace(target, splits=np.where(np.arange(_TARGET_ROWS) < _TRAIN_ROWS, "train", "test"))


def _fresh_state(body: str, target: "LabelledDataset") -> "TrainState":
    import torch

    from xmodal_core.methods.base import TrainState
    from xmodal_core.model.crossmodal import load_body, make_model

    return TrainState(make_model(target, load_body(body)), 0, torch.device("cpu"))


def _source(case: Case) -> "LabelledDataset":
    """The source that runs on this body use, of some rows."""
    from xmodal_core.data.sources import SOURCES

    return SOURCES["scipy_docs" if case.body == "minilm" else "fractals"].load(case.size, 0)


def meta_steps(case: Case) -> dict[str, Call]:
    """MoNA's first stage beside full fine-tuning, and beside its own warm-up, which has no meta-gradient."""
    import torch

    from xmodal_core.methods.base import Stage
    from xmodal_core.methods.stages.lookahead import Meta
    from xmodal_core.methods.stages.meta import Sides, combined, loss_with_gradients

    target, source, settings = synthetic_target(case.body), _source(case), Meta(**case.settings)
    state = _fresh_state(case.body, target)
    state.modules.eval()
    sides = Sides(state, source, target, settings, case.batch)
    weights = [*state.model.embedder.parameters(), *state.model.predictor.parameters()]
    state.enter(Stage.ALIGN, lambda: torch.optim.Adam(weights, settings.align_learning_rate))

    def warmup() -> dict[str, float]:
        gradients, metrics = sides.plain(state.index, weights)
        state.update(loss_with_gradients(weights, gradients), settings.align_learning_rate)
        return {"inner_loss": metrics["inner_loss"]}

    def ours() -> dict[str, float]:
        gradients, metrics = combined(sides.bilevel(state.index), settings)
        state.update(loss_with_gradients(weights, gradients), settings.align_learning_rate)
        return {"meta_ratio": metrics["meta_ratio"]}

    return {"ours": ours, "reference": _refining(case, target), "warm-up step": warmup}


def distortion_steps(case: Case) -> dict[str, Call]:
    """RECRAFT's first stage from one reading of the held-out rows to the next, beside as many steps of fine-tuning."""
    from dataclasses import replace

    import numpy as np

    from xmodal_core.methods.base import Budget
    from xmodal_core.methods.stages import progress
    from xmodal_core.methods.stages.feature_label import FeatureLabel, feature_label_align

    target = synthetic_target(case.body)
    held = replace(
        target,
        splits=np.where((target.splits == "test") & (np.arange(len(target)) > _TRAIN_ROWS), "val", target.splits),
    )
    steps = feature_label_align(
        _fresh_state(case.body, target),
        _source(case),
        held,
        FeatureLabel(**case.settings),
        Budget(align_steps=_MOST_STEPS),
    )
    refined = _refining(case, target)

    def ours() -> dict[str, float]:
        with patch.object(progress, "_EVALUATIONS", _MOST_STEPS // _PERIOD):
            metrics = [next(steps).metrics for _ in range(_PERIOD)]
        return {"distortion": metrics[-1]["heldout_distortion"]}

    def reference() -> dict[str, float]:
        return [refined() for _ in range(_PERIOD)][-1]

    return {"ours": ours, "reference": reference}


def alignments(case: Case) -> dict[str, Call]:
    """ORCA's first stage with its source side computed once, and with all of it at every step."""
    return {"ours": _aligning(case, is_cached=True), "reference": _aligning(case, is_cached=False)}


class _Unwatched:
    """In the place of the held-out rows."""

    def target_embedding(self, model: "CrossModalModel") -> None:
        """Nothing is embedded."""

    def readings(self, target: None) -> dict[str, float]:  # noqa: ARG002
        """Nothing is read."""
        return {}

    frame = readings


def _aligning(case: Case, is_cached: bool) -> Call:
    from xmodal_core.methods.base import Budget
    from xmodal_core.methods.stages import align as stage

    compute_once = stage.cached_objective

    class Recomputed:
        """An objective that is built anew, source side and all, for every value that is asked of it."""

        def __init__(self, *side: Any) -> None:
            self.side = side

        def first_eps(self, *features: Any) -> float:
            return compute_once(*self.side).first_eps(*features)

        def __call__(self, *features: Any) -> "torch.Tensor":
            return compute_once(*self.side)(*features)

    target, settings = synthetic_target(case.body), stage.Alignment(**case.settings)
    steps = stage.align(
        _fresh_state(case.body, target), _source(case), target, settings, Budget(align_steps=_MOST_STEPS)
    )
    with (
        patch.object(stage, "cached_objective", compute_once if is_cached else Recomputed),
        patch.object(stage, "make_watch", stage.make_watch if case.watched else lambda *_: _Unwatched()),
    ):
        next(steps)  # builds both sides; the objective fixes its entropy
    return lambda: {"objective": next(steps).metrics["objective"]}


def refinements(case: Case) -> dict[str, Call]:
    """Our refine stage and a loop as one would write it, each with a model of its own; their losses agree."""
    target = synthetic_target(case.body)
    return {"ours": _refining(case, target), "reference": _bare(case, target)}


def _refining(case: Case, target: "LabelledDataset") -> Call:
    from xmodal_core.methods.base import Budget
    from xmodal_core.methods.stages.refine import Refinement, refine

    settings, budget = Refinement(batch_size=case.batch), Budget(refine_steps=_MOST_STEPS)
    steps = refine(_fresh_state(case.body, target), target, settings, budget)
    return lambda: {"loss": next(steps).metrics["loss"]}


def _bare(case: Case, target: "LabelledDataset") -> Call:
    from xmodal_core.methods.stages.refine import Refinement
    from xmodal_core.methods.stages.start import fit_start

    state = _fresh_state(case.body, target)
    fit_start(state, target)  # part of the model that both train
    model = state.model
    losses = _bare_loop(model, target, Refinement(batch_size=case.batch))
    return lambda: {"loss": next(losses)}


def _bare_loop(model: "CrossModalModel", target: "LabelledDataset", settings: "Refinement") -> Iterator[float]:
    """Fine-tuning without anything of ours but the model: same batches, optimizer, clipping and schedule."""
    import torch
    from torch.nn.functional import cross_entropy

    rows = target.splits == "train"
    inputs, labels = torch.from_numpy(target.inputs[rows]), torch.from_numpy(target.targets[rows])
    new = [*model.embedder.parameters(), *model.predictor.parameters()]
    groups = [{"params": new}, {"params": model.body.parameters(), "lr": settings.learning_rate * settings.body_rate}]
    optimizer = torch.optim.AdamW(groups, settings.learning_rate, (0.9, 0.98), weight_decay=settings.weight_decay)
    warmup = _MOST_STEPS // 10
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda i: min((i + 1) / warmup, (_MOST_STEPS - i) / (_MOST_STEPS - warmup))
    )
    model.train()
    for epoch in range(_MOST_STEPS):
        order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(epoch))
        for batch in order.split(settings.batch_size):
            loss = cross_entropy(model(inputs[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
            optimizer.step()
            schedule.step()
            yield loss.item()


SIDES: dict[str, Callable[[Case], dict[str, Call]]] = {
    "pare": lambda case: splices(case.size, case.batch, case.width),
    "select": lambda case: selections(case.size, case.batch),
    "mona": meta_steps,
    "recraft": distortion_steps,
    "orca": alignments,
    "refine": refinements,
}
