"""Frozen dataclasses that are JSON objects: written field by field, read back with the type of every field checked."""

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field
from functools import cache
from typing import Any, ClassVar, Self

from xmodal_core.errors import RunError

_IN_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def parse_json(text: str | bytes, **how: Any) -> Any:
    """What a JSON text says, as `json.loads`; for a text of strangers.

    Raises:
        JSONDecodeError: it is no JSON, or nested more deeply than can be read.
        UnicodeDecodeError: the bytes are no text.
    """
    try:
        return json.loads(text, **how)
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deeply", "", 0) from error


class JsonValue:
    """Base of frozen dataclasses that are one JSON object: the fields are its keys, in their order.

    A field is text, a number, true or false, another `JsonValue`, a tuple, list or mapping of such, one of these or
    None, or `Any` for what is plain JSON already. While a field whose default is None is None, its key is left out: not
    every task or reader has it. A field without a default is always there, None included.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object, read back by `from_json`."""
        read = ((field, getattr(self, name)) for name, field in self.__dataclass_fields__.items())
        return {f.name: _plain(value) for f, value in read if value is not None or f.default is not None}

    @classmethod
    def from_json(cls, values: Any, where: str = "the JSON") -> Self:
        """The value that `to_json` wrote; keys that it does not have are passed over.

        Args:
            values: a JSON object.
            where: what it was read from, for the sentence that refuses it.

        Raises:
            RunError: it is no object, or a field is missing or of another type.
        """
        if not isinstance(values, Mapping):
            raise _refused(where, values, "an object")
        found = {}
        for name, kind in cls._kinds().items():
            if name in values:
                found[name] = _read(kind, values[name], f"{name} of {where}")
            elif (field := cls.__dataclass_fields__[name]).default is field.default_factory is MISSING:
                raise RunError(f"{where} has no {name}, expected {_in_words(kind)}; make it anew.")
        return cls(**found)

    @classmethod
    @cache
    def _kinds(cls) -> Mapping[str, object]:
        """Types of the fields, in order."""
        kinds = typing.get_type_hints(cls)
        return {name: kinds[name] for name in cls.__dataclass_fields__}


def _read(kind: Any, value: Any, where: str) -> Any:
    """A JSON value as a field of this kind holds it."""
    if kind is Any or _fits(kind, value):
        return value
    outer, inner = typing.get_origin(kind), typing.get_args(kind)
    if outer is types.UnionType:  # one kind, or None
        return None if value is None else _read(inner[0], value, where)
    if outer is tuple and isinstance(value, list | tuple):
        kinds = inner[:1] * len(value) if inner[-1] is ... else inner
        if len(kinds) == len(value):
            pairs = enumerate(zip(kinds, value, strict=True), start=1)
            return tuple(_read(own, item, f"entry {i} of {where}") for i, (own, item) in pairs)
    if outer is list and isinstance(value, list):
        return [_read(inner[0], item, f"entry {i} of {where}") for i, item in enumerate(value, start=1)]
    if outer in (dict, Mapping) and isinstance(value, Mapping):
        return {key: _read(inner[1], item, f"{key} of {where}") for key, item in value.items()}
    if outer is None and issubclass(kind, JsonValue):
        return kind.from_json(value, where)
    raise _refused(where, value, _in_words(kind))


def _fits(kind: Any, value: Any) -> bool:
    """Whether a value is of a plain type; a number without a fraction may have been written as a whole one."""
    found = type(value)
    return (found is kind and kind in _IN_WORDS) or (kind is float and found is int)


def _plain(value: Any) -> Any:
    if isinstance(value, JsonValue):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _in_words(kind: Any) -> str:
    outer, inner = typing.get_origin(kind), typing.get_args(kind)
    if outer is types.UnionType:
        return f"{_in_words(inner[0])} or null"
    if outer in (tuple, list):
        return "a list" if outer is list or inner[-1] is ... else f"a list of {len(inner)}"
    return _IN_WORDS.get(kind, "an object")


def _refused(where: str, value: Any, expected: str) -> RunError:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"a {type(value).__name__}"
    return RunError(f"{where} is {shown}, expected {expected}; make it anew.")
