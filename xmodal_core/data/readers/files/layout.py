"""From a tree to labels, splits and groups of its files: by a list where one names them, else by their folders."""

import fnmatch
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable, printable_path
from xmodal_core.data.readers.files.doubts import (
    FOLDER,
    few,
    tell_levels,
    tell_unlabelled,
    warn_of_background,
    warn_of_names,
)
from xmodal_core.data.readers.files.labels import typed
from xmodal_core.data.readers.files.levels import Levels, find_levels, is_shard, is_subject
from xmodal_core.data.readers.files.splits import Folders, role_of, split_folders
from xmodal_core.data.readers.files.tree import Entry
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task
from xmodal_core.data.understanding import Part
from xmodal_core.errors import DataError

NO_FILES = "they name none of the files"  # of lists
FILE_NAME = "file name"  # as a label: what files are called before their number
_NO_CLASS = re.compile(r"_.*|unlabell?ed|no[ _-]?labels?", re.I)  # as `_background_noise_` beside spoken words


def without_dropped(draft: Draft, entries: Sequence[Entry]) -> list[Entry]:
    """Entries that are not in a folder, or of a name or pattern, that the person leaves out.

    Raises:
        DataError: one that nothing has.
    """
    kept = list(entries)
    for pattern in draft.reading.drop or ():
        gone = {id(one) for one in kept if _matches(one.path, pattern)}
        if not gone and not any(_matches(one.path, pattern) for one in entries):
            raise DataError(
                f"{draft.name}: no folder or file is called {printable(pattern)!r}, expected one to leave out; check "
                "the spelling."
            )
        draft.leave_out("files", [printable_path(one.path) for one in kept if id(one) in gone], f"drop={pattern}")
        kept = [one for one in kept if id(one) not in gone]
    return kept


def _matches(path: PurePosixPath, pattern: str) -> bool:
    return any(one == pattern or fnmatch.fnmatchcase(one, pattern) for one in (*path.parts, str(path)))


def by_folders(draft: Draft, entries: Sequence[Entry], labels: np.ndarray | None = None) -> list[Entry]:
    """Files with a class, and in the draft their labels, splits, groups and what there is to say about them.

    Args:
        draft: gets labels, splits and groups; splits that it has stay.
        entries: samples.
        labels: where a list says them, by entry, so that folders only part and group.

    Raises:
        DataError: no folders, files without a split among others that have one, or a folder that is not there.
    """
    is_called = np.ones(len(entries), bool)
    if labels is None and draft.reading.label == FILE_NAME:
        labels = np.array(_file_classes(entries), np.str_)
        draft.label, draft.label_reason = FILE_NAME, "what a file is called before its number is its class, as said"
        is_called = labels != ""
        warn_of_names(draft, labels)
    paths = [one.path.parent.parts for one in entries]
    level = _said_level(draft) if labels is None else None
    splits = split_folders(paths) - _said_class(paths, level)
    roles = [next((role_of(name) for name in reversed(path) if name in splits), None) for path in paths]
    sorted_in = np.ones(len(entries), bool)
    if any(roles) and draft.splits is None and draft.reading.split != "none":
        sorted_in = np.array([role is not None for role in roles])
        _check_unsplit(draft, roles)
        draft.splits = np.array([role or "" for role in roles], np.str_)
        draft.split_reason = "from the folders " + few(sorted(splits))
    levels = find_levels([path for path, keep in zip(paths, sorted_in, strict=True) if keep], splits, level)
    classes = np.full(len(entries), "", np.dtype(f"<U{max(map(len, levels.classes), default=1) or 1}"))
    classes[sorted_in] = levels.classes
    if level is None:
        classes = _without_no_class(classes, np.array([role == "train" for role in roles]))
    if labels is None:
        _check_some_class(draft, entries, levels.classes)
    kept = sorted_in & is_called if labels is not None else sorted_in & (classes != "")
    tell_unlabelled(
        draft, *([one for one, is_in in zip(entries, kept, strict=True) if is_in == w] for w in (False, True))
    )
    draft.labels = classes if labels is None else labels
    draft.inputs = np.arange(len(entries))
    draft.keep(kept)
    _of_levels(draft, levels, kept[sorted_in], labels is None)
    if any(roles):
        given = Counter(role for role in roles if role)
        draft.parts.append(Part("split folders", few([f"{n:,} {role}" for role, n in given.items()]), "split"))
    _drop_useless_splits(draft)
    if draft.labels.dtype.kind == "U" and labels is None:  # a folder may be called "none", and is a class all the same
        draft.class_names, draft.labels = _coded(draft.labels)
    return [entries[at] for at in draft.inputs.tolist()]


