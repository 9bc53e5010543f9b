"""Samples labelled by lists beside them, or parted by lists into train, val and test."""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable, printable_path
from xmodal_core.data.readers.files.doubts import FOLDER, to_drop
from xmodal_core.data.readers.files.file_index import FileIndex
from xmodal_core.data.readers.files.labels import (
    ListedLabels,
    find_label,
    group_column,
    several_in_cells,
    split_column,
    split_values,
    typed,
    warn_of_rival,
)
from xmodal_core.data.readers.files.layout import FILE_NAME, NO_FILES, folder_classes, n_in_class_folders
from xmodal_core.data.readers.files.lists import NamedFiles, decode_list, name_files, parse_columns
from xmodal_core.data.readers.files.splits import role_of
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Part
from xmodal_core.errors import DataError

MAX_LIST_BYTES = 64 * 2**20
_EXAMPLES = re.compile(r"submission|example|sample_sub", re.I)  # lists of made-up answers
_MAY_MATTER = re.compile(r"label|meta|annot|class|train|target|index", re.I)


def named_files(tree: Tree, lists: Sequence[Entry], files: Sequence[Entry]) -> list[NamedFiles]:
    """The lists that name files of the tree.

    Raises:
        DataError: one that is far too large to be a list.
    """
    named, index = [], FileIndex(files)
    for entry in lists:
        if entry.size > MAX_LIST_BYTES:
            raise DataError(
                f"{tree.upload.name}: {printable_path(entry.path)} has {entry.size / 2**20:,.0f} MiB, expected a list "
                f"of files and labels of at most {MAX_LIST_BYTES // 2**20}; bring a table by itself."
            )
        text, guessed = decode_list(tree.read(entry), tree.upload.reading.encoding)
        found = name_files(entry, parse_columns(text, entry.path.suffix.lower()), index, len(files), guessed)
        if found is not None and not _EXAMPLES.search(entry.path.stem):
            named.append(found)
    return named


def by_lists(
    draft: Draft, named: Sequence[NamedFiles], files: Sequence[Entry], has_masks: bool = False
) -> tuple[list[Entry], np.ndarray] | None:
    """Files that a list labels and their labels (r,) or (r, k); None where no list does.

    The draft gets class names, splits and groups that lists say; lists that only name files part them. Where folders or
    masks may say labels, a list has to call a column so.

    Raises:
        DataError: the label column that the person says is in no list.
    """
    said = draft.reading.label
    if draft.reading.level is not None or said == FILE_NAME or (said or "").startswith(FOLDER):
        part_by_lists(draft, named, len(files))
        return None
    together = [_joined(group) for group in _alike(named)]
    labelled = [(one, label) for one in together if (label := find_label(one.columns, said)) is not None]
    if said is None and (
        has_masks or n_in_class_folders(files) > len(files) / 2
    ):  # what may be anything does not beat folders
        others = labelled
        labelled = [(one, label) for one, label in labelled if label.is_called_so and 2 * len(one.rows) > len(files)]
        if has_masks and not labelled:
            _doubt_masks(draft, others, len(files))
    if not labelled:
        if said is not None:
            columns = sorted({name for one in named for name in one.columns})
            raise DataError(
                f"{draft.name}: no list of files has a column {printable(said)!r}, expected one of "
                f"{', '.join(printable(name, 40) for name in columns[:8]) or 'folder 1, folder 2'}; correct label."
            )
        if not has_masks:
            _check_plain(draft, together, files)
        part_by_lists(draft, named, len(files))
        return None
    found, label = max(labelled, key=lambda one: len(set(one[0].rows)))
    return _labelled(draft, found, label, [one for one in named if one.columns.keys() == found.columns.keys()], files)


def _doubt_masks(draft: Draft, lists: Sequence[tuple[NamedFiles, ListedLabels]], n: int) -> None:
    """Doubt masks as labels where a list of most files has a column that could be the label, too."""
    found = next(((one, label) for one, label in lists if 2 * len(set(one.rows)) > n), None)
    if found is not None:
        draft.warn(
            "label-guessed",
            f"masks were taken for the labels, and {printable(found[1].name)!r} of {printable(found[0].name)} could be "
            "it, too",
            "say which is (label=NAME)",
            Reading(label=found[1].name),
        )


