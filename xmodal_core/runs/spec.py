"""`RunSpec`: the JSON that the command line, the app and a cluster all execute."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from xmodal_core.data.reading import Reading, reading_from_json
from xmodal_core.errors import SettingsError
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, Method, needs_source, total_steps
from xmodal_core.methods.stages.guided import Guidance
from xmodal_core.methods.stages.refine import Refinement
from xmodal_core.model.settings import AUTO, EARLIER, ModelSettings, model_settings
from xmodal_core.model.tokens import check_asked
from xmodal_core.settings import check_settings, settings_from
from xmodal_core.values import parse_json

SCHEMA = 3
_WITHOUT_MODEL = 1  # knew no settings of the model: its runs have the model that was then the only one
FIRST_OFFERED = 2  # the first with settings of the model: see `ModelSettings.as_first_offered`
_OF_BEFORE = (_WITHOUT_MODEL, FIRST_OFFERED)  # their runs have what methods did before some of their settings: `before`
MOST_WAYPOINTS = 50
_LEFT_OUT = ("tokens", "model")
_READINGS = ("reading", "source_reading")


@dataclass(frozen=True)
class Parsed:
    """The objects of settings that a specification stands for, every default filled in.

    Attributes:
        guidance: None where the run is not guided beside its method.
        model: how the model is made around its body.
    """

    method: Method
    budget: Budget
    guidance: Guidance | None
    model: ModelSettings


@dataclass(frozen=True)
class RunSpec:
    """What to run. `source` may be empty for methods that read none.

    Attributes:
        guidance: settings of guidance by class names (LSG) for the refine stage of any method that fine-tunes, {} for
            its defaults; None refines without.
        train_rows: training rows that are kept, drawn by the seed; 0 keeps them all.
        shuffle_labels: train on labels dealt out at random, the control of every claim about drift.
        waypoints: bodies kept along the run for the question what became of the source's knowledge.
        tokens: most tokens that a series, a sequence or a row of a table becomes; None for the usual number.
        reading, source_reading: what is said about the file of the target and of the source; None for nothing.
        model: how samples go into the body and answers come out, `ModelSettings`; None for the usual.

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
    tokens: int | None = None
    reading: Reading | None = None
    source_reading: Reading | None = None
    model: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.schema not in (SCHEMA, *_OF_BEFORE):
            raise SettingsError(f"the specification has schema {self.schema!r}, expected {SCHEMA}; write it anew.")
        if self.schema == _WITHOUT_MODEL and self.model is not None:
            raise SettingsError(
                f"model was given with schema {_WITHOUT_MODEL}, which knew one model only; set schema to {SCHEMA}."
            )
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
        check_asked(self.tokens)
        if not isinstance(self.shuffle_labels, bool):
            raise SettingsError(f"shuffle_labels is {self.shuffle_labels!r}, expected true or false.")
        _ = self.parsed  # refuses settings that are none

    @cached_property
    def parsed(self) -> Parsed:
        """The specification's method, budget and guidance; built once."""
        kind = METHODS[self.method]
        unsaid: Mapping[str, Any] = getattr(kind, "before", {}) if self.schema in _OF_BEFORE else {}
        method: Method = settings_from(kind, {**unsaid, **self.settings}, self.method)
        budget: Budget = settings_from(Budget, self.budget, "budget")
        model = EARLIER if self.schema == _WITHOUT_MODEL else model_settings(self.model)
        for name, possible in getattr(method, "of_model", {}).items():
            if (value := getattr(model, name)) not in (AUTO, *possible):
                can = ", ".join(possible)
                raise SettingsError(f"{name} is {value}, but {self.method} can have {can}; leave {name} out.")
        return Parsed(method, budget, self._parse_guidance(), model)

    def _parse_guidance(self) -> Guidance | None:
        if self.guidance is None:
            return None
        method = METHODS[self.method]
        if not issubclass(method, Refinement) or issubclass(method, Guidance):
            raise SettingsError(
                f"guidance was given for {self.method}, expected a method that fine-tunes and is not guided by itself; "
                "leave guidance out."
            )
        guidance: Guidance = settings_from(Guidance, self.guidance, "guidance")
        check_settings(guidance)
        return guidance

    def total_steps(self) -> int:
        """Steps of all stages."""
        return total_steps(self.parsed.method, self.parsed.budget)

    def stages(self) -> list[tuple[str, int]]:
        """Name and number of steps of each stage that has any, in order."""
        budget = self.parsed.budget
        return [(str(s), budget.steps(s)) for s in self.parsed.method.stages if budget.steps(s)]

    def to_json(self) -> str:
        """The JSON text of this specification."""
        return json.dumps(self.values(), indent=1)

    def values(self) -> dict[str, Any]:
        """The same as plain values; what may be said and was not is left out, as in earlier versions."""
        found = {name: value for name, value in asdict(self).items() if name not in _LEFT_OUT or value is not None}
        for name in _READINGS:
            reading: Reading | None = getattr(self, name)
            found.pop(name)
            found |= {name: reading.to_json()} if reading is not None and reading.said else {}
        return found


def spec_from_json(text: str) -> RunSpec:
    """Read a specification.

    Raises:
        SettingsError: it is no JSON object, or a field is unknown, missing or of the wrong type.
    """
    try:
        values = parse_json(text)
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
        if name in ("settings", "budget", "guidance", "model") and not isinstance(value, dict):
            if name in ("guidance", "model") and value is None:
                continue
            raise SettingsError(f"{name} is {value!r}, expected a JSON object.")
        if name == "source" and not isinstance(value, str):
            raise SettingsError(f"source is {value!r}, expected a name.")
    readings = {name: reading_from_json(values[name], name) for name in _READINGS if values.get(name) is not None}
    return RunSpec(**values | readings)