def _coded(labels: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names of classes, and the number of its class for each file."""
    names, codes = np.unique(labels, return_inverse=True)
    return names.tolist(), codes.reshape(-1)


def _without_no_class(classes: np.ndarray, trains: np.ndarray) -> np.ndarray:
    """Classes (n,), "" for folders whose name says that they hold none, where others are left.

    Args:
        classes: (n,) names of folders.
        trains: (n,) bool, files in a folder to train on; what such a folder has is a class, even an unknown one.
    """
    known = set(classes[trains].tolist()) or {"unknown"}
    none = np.array(
        [bool(_NO_CLASS.fullmatch(name) or (name.lower() == "unknown" and name not in known)) for name in classes]
    )
    return np.where(none, "", classes) if len(set(classes[~none].tolist()) - {""}) > 1 else classes


def _of_levels(draft: Draft, levels: Levels, kept: np.ndarray, labelled: bool) -> None:
    """What levels say beyond the class: parts, groups and splits that the person names, doubts."""
    columns = {level: np.array(names, np.str_)[kept] for level, names in levels.columns.items()}
    tell_levels(draft, levels, columns, labelled)
    _group_by_folder(draft, levels.chosen, columns)
    if labelled and draft.reading.level is None:
        _doubt_subjects(draft, levels)
    if (level := _level_of(draft, draft.reading.split)) is not None:
        draft.splits, draft.split_reason = _column(draft, columns, level), f"from {FOLDER}{level}, as said"
    if labelled:
        warn_of_names(draft, draft.labels)
        draft.label_reason = "the folder that holds a file is its class"
        if levels.chosen > 1:
            draft.label_reason = f"the folder {levels.chosen} above a file is its class"
        _check_columns_said(draft)
        warn_of_background(draft)
        if draft.reading.task not in (None, Task.CLASSIFICATION):
            draft.labels = _numbers(draft)


def _doubt_subjects(draft: Draft, levels: Levels) -> None:
    """Doubt classes that are called like subjects, of whom something else may be asked."""
    names = sorted(set(draft.labels.tolist()))
    if not levels.runner_up and all(map(is_subject, names)):
        draft.warn(
            "label-guessed",
            f"the class folders look like subjects ({few(names)}), and what is asked may be in the names of files",
            "confirm that the subject is to be told, or add a labels.csv with a file and a label column",
            Reading(level=levels.chosen),
        )


def _numbers(draft: Draft) -> np.ndarray:
    """Names of folders as numbers, for a task that is not about classes."""
    numbers = typed(draft.labels.tolist())
    if draft.reading.task != Task.REGRESSION or numbers.dtype.kind == "U":
        raise DataError(
            f"{draft.name}: files in a folder per class are read for classification, not {draft.reading.task}; choose "
            "classification, add a list with a column of numbers, or save arrays with np.savez."
        )
    return numbers


def _check_columns_said(draft: Draft) -> None:
    """Refuse columns where no list is read that has any."""
    for field in ("split", "group", "time"):
        said = getattr(draft.reading, field)
        if said is not None and said != "none" and not said.startswith(FOLDER):
            raise DataError(
                f"{draft.name}: {field} is {printable(said)!r}, but no list labels these files, expected a folder "
                "such as 'folder 2' or nothing; leave it out."
            )


def n_in_class_folders(entries: Sequence[Entry]) -> int:
    """Files that lie in folders that could be classes."""
    paths = [one.path.parent.parts for one in entries]
    names = [name for name in find_levels(paths, split_folders(paths)).classes if name]
    return len(names) if len(set(names)) > 1 and not is_shard(set(names)) else 0


def folder_classes(entries: Sequence[Entry]) -> list[str] | None:
    """Classes by folder where folders could be classes, for a list that says something else; None where not."""
    paths = [one.path.parent.parts for one in entries]
    found = find_levels(paths, split_folders(paths))
    names = set(found.classes) - {""}
    return found.classes if len(names) > 1 and not is_shard(names) and "" not in found.classes else None


def _said_level(draft: Draft) -> int | None:
    level = _level_of(draft, draft.reading.label)
    return draft.reading.level if level is None else level


def _level_of(draft: Draft, name: str | None) -> int | None:
    """The level that a part such as "folder 2" names."""
    if name is None or not name.startswith(FOLDER):
        return None
    if not name.removeprefix(FOLDER).isdecimal() or (level := int(name.removeprefix(FOLDER))) < 1:
        raise DataError(f"{draft.name}: found no {printable(name)!r}, expected folder 1 for the one around a file.")
    return level


def _said_class(paths: Sequence[Folders], level: int | None) -> set[str]:
    return set() if level is None else {path[-level] for path in paths if len(path) >= level}


def _check_some_class(draft: Draft, entries: Sequence[Entry], classes: Sequence[str]) -> None:
    """Refuse files whose folders say no class; what else may say it is named."""
    found = set(classes) - {""}
    named = sorted(set(_file_classes(entries)) - {""})
    if len(found) < 2 <= len(named) <= len(entries) / 2:
        raise DataError(
            f"{draft.name}: no folder and no list says the class of a file, but names begin with {few(named)}, "
            f"expected one folder per class; if that is the class use --read 'label={FILE_NAME}'."
        )
    if not found:
        path = entries[0].path
        where = f"directly in {printable(path.parent.name)!r}" if path.parent.name else "in no folder"
        raise DataError(
            f"{draft.name}: the file {printable(path.name)!r} lies {where}, expected one folder per class, such as "
            "cat/1.png or train/cat/1.png, or a labels.csv with a file and a label column; sort the files or add the "
            f"list{_unused(draft)}."
        )
    if len(found) == 1:
        raise DataError(
            f"{draft.name}: found 1 class, the folder {printable(min(found), 40)!r} that all files lie in, expected at "
            "least 2 such as cat/1.png and dog/1.png, or a labels.csv with a file and a label column; sort the files "
            f"or add the list{_unused(draft)}."
        )


def _unused(draft: Draft) -> str:
    """A clause about lists that could not be used."""
    names = [name for one in draft.left_out if one.why == NO_FILES for name in one.names]
    return f", for {names[0]} names too few of the files, or has no plain table" if names else ""


def _file_classes(entries: Sequence[Entry]) -> list[str]:
    """What each file is called before its number: cat of cat.12.jpg, Abyssinian of Abyssinian_3.jpg."""
    return [re.sub(r"[\W\d_]+$", "", one.path.stem) for one in entries]


def _check_unsplit(draft: Draft, roles: Sequence[str | None]) -> None:
    n_without = roles.count(None)
    if 2 * n_without >= len(roles):
        raise DataError(
            f"{draft.name}: {n_without:,} of {len(roles):,} files lie in no train, val or test folder while others do; "
            "put all of them in such folders or none."
        )


def _group_by_folder(draft: Draft, chosen: int, columns: dict[int, np.ndarray]) -> None:
    """Groups that the person names, such as "folder 2"; a doubt where a level looks like subjects."""
    level = _level_of(draft, draft.reading.group)
    if level is not None:
        draft.groups, draft.group = _column(draft, columns, level), f"{FOLDER}{level}"
        return
    for level, names in columns.items():
        different = sorted(set(names.tolist()))
        if level != chosen and draft.groups is None and all(map(is_subject, different)):
            draft.warn(
                "possible-group",
                f"folder {level} looks like what files belong together by ({few(different)}), and rows of one may "
                "train and test",
                "keep them in one split",
                Reading(group=f"{FOLDER}{level}"),
            )
            return


def _column(draft: Draft, columns: dict[int, np.ndarray], level: int) -> np.ndarray:
    if level not in columns:
        raise DataError(
            f"{draft.name}: folder {level} does not tell files apart, expected one of "
            f"{', '.join(f'{FOLDER}{one}' for one in columns) or 'none here'}; choose another one."
        )
    return columns[level]


def _drop_useless_splits(draft: Draft) -> None:
    """Split here where only training files have labels; where none test, those to validate do, as is usual."""
    if draft.splits is None or draft.splits.dtype.kind != "U":
        return
    roles = np.array([role_of(name) or name for name in draft.splits.tolist()], np.str_)
    if set(roles.tolist()) == {"train", "val"}:
        draft.splits = np.where(roles == "val", "test", roles)
        draft.split_reason += ", where those to validate test because there are no others"
    if set(draft.splits.tolist()) == {"train"}:
        draft.splits, draft.split_reason = None, ""
        draft.changed.append("split here because only training files have a label")
