"""Names of columns and rows on their way into a table and into a sentence."""

from collections.abc import Sequence

from xmodal_core.data.printable import printable
from xmodal_core.data.understanding import LeftOut

_NAMED = 3  # names that a sentence has room for


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names that differ, and clauses for those that did not; a column without one is called by its place."""
    taken: set[str] = set()
    unique, doubled = [], []
    for index, raw in enumerate(names):
        name = printable(raw.lstrip("\ufeff").strip(), 200) or f"column {index + 1}"
        one, n = name, 1
        while one in taken or (one != name and one in names):
            n += 1
            one = f"{name} ({n})"
        taken.add(one)
        unique.append(one)
        doubled += [name] if one != name else []
    said = [f"numbered the columns that are called {few(list(dict.fromkeys(doubled)))} alike"] if doubled else []
    return unique, said


def sum_up(left_out: list[LeftOut], what: str, names: Sequence[str], why: str) -> None:
    """Say that something was left out, where there is something."""
    if names:
        left_out.append(LeftOut(what, len(names), tuple(names[:5]), why))


def few(names: list[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(repr(name) for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
