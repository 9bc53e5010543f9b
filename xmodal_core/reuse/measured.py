"""Values that are kept as JSON: their fields are the keys, in this order, and their annotations what is read back."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints


class Measured:
    """Base of dataclasses that JSON can hold: numbers, texts, tuples and mappings of them, and other dataclasses.

    A field with a default is one that not every reader, or not every version, has measured: while it is None its key
    is left out. A field without a default is always there, None included.
    """

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object, read back by `from_json`."""
        return dict(_plain(self))

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Self:
        """The value that `to_json` wrote; keys that are no fields are passed over.

        Raises:
            ValueError: it is another object: a key is missing, or of another type.
        """
        return cls(**_arguments(cls, values))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        read = ((field, getattr(value, field.name)) for field in fields(value))
        return {f.name: _plain(item) for f, item in read if item is not None or f.default is MISSING}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _arguments(kind: type, value: object) -> dict[str, Any]:
    """What a dataclass is made with, from the JSON object of one."""
    if not isinstance(value, Mapping):
        raise ValueError(f"Found {value!r:.60}, expected the JSON object of a {kind.__name__}.")
    hints, found = get_type_hints(kind), {}
    for field in fields(kind):
        if field.name in value:
            found[field.name] = _read(hints[field.name], value[field.name])
        elif field.default is MISSING:
            raise ValueError(f"Found no {field.name!r}, expected it in a {kind.__name__}.")
    return found


def _read(kind: Any, value: object) -> Any:
    """A JSON value as an annotation says: a dataclass, X | None, a tuple, a mapping, a number or a text."""
    outer, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**_arguments(kind, value))
    if outer is UnionType:
        return None if value is None else _read(inner[0], value)
    if outer is tuple and isinstance(value, list | tuple):
        kinds = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(kinds) == len(value):
            return tuple(_read(own, item) for own, item in zip(kinds, value, strict=True))
    if outer is Mapping and isinstance(value, Mapping):
        return {str(key): _read(inner[1], item) for key, item in value.items()}
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, str) and isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise ValueError(f"Found {value!r:.60}, expected {kind}.")
