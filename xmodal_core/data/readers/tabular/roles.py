"""From a `Table` to a `LabelledDataset`: which column is the label, which are features, and which are neither.

What a person said is obeyed; the rest is found by names first, by values second, and told.
"""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.letters import labels_by_letter
from xmodal_core.data.readers.tabular.class_words import set_labels
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.features import Encoded, encode_features, encode_said
from xmodal_core.data.readers.tabular.letter_labels import letter_targets
from xmodal_core.data.readers.tabular.names import names_files
from xmodal_core.data.readers.tabular.number_lists import find_number_list, numbers_of
from xmodal_core.data.readers.tabular.prose import Written, codes_of, find_written, texts_of
from xmodal_core.data.readers.tabular.repeated_units import tell_repeated_units
from xmodal_core.data.readers.tabular.side_columns import (
    NO_SPLIT,
    find_group,
    find_split,
    leave_out_names,
    said_aside,
    take_group,
    take_split,
    take_time,
    tell_possible_split,
)
from xmodal_core.data.readers.tabular.target_column import TargetColumns, find_targets, listed, said_targets
from xmodal_core.data.readers.tabular.wide import arranged, wide_modality
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.understanding import Feature, Part
from xmodal_core.errors import DataError

_NAMED = 4  # columns that a sentence has room for


def table_draft(upload: Upload, table: Table) -> Draft:
    """What a table is by the roles of its columns; `finish` makes the data set of it.

    The draft holds nothing of the table, which can be large, so that its columns can go before the rest is made.

    Args:
        upload: the file and what was said about it.
        table: its columns.

    Raises:
        DataError: a column that was said is not there, no column can be the label or a feature.
    """
    columns = [Counted(column, at, at == len(table.columns) - 1) for at, column in enumerate(table.columns)]
    draft = _begun(upload, table)
    if upload.reading.label == NO_LABELS:
        return _without_labels(upload, draft, columns, table.named)
    _check_said(draft, columns)
    roles: dict[str, str] = {}
    rest = _without_said(draft, columns, roles)
    rest = _take_split(draft, rest, roles)
    targets = _targets(draft, rest, table.label)
    set_labels(draft, targets)
    roles |= {column.name: "label" for column in targets.columns}
    rest = [column for column in rest if column not in targets.columns]
    rest = _take_group_and_time(draft, rest, roles)
    tell_possible_split(draft, rest)
    rest = leave_out_names(draft, rest, table.named)
    tell_repeated_units(draft, rest)
    if not rest:
        raise _without_features(draft, columns)
    used = _set_inputs(upload, draft, rest, table.named)
    if upload.reading.length is not None and draft.modality is not Modality.SEQUENCE:
        raise DataError(
            f"{upload.name}: length means nothing for a table read as {draft.modality}, expected it only for a "
            "column of sequences; leave it out."
        )
    labels_by_letter(draft)
    roles |= {column.name: "samples" if draft.modality is not Modality.TABULAR else "feature" for column in used}
    draft.parts = [Part(printable(c.name), c.holds(), roles.get(c.name, "left out")) for c in columns]
    return draft


def _without_labels(upload: Upload, draft: Draft, columns: Sequence[Counted], is_named: bool) -> Draft:
    """New rows to predict: the columns that the reading names, in its order, and no others; see `unlabelled`."""
    reading, by_name = draft.reading, {column.name: column for column in columns}
    wanted = [*(reading.number or ()), *(reading.category or ())]
    kept = [by_name[name] for name in dict.fromkeys(wanted) if name in by_name] if wanted else list(columns)
    if reading.text is not None:
        wanted, kept = [reading.text], [column for column in columns if column.name == reading.text]
    if kept and (reading.text is not None or (not wanted and reading.modality in (Modality.TEXT, Modality.SEQUENCE))):
        written = find_written(upload, draft, kept)
        if written is not None:
            _set_written(upload, draft, written)
            return draft
    if not kept:
        raise DataError(
            f"{upload.name}: found none of the columns {printable(', '.join(wanted), 80)}, expected the features that "
            f"were trained on; it has {listed(columns)}."
        )
    if (lists := find_number_list(draft, kept)) is not None:
        _set_lists(draft, lists)
    else:
        _set_table(draft, encode_said(draft, kept), is_named)
    return draft


def _without_features(draft: Draft, columns: Sequence[Counted]) -> DataError:
    files = [column for column in columns if names_files(column.name)]
    way = "add one, or say that a column which only names the rows is a number with --read number=NAME"
    if files:
        way = f"the files that {files[0].shown} names are not in the table: pack them and the table into one .zip"
    return DataError(f"{draft.name}: found no feature column beside the labels, expected at least one; {way}.")


