"""A settings dataclass -> widgets, from the metadata that `settings.setting` gave its fields."""

import dataclasses
import math
import typing
from typing import Any

import streamlit as st

_FEW, _SHORT = 3, 10  # choices that are all seen at a glance


def edit(settings_type: type, key: str, only: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Widgets for the fields of a settings type.

    Args:
        settings_type: frozen dataclass whose fields were made by `settings.setting`.
        key: prefix of the widget keys.
        only: names of the fields to show, in this order; all when None.

    Returns:
        Field name -> value, for the fields shown; one that is read only beside another choice is shown beside it.
    """
    fields = {field.name: field for field in dataclasses.fields(settings_type) if field.init}
    types = typing.get_type_hints(settings_type)
    shown = fields if only is None else only
    read = [name for name in shown if _is_read(fields[name], fields, key)]
    return {name: _widget(fields[name], types[name], f"{key}-{name}") for name in read}


def _is_read(field: dataclasses.Field[Any], fields: dict[str, dataclasses.Field[Any]], key: str) -> bool:
    """Whether a setting means something beside what is chosen now: see `where` of `setting`."""
    if not field.metadata.get("where"):
        return True
    other, value = field.metadata["where"]
    return bool(st.session_state.get(f"{key}-{other}", fields[other].default) == value)


def names(settings_type: type) -> tuple[str, ...]:
    """Names of the fields that a form can show, in their order."""
    return tuple(field.name for field in dataclasses.fields(settings_type) if field.init)


def _widget(field: dataclasses.Field[Any], kind: Any, key: str) -> Any:
    meta, label = field.metadata, label_of(field)
    value: Any = field.default
    about = meta.get("help") or None
    if meta.get("choices"):
        choices = list(meta["choices"])
        if len(choices) <= _FEW and all(len(choice) <= _SHORT for choice in choices):
            return st.radio(label, choices, index=choices.index(value), key=key, help=about, horizontal=True)
        return st.selectbox(label, choices, index=choices.index(value), key=key, help=about)
    if kind is bool:
        return st.checkbox(label, value=value, key=key, help=about)
    if kind is int:
        least, most = (None if meta.get(end) is None else int(meta[end]) for end in ("min", "max"))
        ends: Any = {"min_value": least, "max_value": most}  # Streamlit's types know no whole number without an end
        return st.number_input(label, **ends, value=value, step=1, key=key, help=about)
    if kind is float:
        low, high = (None if meta.get(end) is None else float(meta[end]) for end in ("min", "max"))
        return st.number_input(
            label,
            min_value=low,
            max_value=high,
            value=float(value),
            step=_step(value),
            format="%g",
            key=key,
            help=about,
        )
    if kind is str:
        return st.text_input(label, value=value, key=key, help=about)
    raise TypeError(f"{field.name}: no widget for {kind}")


def label_of(field: dataclasses.Field[Any]) -> str:
    """What a field is called on screen, with its unit."""
    label = field.name.replace("_", " ").capitalize()
    return f"{label} ({field.metadata['unit']})" if field.metadata.get("unit") else label


def _step(value: float) -> float:
    """One digit below the first digit of the default, so that 0.0005 moves by 0.00001."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
