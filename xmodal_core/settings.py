"""Settings are frozen dataclasses whose fields say what they mean; forms, JSON and --set all read them here."""

import dataclasses
import typing
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from xmodal_core.errors import SettingsError

_MOST_LISTED = 24  # names that a sentence for a person can take


def setting(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    where: tuple[str, str] | None = None,
) -> Any:
    """A dataclass field with a default and what a form needs to ask for it.

    Args:
        default: of the field.
        help: what it is, for a person.
        low: smallest number.
        high: largest number.
        unit: of a number.
        choices: of a text.
        where: another field and the value of it with which this one is read; None where it always is.
    """
    metadata = {"help": help, "min": low, "max": high, "unit": unit, "choices": choices, "where": where}
    return dataclasses.field(default=default, metadata=metadata)


def check_settings(settings: Any) -> None:
    """Refuse values outside the declared range or choices, or that nothing reads; call it from `__post_init__`.

    Raises:
        SettingsError: names the field, the value found and what is allowed.
    """
    now = partial(getattr, settings)
    for field in dataclasses.fields(settings):
        value, meta = now(field.name), field.metadata
        if meta.get("choices") and value not in meta["choices"]:
            allowed = ", ".join(meta["choices"])
            raise SettingsError(f"{field.name} is {value!r}, expected one of {allowed}.")
        low, high = meta.get("min"), meta.get("max")
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            raise SettingsError(f"{field.name} is {value}, expected between {low} and {high}.")
        if meta.get("where") and value != field.default and now(meta["where"][0]) != meta["where"][1]:
            other, wanted = meta["where"]
            read = [f.name for f in dataclasses.fields(settings) if f.metadata.get("where") == (other, now(other))]
            instead = f"set {' and '.join(read)} instead, or " if read else "set "
            raise SettingsError(
                f"{field.name} is {value} with {other} {now(other)}, which does not read it, expected {field.default}; "
                f"{instead}{other} to {wanted}."
            )


def settings_from(kind: type, values: Mapping[str, Any], where: str) -> Any:
    """Build `kind` from a JSON object or from text (`--set`), converting text to the field's type.

    Raises:
        SettingsError: an unknown field, or a value that is not of the field's type.
    """
    types = typing.get_type_hints(kind)
    known = {field.name for field in dataclasses.fields(kind)}
    for name in values:
        if name not in known:
            raise SettingsError(f"{where} has no setting {name!r}; it has {_listed(name, known)}.")
    return kind(**{name: _convert(value, types[name], f"{where}.{name}") for name, value in values.items()})


def _listed(name: str, known: set[str]) -> str:
    """All settings by name; of many, those that are spelled most like the one that is not there."""
    if len(known) <= _MOST_LISTED:
        return ", ".join(sorted(known)) or "none"
    near = sorted(sorted(known), key=lambda other: -SequenceMatcher(None, name, other).ratio())[: _MOST_LISTED // 2]
    return f"{', '.join(sorted(near))} and {len(known) - len(near)} more"


def _convert(value: Any, kind: type, where: str) -> Any:
    if kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    wrong = (isinstance(value, bool) and kind is not bool) or (kind is bool and not isinstance(value, bool))
    if not wrong and kind in (int, float, str):
        try:
            converted = kind(value)
        except (TypeError, ValueError):
            wrong = True
        else:
            wrong = kind is int and isinstance(value, float) and value != converted
            value = converted
    if wrong:
        raise SettingsError(f"{where} is {value!r}, expected {kind.__name__}.")
    return value
