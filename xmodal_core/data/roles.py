"""The roles of a file's parts as a person sees and changes them: a table of names and roles to a `Reading` and back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution, Understanding

LEFT_OUT = "left out"
COLUMN_ROLES = ("label", "number", "category", "text", "id", "group", "time", "split", LEFT_OUT)
ARRAY_ROLES = ("samples", "label", "group", "split", LEFT_OUT)
_ONE = ("samples", "label", "text", "id", "group", "time", "split")  # roles that a single part has
_MANY = {"number": "number", "category": "category", LEFT_OUT: "drop"}


def roles(found: Understanding) -> dict[str, str]:
    """What each part of the file was taken for; features of a table by their kind."""
    kinds = {one.name: "number" if one.kind == "date" else one.kind for one in found.features}
    return {part.name: kinds.get(part.name, part.role) if part.role == "feature" else part.role for part in found.parts}


def reading_of(before: Mapping[str, str], after: Mapping[str, str], said: Reading | None = None) -> Reading:
    """What is said once roles were changed.

    A part that takes over a role which only one can have needs no word about the one that had it.

    Args:
        before: roles as they were found, by name of the part.
        after: as the person wants them.
        said: what was said before; what it says of parts whose role changed is forgotten.
    """
    changed = {name: role for name, role in after.items() if role != before.get(name)}
    said = said or Reading()
    values: dict[str, Any] = {}
    for field in _MANY.values():
        values[field] = tuple(name for name in getattr(said, field) or () if name not in changed)
    for field in _ONE:
        values[field] = None if getattr(said, field) in changed else getattr(said, field)
    for name, role in changed.items():
        if role in _ONE:
            values[role] = name
        elif role in _MANY:
            values[_MANY[role]] = (*(values[_MANY[role]] or ()), name)
    if values["split"] is None and any(before.get(name) == "split" for name in changed):
        values["split"] = "none"
    return replace(said, **{field: value or None for field, value in values.items()})


def agreed(found: Understanding, warning: Caution) -> Reading | None:
    """What a person says who thinks that a guess was right; None where nothing was guessed that could be said.

    Args:
        found: what was understood.
        warning: one of its warnings.
    """
    if warning.mends is not None and warning.mends.number and warning.code == "missing-values":
        return None  # numbers that look like missing ones stay what they are until they are said to be numbers
    said = _AGREED.get(warning.code)
    if said is None or (field := said(found)) is None or field == warning.mends:
        return None
    return field


def _labels(found: Understanding) -> str:
    """The label as it is said: several columns are joined by plus signs."""
    return "+".join(part.name for part in found.parts if part.role == "label") or found.label


def _dates(found: Understanding) -> Reading | None:
    orders = {feature.order for feature in found.features} - {""}
    return Reading(dates=orders.pop()) if len(orders) == 1 else None


_AGREED: dict[str, Callable[[Understanding], Reading | None]] = {
    "label-guessed": lambda found: Reading(label=_labels(found)) if found.label else None,
    "modality-guessed": lambda found: Reading(modality=found.modality),
    "task-guessed": lambda found: Reading(task=found.task),
    "dates": _dates,
    "missing-values": lambda _: Reading(missing="impute"),
    "unequal-lengths": lambda _: Reading(length="pad"),
}
