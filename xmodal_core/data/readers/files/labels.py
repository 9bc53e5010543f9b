"""The label column of a list of files, and the columns that say its split and its groups."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.files.levels import is_subject
from xmodal_core.data.readers.files.splits import role_of
from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.several_in_cell import (
    doubt_blanks,
    mark_between,
    one_column_each,
    say_several,
)
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task

# fmt: off
_LABELS = (  # names of label columns, letters alone; of several the first is taken
    "label", "labels", "class", "classes", "category", "target", "y", "diagnosis", "dx", "species", "breed",
    "emotion", "sentiment", "type", "classname", "labelname", "groundtruth", "expected", "answer", "finding",
    "findinglabels", "labelid", "classid", "categoryid", "tags", "tag", "age", "score", "rating",
)
_MEASURED = 3  # values from which a column of numbers may be a target
_BESIDE = ("age", "score", "rating")  # said of a thing as often as asked of it
# fmt: on
_GROUPS = re.compile(  # fewer than of a table: the site of a picture is more often a place of the body
    r"(patient|subject|participant|person|speaker|lesion|case|animal|study|group|user|client)s?(id)?", re.I
)
_WHOLE = re.compile(r"[-+]?(0|[1-9]\d{0,15})")
_MOST_CLASSES = 100
_BINARY = ({"0"}, {"1"}, {"0", "1"}, {"-1", "1"})  # the last as in lists of attributes of faces


@dataclass(frozen=True, eq=False)
class ListedLabels:
    """What a list says about its files.

    Attributes:
        name: of the label column or columns.
        values: (r,) words, whole numbers or numbers; or (r, k) of 0 and 1.
        class_names: of k columns.
        rival: another column that may be the label; "" for none.
        asks_number: that column holds numbers to predict.
        is_called_so: its name says that it is a label.
    """

    name: str
    values: np.ndarray
    class_names: tuple[str, ...] = ()
    rival: str = ""
    asks_number: bool = False
    is_called_so: bool = False


def find_label(columns: Mapping[str, Sequence[str]], said: str | None) -> ListedLabels | None:
    """The label of a list: the one that was said, one that is called so, one-hot columns, or the only column left.

    Args:
        columns: a word per row.
        said: name of the label column, where the person says it.
    """
    if said is not None:
        return ListedLabels(said, typed(columns[said])) if said in columns else None
    free = [name for name in columns if split_column([name]) is None and not _GROUPS.fullmatch(_bare(name))]
    ranks = {name: rank for name in free if (rank := _rank(name)) is not None and len(set(columns[name])) > 1}
    called = sorted(ranks, key=lambda name: ranks[name])
    if called:
        name, *others = called
        wordy = next((one for one in called if _same(columns[one], columns[name]) and _is_wordy(columns[one])), name)
        others = [one for one in others if _bare(one) not in _BESIDE]
        rival = next((one for one in others if not _same(columns[one], columns[name])), "")
        return ListedLabels(wordy, typed(columns[wordy]), rival=rival, is_called_so=True)
    if (many := _several(columns, free)) is not None:
        return many
    likely = [name for name in free if 2 <= len(set(columns[name])) <= min(_MOST_CLASSES, len(columns[name]) / 2)]
    likely = likely or (free if len(free) == 1 else [])
    if not likely:
        return None
    if len(likely) > 1:
        return ListedLabels(likely[0], typed(columns[likely[0]]), rival=likely[1])
    measured = next((name for name in free if name not in likely and _is_measured(columns[name])), "")
    return ListedLabels(likely[0], typed(columns[likely[0]]), rival=measured, asks_number=bool(measured))


def _rank(name: str) -> int | None:
    """How surely a column is called a label, 0 the surest: as of pictures, else as of a table; None where it is not."""
    if _bare(name) in _LABELS:
        return _LABELS.index(_bare(name))
    rank = names.label_rank(name, is_last=False)
    return len(_LABELS) + rank if rank is not None and rank < names.N_SURE else None


def split_column(columns: Sequence[str]) -> str | None:
    """The name of a column that says the split."""
    return next((name for name in columns if names.names_split(name) or names.names_one_split(name)), None)


def group_column(columns: Mapping[str, Sequence[str]]) -> str | None:
    """The name of a column whose rows belong together: one for a subject that occurs more than once."""
    for name, words in columns.items():
        named = _GROUPS.fullmatch(_bare(name)) or all(map(is_subject, set(words)))
        if named and 2 <= len(set(words)) < len(words):
            return name
    return None


def split_values(name: str, words: Sequence[str]) -> np.ndarray | None:
    """The column of a split as `parse_splits` takes it; None where it holds something else.

    Args:
        name: of the column; one called `is_train` or `is_valid` holds truth values.
        words: its cells.
    """
    if (role := names.names_one_split(name)) is not None:
        other = "test" if role == "train" else "train"
        return np.where(np.isin([word.lower() for word in words], ("1", "1.0", "true", "yes")), role, other)
    values = typed(words)
    if values.dtype.kind == "i":
        return values if 2 <= len(np.unique(values)) <= 20 else None
    return np.asarray(words, np.str_) if all(role_of(word) for word in set(words)) else None


def typed(words: Sequence[str]) -> np.ndarray:
    """A column as whole numbers where all are, numbers where all are or are missing, else words; "01" stays a word.

    Args:
        words: its cells, "" where missing.
    """
    if all(_WHOLE.fullmatch(word) for word in words):
        return np.array([int(word) for word in words], np.int64)
    if any(re.fullmatch(r"0\d+", word) for word in words):
        return np.array(words, np.str_)
    try:
        return np.array([float(word) if word else np.nan for word in words], np.float64)
    except ValueError:
        return np.array(words, np.str_)


def warn_of_rival(draft: Draft, found: ListedLabels, where: str) -> None:
    """Say that another column could be the label."""
    if found.rival and draft.reading.label is None:
        draft.warn(
            "label-guessed",
            f"column {printable(found.name)!r} of {printable(where)} was taken for the label, and "
            f"{printable(found.rival)!r} could be it, too",
            "say which one is",
            Reading(label=found.rival, task=str(Task.REGRESSION) if found.asks_number else None),
        )


def several_in_cells(draft: Draft, found: ListedLabels) -> ListedLabels:
    """Labels of which a cell has several with a mark between them (`Mass|Edema`): a column of 0 and 1 for each."""
    task = draft.reading.task
    if found.values.dtype.kind != "U" or found.values.ndim > 1 or task not in (None, Task.MULTILABEL):
        return found
    words = found.values.tolist()
    often = Counter(word for word in words if word)
    mark = mark_between(often, task == Task.MULTILABEL, found.name)
    if mark is None:
        doubt_blanks(draft, sorted(often), found.name)
        return found
    table, known = one_column_each(words, mark)
    say_several(draft, f"cells of column {printable(found.name)!r}", words, mark, len(known))
    return replace(found, values=table, class_names=tuple(known))


def _several(columns: Mapping[str, Sequence[str]], free: Sequence[str]) -> ListedLabels | None:
    """Columns of 0 and 1, two or more: a class each, or several labels a row."""
    binary = [name for name in free if {word.removesuffix(".0") for word in set(columns[name])} in _BINARY]
    if len(binary) < 2:
        return None
    table = np.array([[word[:1] == "1" for word in columns[name]] for name in binary], np.int64).T  # (r, k)
    if (table.sum(axis=1) == 1).all():
        return ListedLabels("+".join(binary), np.array(binary, np.str_)[table.argmax(axis=1)])
    return ListedLabels("+".join(binary), table, tuple(binary))


def _is_measured(words: Sequence[str]) -> bool:
    """Whether a column holds numbers of many values that do not count rows: what could be asked for, too."""
    values = typed(words)
    if values.dtype.kind not in "if" or len(np.unique(values)) < _MEASURED:
        return False
    return not (values.dtype.kind == "i" and (np.abs(np.diff(np.sort(values))) == 1).all())


def _bare(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _is_wordy(words: Sequence[str]) -> bool:
    return any(re.search(r"[^\W\d]", word) for word in words)


def _same(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two columns tell the same rows apart."""
    return len(set(zip(words, others, strict=True))) == len(set(words)) == len(set(others))