def _begun(upload: Upload, table: Table) -> Draft:
    """A draft that has what the format said; inputs and labels are to come."""
    empty = np.empty((len(table), 0))
    draft = Draft(upload.name, upload.filename, upload.reading, table.format, Modality.TABULAR, "", empty, empty)
    draft.left_out, draft.changed, draft.warnings = [*table.left_out], [*table.changed], [*table.warnings]
    if upload.reading.time is None:
        draft.splits, draft.split_reason = table.splits, table.split_reason
    return draft


def _check_said(draft: Draft, columns: Sequence[Counted]) -> None:
    """Refuse names of columns that are not there, and roles that exclude each other.

    Raises:
        DataError: says which.
    """
    reading, known = draft.reading, {column.name for column in columns}
    split = reading.split if reading.split != NO_SPLIT else None
    single = {"text": reading.text, "id": reading.id, "group": reading.group, "time": reading.time, "split": split}
    said = {role: (name,) for role, name in single.items() if name is not None}
    several = {"drop": reading.drop, "number": reading.number, "category": reading.category, "fill": reading.fill}
    for role, names in (said | {role: names for role, names in several.items() if names}).items():
        if unknown := [name for name in names if name not in known]:
            raise DataError(
                f"{draft.name}: found no column {printable(unknown[0])!r} for {role}, expected one of "
                f"{listed(columns)}; correct the name."
            )
    ordered = [role for role in ("split", "group") if role in said]
    if reading.time is not None and ordered:
        raise DataError(
            f"{draft.name}: rows were said to be split both by {ordered[0]} and in the order of time, expected one "
            "of them; leave one out."
        )
    label = reading.label
    labels = () if label is None else (label,) if label in known else tuple(one.strip() for one in label.split("+"))
    roles: dict[str, str] = {}
    for role, names in (said | {"label": labels, "drop": reading.drop or ()}).items():
        for name in names:
            if name in roles and {role, roles[name]} != {"id", "group"}:
                raise DataError(
                    f"{draft.name}: the column {printable(name)!r} was said to be both {roles[name]} and {role}, "
                    "expected one of them; leave one out."
                )
            roles[name] = role


def _without_said(draft: Draft, columns: Sequence[Counted], roles: dict[str, str]) -> list[Counted]:
    """Columns that were not said to be left out or to be an id."""
    reading = draft.reading
    dropped = [column.name for column in columns if column.name in (reading.drop or ())]
    draft.leave_out("columns", [name or "(unnamed)" for name in dropped], "as chosen")
    if reading.id is not None and reading.id not in dropped and reading.id != reading.group:
        draft.leave_out("columns", [reading.id], "names the rows, as chosen")
        roles[reading.id] = "id"
        dropped = [*dropped, reading.id]
    rest = [column for column in columns if column.name not in dropped]
    if len(rest) < 2 and not (rest and reading.label):
        raise DataError(
            f"{draft.name}: found {len(rest)} column(s) beside those that are left out, expected features and a label; "
            "leave out fewer."
        )
    return rest


def _take_split(draft: Draft, columns: Sequence[Counted], roles: dict[str, str]) -> list[Counted]:
    column = find_split(columns, draft.reading)
    if column is None:
        return list(columns)
    by_time = draft.reading.time is not None and draft.reading.split is None
    if draft.splits is not None:
        draft.leave_out("columns", [column.name], "files say the split")
    elif draft.reading.split == NO_SPLIT or by_time:
        draft.leave_out("columns", [column.name], f"rows are split {'by time' if by_time else 'anew'}, as chosen")
    else:
        take_split(draft, column)
        roles[column.name] = "split"
    return [one for one in columns if one is not column]


def _targets(draft: Draft, columns: Sequence[Counted], named: str) -> TargetColumns:
    """The label as it was said, as the file itself names it, or as it was found."""
    if draft.reading.label is not None:
        return said_targets(draft.name, columns, draft.reading.label)
    aside = said_aside(draft.reading)
    if named and (own := [column for column in columns if column.name == named and named not in aside]):
        return TargetColumns(tuple(own), "as the file says")
    possible = [column for column in columns if column.name not in aside]
    found = letter_targets(possible) or find_targets(draft.name, possible)
    if found.seconds:
        _tell_guess(draft, found)
    return found


def _tell_guess(draft: Draft, found: TargetColumns) -> None:
    taken, others = (", ".join(c.shown for c in columns[:_NAMED]) for columns in (found.columns, found.seconds))
    why = found.reason if found.is_guess and len(found.columns) == 1 else f"of {found.reason}"
    if len(found.columns) > 1:
        why = f"they are {found.reason}"
        others = "one of them"
    draft.warn(
        "label-guessed",
        f"the labels were taken from {taken} because {why}",
        f"say so, or choose another column, such as {others} (label=NAME)",
        Reading(label="+".join(column.name for column in found.columns)),
    )


