"""The roles of a file's parts as a person sees and changes them: a table of names and roles to a `Reading` and back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Understanding

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