def _check_plain(draft: Draft, lists: Sequence[NamedFiles], files: Sequence[Entry]) -> None:
    """Refuse a list of which any column could be the label, where nothing else says it."""
    many = next((one for one in lists if len(one.columns) > 1 and 2 * len(set(one.rows)) > len(files)), None)
    if many is not None and not n_in_class_folders(files):
        raise DataError(
            f"{draft.name}: {printable(many.name)} names the files, and which of its columns is the label is not plain "
            f"({', '.join(printable(name, 40) for name in list(many.columns)[:8])}), expected one called label; say "
            f"which, for instance --read label={printable(next(iter(many.columns)), 40)}."
        )


def tell_of_unused(draft: Draft, lists: Sequence[Entry], used: Sequence[NamedFiles], by_list: bool) -> None:
    """Leave out lists that name no files, and warn where their name says that they may matter."""
    of_use = {id(one.entry) for one in used}
    unused = [one for one in lists if id(one) not in of_use]
    draft.leave_out("files", [printable_path(one.path) for one in unused], NO_FILES)
    matter = [one for one in unused if one.path.suffix.lower() != ".txt" and _MAY_MATTER.search(one.path.stem)]
    if matter and not by_list and draft.reading.level is None:
        draft.warn(
            "part-unused",
            f"{printable_path(matter[0].path)} may say something about the files, but names too few of them",
            "give it a column with their names, or confirm the class folders",
            Reading(level=1),
        )


def _alike(named: Sequence[NamedFiles]) -> list[list[NamedFiles]]:
    groups: dict[tuple[str, ...], list[NamedFiles]] = defaultdict(list)
    for one in named:
        groups[tuple(sorted(one.columns))].append(one)
    return list(groups.values())


def _joined(group: Sequence[NamedFiles]) -> NamedFiles:
    """Lists of the same columns as one."""
    first = group[0]
    columns = {name: [word for one in group for word in one.columns[name]] for name in first.columns}
    rows = [row for one in group for row in one.rows]
    n_lost, encoding = sum(one.n_lost for one in group), next((one.encoding for one in group if one.encoding), "")
    return NamedFiles(first.entry, first.file_column, columns, rows, n_lost, encoding)


def _labelled(
    draft: Draft, found: NamedFiles, label: ListedLabels, lists: Sequence[NamedFiles], files: Sequence[Entry]
) -> tuple[list[Entry], np.ndarray]:
    rows, first = np.unique(found.rows, return_index=True)  # in the order of files; the first line of each
    kept, listed = [files[row] for row in rows], set(rows.tolist())
    label = several_in_cells(draft, label)
    labels: np.ndarray = label.values[first]
    draft.label, draft.class_names = label.name, label.class_names
    draft.label_reason = f"column {printable(label.name)} of {printable(found.name)} says it"
    for name, words in found.columns.items():
        role = "label" if name in label.name.split("+") else "left out"
        draft.parts.append(Part(printable(name), f"{len(set(words)):,} different words", role))
    warn_of_rival(draft, label, found.name)
    if found.encoding and any(not name.isascii() for name in np.unique(labels).astype(str).tolist()):
        draft.warn(
            "encoding-guessed",
            f"{printable(found.name)} does not say its encoding and was read as {found.encoding}",
            "say the encoding, this one or another",
            Reading(encoding=found.encoding),
        )
    _tell_unlisted(draft, found, [one for at, one in enumerate(files) if at not in listed], kept)
    if len(found.rows) > len(rows):
        draft.warn(
            "part-unused",
            f"{len(found.rows) - len(rows):,} lines of {printable(found.name)} name a file again; the first was taken",
            "keep one line a file",
        )
    _warn_of_folders(draft, found, kept, labels)
    _split_by_columns(draft, found, lists, first)
    _group_by_column(draft, found, first)
    if draft.reading.time is not None:
        draft.times, draft.time = _said_column(draft, found, "time")[first], draft.reading.time
    return kept, labels


