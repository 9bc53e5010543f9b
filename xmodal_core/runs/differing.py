"""In what runs differ: of everything that was asked for, the settings that are not the same in all of them."""

from collections.abc import Mapping
from typing import Any

from xmodal_core.runs.plan import Plan

_SPOKEN_OF = ("schema", "settings", "budget", "model")  # the first is ours, the others are filled in
ABSENT = "–"  # a setting that a method does not have


def configuration(asked: Mapping[str, Any], plan: Plan) -> dict[str, str]:
    """Everything that a run was asked for, defaults filled in: names with a dot within what is nested.

    Args:
        asked: the specification as plain values.
        plan: the same with every default.
    """
    kept: dict[str, Any] = {name: value for name, value in asked.items() if name not in _SPOKEN_OF}
    return dict(_flat({**kept, "settings": plan.settings, "steps": dict(plan.stages), "model": plan.model}, ""))


def differing(named: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Columns of a table with a row a setting that differs, in the order in which settings come.

    Args:
        named: configurations by what they are called.
    """
    names = list(dict.fromkeys(key for own in named.values() for key in own))
    rows = [[own.get(key, ABSENT) for own in named.values()] for key in names]
    kept = [(key, row) for key, row in zip(names, rows, strict=True) if len(set(row)) > 1]
    columns = {"setting": [key for key, _ in kept]}
    return columns | {title: [row[i] for _, row in kept] for i, title in enumerate(named)}


def _flat(values: Mapping[str, Any], before: str) -> list[tuple[str, str]]:
    found = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{before}{name}.")
        elif value is not None:
            found.append((f"{before}{name}", str(value)))
    return found
