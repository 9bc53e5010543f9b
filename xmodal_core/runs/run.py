"""A run: a method on a source, a target and a body, with a seed and a budget.

`RunSpec` is the JSON that the command line, the app and a cluster all execute.
"""

import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from xmodal_core import __version__
from xmodal_core.by_row import RowJudge
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.named import load_named
from xmodal_core.data.sources import Source
from xmodal_core.data.variants import with_shuffled_labels, with_train_rows
from xmodal_core.evaluation import batches, evaluate, predict, score_batches
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, Method, Step, TrainState, label_samples, needs_source
from xmodal_core.methods.stages.given import Given, check_given, same_start
from xmodal_core.methods.stages.guided import NameGuide
from xmodal_core.model.bodies import check_kept
from xmodal_core.model.crossmodal import BodyChoice, CrossModalModel, make_model
from xmodal_core.model.embedders import start_matters
from xmodal_core.model.facts import body_facts
from xmodal_core.model.seeding import describe_device, pick_device
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.tokens import check_tokens
from xmodal_core.runs.predictions import Columns, joined, told
from xmodal_core.runs.result import RunResult, Standing, TrainedOn
from xmodal_core.runs.row_scores import RowScores, row_ids
from xmodal_core.runs.spec import FIRST_OFFERED, RunSpec
from xmodal_core.runs.standing import standing_of
from xmodal_core.scores import Evaluation

_REPORTED_PACKAGES = ("torch", "transformers", "POT", "numpy", "scikit-learn", "streamlit")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is known of a finished run: its result, what it says of every row, what each test row scored."""

    result: RunResult
    predictions: Columns
    test_rows: RowScores


@dataclass(eq=False)
class Run:
    """A prepared run: pull its steps, then ask for its result."""

    spec: RunSpec
    method: Method
    budget: Budget
    state: TrainState
    source: LabelledDataset | None
    target: LabelledDataset

    def steps(self) -> Iterator[Step]:
        """The training steps that are left, in order."""
        yield from self.method.steps(self.state, self.source, self.target, self.budget)

    @property
    def done(self) -> int:
        """Steps finished, over all stages."""
        before = [s for s in self.method.stages if self.state.is_past(s)]
        return sum(self.budget.steps(s) for s in before) + self.state.index

    def result(self, seconds: float) -> RunResult:
        """Evaluate once on validation and test rows, with the last weights: nothing is selected."""
        return self._result(seconds, *(evaluate(self.state.model, self.target, split) for split in ("test", "val")))

    def outcome(self, seconds: float) -> Outcome:
        """All that is kept of the end, predictions in the order of the data set; each row is asked once."""
        found: list[Columns] = []
        seen: list[np.ndarray] = []
        judge = RowJudge(self.target)

        def asked(split: str) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
            for batch in batches(self.target.rows(split)):
                outputs = predict(self.state.model, self.target, batch)
                seen.append(batch)
                found.append(told(self.target, batch, outputs.numpy()))
                if split == "test":
                    judge.add(batch, outputs)
                yield batch, outputs

        for _ in asked("train"):
            pass
        test, validation = (score_batches(self.target, asked(split)) for split in ("test", "val"))
        order = np.argsort(np.concatenate(seen))
        columns = {name: values[order] for name, values in joined(found).items()}
        return Outcome(self._result(seconds, test, validation), columns, self._row_scores(*judge.values()))

    def _row_scores(self, rows: np.ndarray, values: np.ndarray) -> RowScores:
        groups = self.target.groups
        return RowScores(row_ids(self.target.uid[rows]), values, None if groups is None else groups[rows])

    def _model_settings(self) -> ModelSettings | None:
        """How the model was made, nothing left to `auto`; None of a network without a body."""
        return self.state.model.settings if self.method.has_body else None

    def _standing(self) -> Standing:
        """With the rate of stochastic depth where it acted: it is the body's, and earlier runs had none."""
        found = standing_of(self.spec.method, self.spec.settings, self.spec.guidance is not None)
        acts = self.method.has_body and getattr(self.method, "stochastic_depth", "off") == "config"
        rate = self.state.model.body.drop_path_rate if acts else 0.0
        return replace(found, settings={**found.settings, "drop_path_rate": rate}) if rate else found

    def _result(self, seconds: float, test: Evaluation | None, validation: Evaluation | None) -> RunResult:
        assert test is not None  # every data set has test rows
        return RunResult(
            method=self.spec.method,
            title=METHODS[self.spec.method].title,
            seed=self.spec.seed,
            test=test,
            validation=validation,
            steps=self.done,
            seconds=round(seconds, 3),
            device=describe_device(self.state.device),
            versions=versions(),
            spec=self.spec.values(),
            target=TrainedOn(
                name=self.target.name,
                hash=self.target.content_hash,
                n_train=len(self.target.rows("train")),
                n_classes=self.target.n_classes,
                task=str(self.target.task),
            ),
            model=self._model_settings(),
            standing=self._standing(),
            understanding=self.target.understanding,
            stages=dict(self.spec.stages()),
            label_samples=label_samples(self.method, self.target, self.budget),
            source_understanding=None if self.source is None else self.source.understanding,
        )