def _tell_unlisted(draft: Draft, found: NamedFiles, left: Sequence[Entry], kept: Sequence[Entry]) -> None:
    if found.n_lost:
        draft.leave_out("rows", [f"{found.n_lost:,} of {printable(found.name)}"], "they name no file that is here")
        draft.warn(
            "part-unused",
            f"{found.n_lost:,} lines of {printable(found.name)} name no file that is here",
            "add these files if they are missing",
        )
    if left:
        draft.leave_out("files", [printable_path(one.path) for one in left], "no list labels them")
        draft.warn(
            "files-left-out",
            f"{len(left):,} files are not named in {printable(found.name)} and were left out",
            "leave them out, or add them to the list",
            to_drop(left, kept),
        )


def _warn_of_folders(draft: Draft, found: NamedFiles, kept: Sequence[Entry], labels: np.ndarray) -> None:
    """Doubt where folders could be classes and part files otherwise than the list does."""
    classes = folder_classes(kept) if draft.reading.label is None else None
    if classes is None or labels.ndim > 1:
        return
    pairs = {(one, two) for one, two in zip(classes, labels.tolist(), strict=True)}
    if len(pairs) > max(len(set(classes)), len(np.unique(labels))):
        draft.warn(
            "label-guessed",
            f"labels are from {printable(found.name)}, and its files lie in folders that part them otherwise "
            f"({', '.join(printable(one, 40) for one in sorted(set(classes))[:4])})",
            "say label=folder 1 if the folders are the classes",
            Reading(label=FOLDER + "1"),
        )


def _said_column(draft: Draft, found: NamedFiles, field: str) -> np.ndarray:
    """Numbers or words of the column that the person names for a field of the reading."""
    said = getattr(draft.reading, field)
    if said not in found.columns:
        raise DataError(
            f"{draft.name}: {printable(found.name)} has no column {printable(said)!r}, expected one of "
            f"{', '.join(printable(one, 40) for one in found.columns)}; correct {field}."
        )
    return typed(found.columns[said])


def _split_by_columns(draft: Draft, found: NamedFiles, lists: Sequence[NamedFiles], first: np.ndarray) -> None:
    said = draft.reading.split
    if said == "none" or (said or "").startswith(FOLDER):
        return
    if said is not None:
        values: np.ndarray | None = _said_column(draft, found, "split")
        name: str | None = said
    else:
        name = split_column(list(found.columns))
        values = split_values(name, found.columns[name]) if name is not None else None
    if values is not None:
        draft.splits, draft.split_reason = (
            values[first],
            f"from column {printable(name or '')} of {printable(found.name)}",
        )
        return
    roles = [role_of(one.entry.path.stem) or role_of(str(one.entry.path.parent)) for one in lists]
    if None not in roles and len(set(roles)) > 1:
        by_line = np.array([role for role, one in zip(roles, lists, strict=True) for _ in one.rows], np.str_)
        draft.splits = by_line[first]
        draft.split_reason = "from lists called " + ", ".join(printable(one.name) for one in lists)


def _group_by_column(draft: Draft, found: NamedFiles, first: np.ndarray) -> None:
    said = draft.reading.group
    if said is not None:
        if not said.startswith(FOLDER):
            draft.groups, draft.group = _said_column(draft, found, "group")[first], said
        return
    name = group_column(found.columns)
    if name is not None and name not in draft.label.split("+"):
        draft.warn(
            "possible-group",
            f"column {printable(name)!r} of {printable(found.name)} names {len(set(found.columns[name])):,} groups, "
            "and rows of one may train and test",
            "keep them in one split",
            Reading(group=name),
        )


def part_by_lists(draft: Draft, named: Sequence[NamedFiles], n: int) -> None:
    """Splits of lists such as train.txt and test.txt; what only lists of val and test do not name trains."""
    roles = {role: one for one in named if (role := role_of(one.entry.path.stem)) is not None}
    if ("test" not in roles and not {"train", "val"} <= roles.keys()) or draft.reading.split == "none":
        return
    splits = np.full(n, "train", dtype="<U5")
    for role in ("train", "val", "test"):
        if role in roles:
            splits[roles[role].rows] = role
    draft.splits = splits
    draft.split_reason = "from lists called " + ", ".join(printable(one.name) for one in roles.values())
