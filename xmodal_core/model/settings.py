"""How samples go into a body and how answers come out: the settings of a model beside its body; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import SettingsError
from xmodal_core.settings import check_settings, setting, settings_from
from xmodal_core.values import JsonValue

AUTO = "auto"
BY_CELL = (Task.DENSE, Task.SEGMENTATION)  # an answer in every cell is read token by token
POSITIONS = ("before", "after", "none")
STEMS = ("linear", "overlap", "conv")
NUMBERS = ("linear", "piecewise", "periodic")
SCALINGS = ("range", "channel", "sample", "log", "quantile")
READOUTS = ("mean", "last", "flat", "mean+flat", "attention", "first")
STARTS = ("none", "standard", "norm")


@dataclass(frozen=True)
class ModelSettings(JsonValue):
    """How samples become tokens and how a predictor reads what the body makes of them.

    `auto` is what `DEFAULTS` says for the modality and task. See docs/methods/embedders.md.
    """

    positions: str = setting(
        AUTO,
        "Where positions join the tokens: before the body's LayerNorm and in its own proportion, after it as in ORCA's "
        "release, or nowhere",
        choices=(AUTO, *POSITIONS),
    )
    stem: str = setting(
        AUTO,
        "How patches are made of series, sequences and images: cut and mapped, cut with an overlap, or cut behind a "
        "local convolution",
        choices=(AUTO, *STEMS),
    )
    numbers: str = setting(
        AUTO,
        "How a number in a table becomes a token: a line, pieces between quantiles, waves",
        choices=(AUTO, *NUMBERS),
    )
    scaling: str = setting(
        AUTO,
        "What numbers are scaled by: one range for all channels, each channel, each sample, its logarithm, its rank",
        choices=(AUTO, *SCALINGS),
    )
    readout: str = setting(
        AUTO,
        "What the predictor reads: the mean token, the last, all of them in order, both the mean and all, a learned "
        "weighting, or the body's own first token",
        choices=(AUTO, *READOUTS),
    )
    start: str = setting(
        AUTO,
        "What stands in front of the predictor: nothing, units of the training rows' deviation, or a LayerNorm",
        choices=(AUTO, *STARTS),
    )
    compat: str = setting(
        "ours",
        "Embedder and predictor: ours, as they were before these settings, or as in ORCA's released code",
        choices=("ours", "earlier", "released"),
    )

    def __post_init__(self) -> None:
        """Refuse what is none of the choices, and what `compat` would override.

        Raises:
            SettingsError: names the setting.
        """
        check_settings(self)
        if self.compat == "released":
            for name, value in _EARLIER.items():
                if name not in ("scaling", "start") and getattr(self, name) not in (AUTO, value):
                    raise SettingsError(
                        f"{name} is {getattr(self, name)} with compat released, expected {value}, which the released "
                        "code has; set one of them back."
                    )

    def resolved(self, modality: Modality, task: Task) -> "ModelSettings":
        """The same with nothing left to `auto`, for samples and targets of a kind."""
        usual = _EARLIER if self.compat != "ours" else DEFAULTS
        usual = usual | ({"scaling": "range"} if modality is Modality.IMAGE else {})
        if self.compat == "ours":
            usual = usual | MODALITY_DEFAULTS.get(modality, {}) | TASK_DEFAULTS.get((modality, task), {})
        if task in BY_CELL:
            usual = usual | {"readout": "mean"}  # no other is offered
        return replace(self, **{name: value for name, value in usual.items() if getattr(self, name) == AUTO})

    def as_first_offered(self, modality: Modality, task: Task) -> "ModelSettings":
        """The same with what `auto` stood for in specifications of schema 2, where it is another by now."""
        if self.compat != "ours" or MODALITY_DEFAULTS.get(modality) is not _LOCAL or task in BY_CELL:
            return self
        was = {"stem": "linear", "readout": "flat"}
        return replace(self, **{name: value for name, value in was.items() if getattr(self, name) == AUTO})

    def at_home(self, modality: Modality) -> "ModelSettings":
        """The same around a body that reads its own modality, which it was trained on in one way only."""
        scaling = "range" if modality is Modality.IMAGE else "channel"
        compat = "earlier" if self.compat == "released" else self.compat
        own = {"positions": AUTO, "stem": "linear", "numbers": "linear", "scaling": scaling, "readout": "mean"}
        return replace(self, start="none", compat=compat, **own)

    def said(self) -> dict[str, str]:
        """What differs from a model of which nothing was said."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) != f.default}


_EARLIER = {
    "positions": "after",
    "stem": "linear",
    "numbers": "linear",
    "scaling": "channel",
    "readout": "mean",
    "start": "none",
}
# What stands where nothing was said: for every kind of data, then what is another for a modality, then for a task.
# Measured on validation rows (docs/results.md); text enters and leaves as it always did.
DEFAULTS = _EARLIER | {"positions": "before", "readout": "flat", "start": "standard"}
_LOCAL = {"stem": "conv", "readout": "mean+flat"}
MODALITY_DEFAULTS: Mapping[Modality, dict[str, str]] = {
    Modality.TEXT: {"readout": "mean", "start": "none"},
    Modality.IMAGE: _LOCAL,
    Modality.SERIES: _LOCAL,
    Modality.SEQUENCE: _LOCAL,
}
TASK_DEFAULTS: Mapping[tuple[Modality, Task], dict[str, str]] = {  # not measured, so as it was
    (modality, task): {"stem": "linear"} for modality in Modality for task in BY_CELL
}

USUAL = ModelSettings()
EARLIER = ModelSettings(compat="earlier")
"""The model of runs whose specification is of schema 1, which knew no other."""


def model_settings(values: Mapping[str, Any] | None, where: str = "model") -> ModelSettings:
    """The settings of a JSON object or of `--model`; the usual ones for None.

    Raises:
        SettingsError: an unknown setting, or a value that is not one of its choices.
    """
    found: ModelSettings = settings_from(ModelSettings, values or {}, where)
    return found
