"""What the method of a run says of itself, as it is kept in the run's result."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, Role
from xmodal_core.methods.stages.guided import Guidance
from xmodal_core.runs.result import Standing


def standing_of(method: str, settings: Mapping[str, Any], guided: bool) -> Standing:
    """The standing of a run.

    Args:
        method: its name; one that is not known stands for nothing, and all of its settings are its own.
        settings: as they were asked for.
        guided: whether it is guided by class names beside its method.
    """
    kind: Any = METHODS.get(method)
    if kind is None:
        return Standing("" if guided else method, "", dict(settings))
    usual = {field.name: field.default for field in dataclasses.fields(kind)}
    own = {name: value for name, value in settings.items() if value != usual.get(name)}
    if guided and kind.role is not Role.CROSSING:
        kind = _guided_fine_tuning() if kind.role is Role.FINE_TUNING else None
    return Standing("", "", own) if kind is None else Standing(kind.name, str(kind.role), own)


def stages_of(method: str, budget: Mapping[str, int]) -> Mapping[str, int] | None:
    """Steps of each stage that a run of this budget has had; None of a method that is not known."""
    kind: Any = METHODS.get(method)
    if kind is None:
        return None
    steps = dataclasses.asdict(Budget()) | dict(budget)
    return {str(stage): n for stage in kind.stages if (n := steps[f"{stage}_steps"])}


def _guided_fine_tuning() -> Any:
    """The method that is fine-tuning under guidance."""
    return next(kind for kind in METHODS.values() if issubclass(kind, Guidance))
