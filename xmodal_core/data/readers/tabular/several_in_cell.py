"""Several labels in a cell: what is between them, and a column of 0 and 1 for each."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task

_LIST = re.compile(r"\[[^\[\]{}]*\]")  # as JSON and Python write one
_MARKS = ("|", ";", ",")  # between several labels of a cell
_BLANK = " "  # the same, of what is called tags
_MANY_CELLS = 12  # different ones, from which words that come back are no accident
_TAGS = re.compile(r"(.*[ _-])?(hash_?)?(tags?|keywords?)", re.I)
_MANY_NAMES = re.compile(rf"{_TAGS.pattern}|(.*[ _-])?(genres?|topics|labels|attributes|categories)", re.I)
_BRACKETS = ("[]", "{}", "()")  # around a list as Python writes it


def mark_between(often: Mapping[str, int], is_said: bool, name: str) -> str | None:
    """What separates several labels of a cell, told from different cells; None where a cell is one label.

    Blanks do where the column is called tags, or where many cells would be a class of a single row.

    Args:
        often: different cells, and how often each occurs.
        is_said: that they hold several.
        name: of the column.
    """
    cells = [*often]
    if all(_LIST.fullmatch(cell) for cell in cells):
        return ","
    for mark in _MARKS:
        marked = sum(mark in cell for cell in cells)
        if not marked:
            continue
        occurs: dict[str, int] = {}
        for cell in cells:
            for atom in _atoms(cell, mark):
                occurs[atom] = occurs.get(atom, 0) + 1
        again = sum(n > 1 for n in occurs.values())
        if is_said or (len(occurs) <= len(cells) and 2 * again >= len(occurs) > 1):
            return mark
    if is_said:
        return _BLANK if any(len(cell.split()) > 1 for cell in cells) else None
    n_single = sum(n == 1 for n in often.values())
    alike = _MANY_NAMES.fullmatch(name) or (4 * n_single >= len(cells) >= _MANY_CELLS)
    return _BLANK if alike and _are_tags(cells) else None


def doubt_blanks(draft: Draft, cells: Sequence[str], name: str) -> None:
    """Doubt classes whose names are few words in many orders and numbers, or tags: each word may be a label."""
    by_name = _TAGS.fullmatch(name) is not None and any(len(cell.split()) > 1 for cell in cells)
    if draft.reading.task is None and (by_name or (len(cells) >= _MANY_CELLS and _are_tags(cells))):
        words = {word for cell in cells for word in cell.split()}
        draft.warn(
            "task-guessed",
            f"{len(cells):,} different cells of column {printable(name)!r} such as "
            f"{printable(max(cells, key=len), 40)!r} are made of {len(words):,} words, which may be a label "
            "each; every cell was read as one class",
            "read the words as several labels if so, or confirm that a cell is one class (task=classification)",
            Reading(task=str(Task.MULTILABEL)),
        )


def _are_tags(cells: Sequence[str]) -> bool:
    """Whether cells are made of fewer words than there are cells, in numbers that vary and most of them in several."""
    several = [cell.split() for cell in cells]
    often = Counter(word for one in several for word in set(one))
    again = sum(n > 1 for n in often.values())
    varied = len({len(one) for one in several}) > 1 and all(len(set(one)) == len(one) for one in several)
    return varied and len(often) <= len(cells) and 4 * again >= 3 * len(often) > 3


def _atoms(cell: str, mark: str) -> list[str]:
    cell = cell.strip()
    if cell[:1] + cell[-1:] in _BRACKETS:
        cell = cell[1:-1]
        return list(dict.fromkeys(filter(None, (part.strip(" '\"") for part in cell.split(mark)))))
    return list(dict.fromkeys(filter(None, (part.strip() for part in cell.split(mark)))))


def one_column_each(words: Sequence[str] | np.ndarray, mark: str) -> tuple[np.ndarray, list[str]]:
    """Labels of cells (n,) with a mark between them as 0 and 1 (n, K), NaN in rows of empty cells, and their names."""
    cells, codes = np.unique(words, return_inverse=True)
    atoms = [_atoms(str(cell), mark) for cell in cells]
    known = sorted({atom for cell in atoms for atom in cell})
    table = np.array([[float(name in cell) if cell else np.nan for name in known] for cell in atoms])  # (cells, K)
    return table[codes.reshape(-1)], known


def say_several(draft: Draft, where: str, words: Sequence[str] | np.ndarray, mark: str, n_labels: int) -> None:
    """The task of such cells and why; a doubt where the mark may belong to a name."""
    draft.task = Task.MULTILABEL
    shown = "blanks" if mark == _BLANK else mark
    draft.task_reason = f"cells hold several labels with {shown} between them"
    if mark != "|" and draft.reading.task is None:
        draft.warn(
            "task-guessed",
            f"{where} such as {printable(max(map(str, words), key=len), 40)!r} were read as several labels with "
            f"{shown} between them ({n_labels:,} labels)",
            "say so, or that each cell is one class (task=classification)",
            Reading(task="multilabel"),
        )