def _take_group_and_time(draft: Draft, columns: Sequence[Counted], roles: dict[str, str]) -> list[Counted]:
    reading, rest = draft.reading, list(columns)
    group = find_group(draft, rest)
    if group is not None and reading.time is not None:
        draft.leave_out(
            "columns", [group.name], "says which rows belong together, and rows are split by time, as chosen"
        )
        rest.remove(group)
    elif group is not None:
        take_group(draft, group)
        draft.leave_out("columns", [group.name], "says which rows belong together")
        roles[group.name] = "group"
        rest.remove(group)
    if reading.time is not None:
        time = next(column for column in columns if column.name == reading.time)
        take_time(draft, time)
        draft.leave_out("columns", [time.name], "orders the rows in time")
        roles[time.name] = "time"
        rest = [column for column in rest if column is not time]
    return rest


def _set_inputs(upload: Upload, draft: Draft, columns: Sequence[Counted], is_named: bool) -> Sequence[Counted]:
    """Give the draft its samples; the columns that they are made of."""
    if (lists := find_number_list(draft, columns)) is not None:
        _set_lists(draft, lists)
        if left := tuple(column.name for column in columns if column is not lists):
            draft.leave_out("columns", left, f"only the lists of {lists.shown} are read")
            draft.warn(
                "part-unused",
                f"the samples are the lists of numbers in {lists.shown}, and {len(left)} other "
                f"column{'s were' if len(left) > 1 else ' was'} left out ({printable(', '.join(left), 80)})",
                "leave them out for good, or the lists",
                Reading(drop=left),
            )
        return [lists]
    written = find_written(upload, draft, columns)
    if written is not None:
        _set_written(upload, draft, written)
        others = [column for column in columns if column is not written.column]
        draft.leave_out("columns", [column.name for column in others], f"only {written.column.shown} is read")
        return [written.column]
    encoded = encode_features(draft, columns)
    _set_table(draft, encoded, is_named)
    names = {one.feature.name for one in encoded}
    return [column for column in columns if printable(column.name) in names]


def _set_lists(draft: Draft, column: Counted) -> None:
    """Give the draft the samples that the lists of a column are."""
    table = numbers_of(draft, column)  # (n, k)
    names = [f"{printable(column.name)} {place}" for place in range(1, table.shape[1] + 1)]
    draft.modality, draft.modality_reason = wide_modality(draft, names, table, is_named=True)
    draft.changed.append(f"{table.shape[1]:,} numbers in each cell of {column.shown} spread out")
    draft.inputs = arranged(draft, table, draft.modality, names)
    if draft.modality is Modality.TABULAR:
        draft.features = [Feature(name, "number", column.n_missing / len(table)) for name in names]
    elif column.n_missing and draft.reading.missing == "drop":
        draft.keep(~column.column.missing)
        gone = [f"row {row + 1}" for row in np.flatnonzero(column.column.missing)]
        draft.leave_out("rows", gone, "the list is missing")


def _set_table(draft: Draft, encoded: Sequence[Encoded], is_named: bool) -> None:
    """Give the draft the samples that columns of numbers and codes make."""
    table = np.stack([one.values for one in encoded], axis=1)  # (n, f)
    features = [one.feature for one in encoded]
    names = [feature.name for feature in features]
    if any(one.n_categories for one in encoded):
        if draft.reading.modality not in (None, Modality.TABULAR):
            word = next(one for one in features if one.categories)
            raise DataError(
                f"{draft.name}: column {word.name!r} holds words, expected only numbers for {draft.reading.modality}; "
                "choose tabular or leave the column out."
            )
        n_words = sum(bool(one.n_categories) for one in encoded)
        draft.modality, draft.modality_reason = (
            Modality.TABULAR,
            f"read as a table with {n_words} column(s) of categories",
        )
    else:
        draft.modality, draft.modality_reason = wide_modality(draft, names, table, is_named)
    draft.inputs = arranged(draft, table, draft.modality, names)
    if draft.modality is Modality.TABULAR:
        draft.features = features
        counts = tuple(one.n_categories for one in encoded)
        draft.category_counts = counts if any(counts) else ()


def _set_written(upload: Upload, draft: Draft, written: Written) -> None:
    column = written.column
    is_dropped = column.n_missing and draft.reading.missing == "drop"
    draft.inputs = column.column.words if is_dropped else texts_of(upload, column)
    draft.modality, draft.modality_reason = written.modality, written.reason
    if column.n_missing:
        draft.keep(~column.column.missing)
        draft.leave_out(
            "rows", [f"row {row + 1}" for row in np.flatnonzero(column.column.missing)], "the text is missing"
        )
    if written.modality is Modality.SEQUENCE:
        draft.inputs = codes_of(draft, draft.inputs)