@runtime_checkable
class BuildsModel(Protocol):
    """A method whose network is not the usual one: other initial weights, adapters, or no body at all.

    It is built before a checkpoint is loaded, so that a resumed run has the tensors to load it into.
    """

    def build(self, target: LabelledDataset, body: BodyChoice, seed: int) -> CrossModalModel:
        """The network before training, a function of data, body and seed."""
        ...


def prepare(spec: RunSpec, device: torch.device | None = None) -> Run:
    """Load data and body and build the model; nothing is trained yet.

    Raises:
        XModalError: data or body cannot be had, or do not fit each other.
    """
    target, source = load_data(spec)
    parsed = spec.parsed
    model = _build(parsed.method, target, spec)
    _check_start(parsed.method, target, model)
    state = TrainState(model, spec.seed, device or pick_device())
    if parsed.guidance is not None and parsed.guidance.guide_weight:
        state.make_guide = partial(NameGuide.learn, state, target, parsed.guidance)
    return Run(spec, parsed.method, parsed.budget, state, source, target)


def load_data(spec: RunSpec) -> tuple[LabelledDataset, LabelledDataset | None]:
    """Target and source (None for a method that reads none), once they have passed: no body has been loaded yet.

    Raises:
        XModalError: the data cannot be had, or the method cannot run on them; see `check_run`.
    """
    target = load_target(spec)
    reads = needs_source(METHODS[spec.method])
    source = load_named(spec.source, seed=0, reading=spec.source_reading) if reads else None
    check_run(spec, target, source)
    return target, source


def check_run(spec: RunSpec, target: LabelledDataset, source: LabelledDataset | Source | None) -> None:
    """Refuse data and body that the method, or the guidance beside it, cannot run on; no body is loaded for it.

    Args:
        spec: what would be run.
        target: as the run sees it.
        source: as in `Given`.

    Raises:
        XModalError: one sentence, see `check_given`.
    """
    given, parsed = Given(target, source, body_facts(spec.body)), spec.parsed
    check_given(parsed.method, given)
    if parsed.method.has_body:
        check_kept(spec.body)
        check_tokens(spec.tokens, spec.body, [s for s in (target, source) if isinstance(s, LabelledDataset)])
    if parsed.guidance is not None:
        parsed.guidance.check(given)


def load_target(spec: RunSpec) -> LabelledDataset:
    """The target as the run sees it: whole, or with fewer training rows, or with shuffled training labels."""
    target = load_named(spec.target, seed=0, reading=spec.reading)
    if spec.train_rows:
        target = with_train_rows(target, spec.train_rows, spec.seed)
    return with_shuffled_labels(target, spec.seed) if spec.shuffle_labels else target


def _build(method: Method, target: LabelledDataset, spec: RunSpec) -> CrossModalModel:
    body = body_choice(spec)
    if spec.schema == FIRST_OFFERED:
        body = replace(body, settings=body.settings.as_first_offered(target.modality, target.task))
    if isinstance(method, BuildsModel):
        return method.build(target, body, spec.seed)
    loaded = body.load(pretrained=method.pretrained, seed=spec.seed)
    return make_model(target, loaded, init=getattr(method, "embedder_init", "pretrained"), seed=spec.seed)


def _check_start(method: Method, target: LabelledDataset, model: CrossModalModel) -> None:
    """Refuse a random start of the embedder that is the pretrained one: its runs would be another arm's by name only.

    Raises:
        SettingsError: says so; of most bodies only the network knows.
    """
    if getattr(method, "embedder_init", "pretrained") == "random" and not start_matters(target, model.body):
        raise same_start(model.body.name, target)


def body_choice(spec: RunSpec) -> BodyChoice:
    """The body that a run asks for."""
    return BodyChoice(spec.body, spec.tokens, spec.parsed.model)


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    found = {"xmodal-lab": __version__, "python": platform.python_version()}
    for package in _REPORTED_PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found
