"""A run: a method on a source, a target and a body, with a seed and a budget.

`RunSpec` is the JSON that the command line, the app and a cluster all execute.
"""

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol, runtime_checkable

import torch

from xmodal_core import __version__
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.named import load_named
from xmodal_core.data.variants import with_shuffled_labels, with_train_rows
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import evaluate
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, Method, Step, TrainState, needs_source, total_steps
from xmodal_core.methods.stages.given import Given, check_given
from xmodal_core.methods.stages.guided import Guiding, guide_of
from xmodal_core.methods.stages.refine import Refinement
from xmodal_core.model.crossmodal import CrossModalModel, load_body, make_model
from xmodal_core.model.facts import body_facts
from xmodal_core.model.seeding import describe_device, pick_device
from xmodal_core.settings import check_settings, settings_from

SCHEMA = 1
MOST_WAYPOINTS = 50
_REPORTED_PACKAGES = ("torch", "transformers", "POT", "numpy", "scikit-learn", "streamlit")


@dataclass(frozen=True)
class RunSpec:
    """What to run. `source` may be empty for methods that read none.

    Attributes:
        guidance: settings of guidance by class names (LSG) for the refine stage of any method that fine-tunes, {} for
            its defaults; None refines without.
        train_rows: training rows that are kept, drawn by the seed; 0 keeps them all.
        shuffle_labels: train on labels dealt out at random, the control of every claim about drift.
        waypoints: bodies kept along the run for the question what became of the source's knowledge.

    Raises:
        SettingsError: an unknown method or setting, or a value out of range.
    """

    method: str
    target: str
    body: str
    source: str = ""
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, int] = field(default_factory=dict)
    guidance: dict[str, Any] | None = None
    train_rows: int = 0
    shuffle_labels: bool = False
    waypoints: int = 0
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise SettingsError(f"the specification has schema {self.schema!r}, expected {SCHEMA}; write it anew.")
        if self.method not in METHODS:
            raise SettingsError(f"method is {self.method!r}, expected one of {', '.join(METHODS)}.")
        if needs_source(METHODS[self.method]) and not self.source:
            raise SettingsError(f"{self.method} needs a source, found none; name one, for instance fractals.")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or not 0 <= self.seed < 2**31:
            raise SettingsError(f"seed is {self.seed!r}, expected a whole number from 0 to 2147483647.")
        for name, low, high in (("train_rows", 2, 2**31), ("waypoints", 1, MOST_WAYPOINTS)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or (value and not low <= value <= high):
                raise SettingsError(f"{name} is {value!r}, expected 0 or a whole number from {low} to {high}.")
        if not isinstance(self.shuffle_labels, bool):
            raise SettingsError(f"shuffle_labels is {self.shuffle_labels!r}, expected true or false.")
        self.make_method()
        self.make_budget()
        self.make_guidance()

    def make_method(self) -> Method:
        """The method with its settings."""
        method: Method = settings_from(METHODS[self.method], self.settings, self.method)
        return method

    def make_budget(self) -> Budget:
        """The budget with defaults for what is left out."""
        budget: Budget = settings_from(Budget, self.budget, "budget")
        return budget

    def make_guidance(self) -> Guiding | None:
        """The settings of guidance, if this run has any beside its method."""
        if self.guidance is None:
            return None
        method = METHODS[self.method]
        if not issubclass(method, Refinement) or issubclass(method, Guiding):
            raise SettingsError(
                f"guidance was given for {self.method}, expected a method that fine-tunes and is not guided by itself; "
                "leave guidance out."
            )
        guiding: Guiding = settings_from(Guiding, self.guidance, "guidance")
        check_settings(guiding)
        return guiding

    def total_steps(self) -> int:
        """Steps of all stages."""
        return total_steps(METHODS[self.method], self.make_budget())

    def stages(self) -> list[tuple[str, int]]:
        """Name and number of steps of each stage that has any, in order."""
        budget = self.make_budget()
        return [(str(s), budget.steps(s)) for s in METHODS[self.method].stages if budget.steps(s)]

    def to_json(self) -> str:
        """The JSON text of this specification."""
        return json.dumps(asdict(self), indent=1)


def spec_from_json(text: str) -> RunSpec:
    """Read a specification.

    Raises:
        SettingsError: it is no JSON object, or a field is unknown, missing or of the wrong type.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingsError(f"the specification is no JSON ({error.msg}, line {error.lineno}); mend it.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"the specification is a JSON {type(values).__name__}, expected an object.")
    known = RunSpec.__dataclass_fields__
    for name in ("method", "target", "body"):
        if not isinstance(values.get(name), str) or not values[name]:
            raise SettingsError(f"the specification has no {name}, expected a name; add one.")
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"the specification has an unknown field {name!r}; it may have {', '.join(known)}.")
        if name in ("settings", "budget", "guidance") and not isinstance(value, dict):
            if name == "guidance" and value is None:
                continue
            raise SettingsError(f"{name} is {value!r}, expected a JSON object.")
        if name == "source" and not isinstance(value, str):
            raise SettingsError(f"source is {value!r}, expected a name.")
    return RunSpec(**values)


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

    def result(self, seconds: float) -> dict[str, Any]:
        """Evaluate once on validation and test rows, with the last weights: nothing is selected."""
        test, validation = (evaluate(self.state.model, self.target, split) for split in ("test", "val"))
        return {
            "method": self.spec.method,
            "title": METHODS[self.spec.method].title,
            "seed": self.spec.seed,
            "test": test.to_json() if test else {},
            "validation": validation.to_json() if validation else {},
            "steps": self.done,
            "seconds": round(seconds, 3),
            "device": describe_device(self.state.device),
            "versions": versions(),
            "spec": asdict(self.spec),
            "target": {
                "name": self.target.name,
                "hash": self.target.content_hash,
                "n_train": len(self.target.rows("train")),
                "n_classes": self.target.n_classes,
                "task": str(self.target.task),
            },
        }


@runtime_checkable
class BuildsModel(Protocol):
    """A method whose network is not the usual one: other initial weights, adapters, or no body at all.

    It is built before a checkpoint is loaded, so that a resumed run has the tensors to load it into.
    """

    def build(self, target: LabelledDataset, body: str, seed: int) -> CrossModalModel:
        """The network before training, a function of data, body and seed."""
        ...


def prepare(spec: RunSpec, device: torch.device | None = None) -> Run:
    """Load data and body and build the model; nothing is trained yet.

    Raises:
        XModalError: data or body cannot be had, or do not fit each other.
    """
    method = spec.make_method()
    (target, source), guiding = load_data(spec), spec.make_guidance()
    model = _build(method, target, spec)
    state = TrainState(model, spec.seed, device or pick_device())
    if guiding is not None and guiding.guide_weight:
        state.make_guide = partial(guide_of, state, target, guiding)
    return Run(spec, method, spec.make_budget(), state, source, target)


def load_data(spec: RunSpec) -> tuple[LabelledDataset, LabelledDataset | None]:
    """Target and source (None for a method that reads none), once they have passed: no body has been loaded yet.

    Raises:
        XModalError: the data cannot be had, or the method cannot run on them; see `check_given`.
    """
    target, guiding = load_target(spec), spec.make_guidance()
    source = load_named(spec.source, seed=0) if needs_source(METHODS[spec.method]) else None
    given = Given(target, source, body_facts(spec.body))
    check_given(spec.make_method(), given)
    if guiding is not None:
        guiding.check(given)
    return target, source


def load_target(spec: RunSpec) -> LabelledDataset:
    """The target as the run sees it: whole, or with fewer training rows, or with shuffled training labels."""
    target = load_named(spec.target, seed=0)
    if spec.train_rows:
        target = with_train_rows(target, spec.train_rows, spec.seed)
    return with_shuffled_labels(target, spec.seed) if spec.shuffle_labels else target


def _build(method: Method, target: LabelledDataset, spec: RunSpec) -> CrossModalModel:
    if isinstance(method, BuildsModel):
        return method.build(target, spec.body, spec.seed)
    body = load_body(spec.body, pretrained=method.pretrained, seed=spec.seed)
    return make_model(target, body, init=getattr(method, "embedder_init", "pretrained"), seed=spec.seed)


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    found = {"xmodal-lab": __version__, "python": platform.python_version()}
    for package in _REPORTED_PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found
