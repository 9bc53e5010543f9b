"""Which array of a file holds what: the pair of samples and labels, whole or by split, and what goes with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from xmodal_core.data.dataset import SPLITS
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays import names
from xmodal_core.data.readers.arrays.held import Entry, Held, listing, loaded
from xmodal_core.data.readers.arrays.unknown import check_dense, unknown_layout
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.errors import DataError

_PICTURES = ("images", "image", "imgs", "img")
Column = tuple[Entry, ...]  # one array for every part


@dataclass(eq=False)
class Roles:
    """What was found.

    Attributes:
        parts: train, val and test where samples come in arrays of their own, else a single "".
        columns: by role: samples, label, group, time, split, each one array a part.
        singles: by role, arrays that are about the data set as a whole: names, rate, features, categorical, task and
            modality.
        selects: train, val or test to the array of row numbers or of truth values that says which rows they are.
        folds: an array that numbers folds; not used unless a person says so.
        copies: arrays that hold the samples once more.
    """

    parts: tuple[str, ...]
    columns: dict[str, Column]
    singles: dict[str, Entry] = field(default_factory=dict)
    selects: dict[str, Entry] = field(default_factory=dict)
    folds: Entry | None = None
    copies: tuple[str, ...] = ()

    def used(self) -> dict[str, str]:
        """Name of every array that has a role, to the role."""
        found = {entry.name: role for role, column in self.columns.items() for entry in column}
        found |= {entry.name: role for role, entry in self.singles.items()}
        return found | {entry.name: "split" for entry in self.selects.values()}


def find_roles(name: str, held: Held, reading: Reading) -> Roles:
    """Take every array for what its name says, or for what the person said.

    Raises:
        DataError: no pair of samples and labels, with the arrays that there are and how to say which.
    """
    entries = _without_dropped(name, held, reading)
    check_dense(name, entries)
    if reading.label == NO_LABELS:
        return _samples_alone(name, held, entries, reading)
    said = reading.samples is not None or reading.label is not None
    roles = _said_pair(name, held, entries, reading) if said else _whole_pair(entries) or _pair_by_split(entries)
    roles = roles or _simulation(entries, held, reading)
    if roles is None:
        raise unknown_layout(name, held, entries)
    _add_columns(name, held, roles, entries, reading)
    _add_singles(roles, entries)
    if roles.parts == ("",) and reading.split is None:
        _add_splits(roles, entries)
    return roles


def take_unfolded(name: str, roles: Roles, held: Held) -> None:
    """Take pictures as such where the samples are the same pictures laid flat, as scikit-learn has both."""
    flat = roles.columns["samples"][0]
    if roles.parts != ("",) or len(flat.shape) != 2:
        return
    for entry in _ranked([one for one in held.entries if one.name not in roles.used()], _PICTURES, None):
        alike = len(entry) == len(flat) and int(np.prod(entry.shape)) == int(np.prod(flat.shape))
        if alike and len(entry.shape) > 2 and entry.dtype.kind in "biuf" and flat.dtype.kind in "biuf":
            pictures = loaded(name, entry)
            if np.array_equal(pictures.reshape(len(flat), -1), loaded(name, flat)):
                roles.columns["samples"], roles.copies = (entry,), (flat.name,)
                return


def joined(name: str, column: Column) -> np.ndarray:
    """The arrays of all parts behind each other.

    Raises:
        DataError: they do not fit together.
    """
    arrays = [loaded(name, entry) for entry in column]
    if len(arrays) == 1:
        return arrays[0]
    if (
        len({(array.ndim, *array.shape[1:]) for array in arrays}) > 1
        or not arrays[0].ndim
        or len({_kind(array) for array in arrays}) > 1
    ):
        raise DataError(
            f"{name}: found {listing(column)}, expected one shape of a sample and one type in all of them; bring them "
            "to the same."
        )
    return np.concatenate(arrays)


def _kind(array: np.ndarray) -> str:
    """What can stand in one array with others of its kind; bytes and strings, or records, cannot."""
    return (
        "numbers" if array.dtype.kind in "biufc" else array.dtype.str if array.dtype.kind == "V" else array.dtype.kind
    )


def _without_dropped(name: str, held: Held, reading: Reading) -> list[Entry]:
    dropped = [held.get(one) for one in reading.drop or ()]
    for said, entry in zip(reading.drop or (), dropped, strict=True):
        if entry is None and said not in [unread for unread, _ in held.unread]:
            raise _no_such(name, held, said)
    return [entry for entry in held.entries if entry not in dropped]


def _samples_alone(name: str, held: Held, entries: list[Entry], reading: Reading) -> Roles:
    """The samples of a file whose rows are to be predicted; of all splits where they come in arrays of their own."""
    found = _named(name, held, entries, reading.samples)
    if found is None:
        ranked = {split or "": _ranked(entries, names.SAMPLES, split) for split in (None, *SPLITS)}
        found = {split: arrays[0] for split, arrays in ranked.items() if arrays}
    parts = ("",) if "" in found else tuple(split for split in SPLITS if split in found)
    if not parts:
        raise DataError(
            f"{name}: found {listing(entries)}, expected samples, such as X; say which with --read samples=NAME."
        )
    roles = Roles(parts, {"samples": tuple(found[part] for part in parts)})
    _add_singles(roles, entries)
    return roles


def _said_pair(name: str, held: Held, entries: list[Entry], reading: Reading) -> Roles | None:
    """The pair where the person named one or both of its arrays, or what they are called in every split."""
    samples, label = (_named(name, held, entries, one) for one in (reading.samples, reading.label))
    if samples is not None and label is not None:
        parts = tuple(split for split in SPLITS if split in samples and split in label)
        if "" in samples and "" in label:
            parts = ("",)
        if parts:
            return _by_part(parts, samples, label)
        raise unknown_layout(name, held, entries)
    if samples is not None:
        return _matched(entries, names.LABELS, samples, lambda own, other: _by_part(own, samples, other))
    assert label is not None
    return _matched(entries, names.SAMPLES, label, lambda own, other: _by_part(own, other, label))


def _by_part(parts: tuple[str, ...], samples: dict[str, Entry], label: dict[str, Entry]) -> Roles:
    chosen = {"samples": samples, "label": label}
    return Roles(parts, {role: tuple(column[part] for part in parts) for role, column in chosen.items()})


def _named(name: str, held: Held, entries: list[Entry], said: str | None) -> dict[str, Entry] | None:
    """Arrays of this name, or of this name in every split; "" for a whole one."""
    if said is None:
        return None
    if (entry := held.get(said)) is not None and entry in entries:
        return {"": entry}
    found = {own.split or "": entry for entry in entries if (own := names.parse(entry.name)).base == said.lower()}
    if not found:
        raise _no_such(name, held, said)
    return found


def _matched(
    entries: list[Entry],
    usual: tuple[str, ...],
    fixed: dict[str, Entry],
    make: Callable[[tuple[str, ...], dict[str, Entry]], Roles],
) -> Roles | None:
    """The partner of one half of the pair, by its usual names."""
    others = [entry for entry in entries if entry not in fixed.values()]
    if "" in fixed:
        split = names.parse(fixed[""].name).split
        near = [entry for entry in others if names.parse(entry.name).split == split]
        found = _first(near, usual, len(fixed[""]), split) or _first(others, usual, len(fixed[""]), None)
        return None if found is None else make(("",), {"": found})
    parts = {part: found for part in fixed if (found := _first(others, usual, len(fixed[part]), part))}
    return make(tuple(part for part in SPLITS if part in parts), parts) if parts else None


def _simulation(entries: list[Entry], held: Held, reading: Reading) -> Roles | None:
    """A tensor with a time axis and no labels: its own last step is what is asked for."""
    if reading.label is not None:
        return None
    said = held.get(reading.samples) if reading.samples and "time" in (reading.axes or "") else None
    on_grid = any(entry.name.startswith("grid/") for entry in entries)
    tensors = [e for e in entries if names.parse(e.name).base == "tensor" or (on_grid and e.name == "data")]
    tensor = said or (tensors[0] if tensors and reading.samples is None else None)
    if tensor is None or tensor not in entries or len(tensor.shape) < 3:
        return None
    return Roles(("",), {"samples": (tensor,)})


def _whole_pair(entries: list[Entry]) -> Roles | None:
    positional = [entry for entry in entries if entry.name.startswith("arr_")]
    if len(positional) > 2 or (positional and len(positional[0].shape) < 2):
        return None  # their order may be anything
    for sample in _ranked(entries, names.SAMPLES, None):
        others = [entry for entry in entries if entry is not sample]
        label = _first(others, names.LABELS, len(sample), None)
        if label is not None:
            return Roles(("",), {"samples": (sample,), "label": (label,)})
    return None


def _pair_by_split(entries: list[Entry]) -> Roles | None:
    """The pair in arrays of its own for every split, under the names that most splits have."""
    found: dict[str, tuple[Entry, Entry]] = {}
    for split in SPLITS:
        for sample in _ranked(entries, names.SAMPLES, split):
            others = [entry for entry in entries if entry is not sample]
            label = _first(others, names.LABELS, len(sample), split)
            if label is not None:
                found[split] = (sample, label)
                break
    if not found:
        return None
    return Roles(
        tuple(found),
        {
            "samples": tuple(sample for sample, _ in found.values()),
            "label": tuple(label for _, label in found.values()),
        },
    )


def _ranked(entries: Iterable[Entry], usual: tuple[str, ...], split: str | None) -> list[Entry]:
    """Arrays under usual names, the most usual first."""
    said = [(names.parse(entry.name), entry) for entry in entries]
    known = [(usual.index(own.base), entry) for own, entry in said if own.split == split and own.base in usual]
    return [entry for _, entry in sorted(known, key=lambda one: one[0])]


def _first(entries: Iterable[Entry], usual: tuple[str, ...], n: int, split: str | None) -> Entry | None:
    """The most usual name among arrays of n rows, in any place of the rows, else among all."""
    ranked = _ranked(entries, usual, split)
    names_only = [entry for entry in ranked if names.parse(entry.name).base == "classes" and n not in entry.shape]
    ranked = [entry for entry in ranked if entry not in names_only]
    fitting = [entry for entry in ranked if n in entry.shape]
    return next(iter(fitting or ranked), None)


def _add_columns(name: str, held: Held, roles: Roles, entries: list[Entry], reading: Reading) -> None:
    """Groups, times and the split, as said or by their usual names."""
    rows = roles.columns.get("label", roles.columns["samples"])
    for role, said, usual in (
        ("group", reading.group, names.GROUPS),
        ("time", reading.time, ()),
        ("split", None if reading.split == "none" else reading.split, ()),
    ):
        if said is not None:
            found = _named(name, held, entries, said)
            assert found is not None
            column = tuple(found[part] for part in roles.parts if part in found)
            if len(column) != len(roles.parts):
                raise _no_such(name, held, said)
            roles.columns[role] = column
        elif usual:
            ranked = [_ranked(entries, usual, part or None) for part in roles.parts]
            if all(ranked) and all(_lies_on(one[0], own) for one, own in zip(ranked, rows, strict=True)):
                roles.columns[role] = tuple(one[0] for one in ranked)


def _lies_on(entry: Entry, label: Entry) -> bool:
    """Whether it has one value for every label."""
    n = max(label.shape[:2]) if label.shape[:1] == (1,) else len(label)  # a row of labels, as MATLAB has them
    return n > 0 and int(np.prod(entry.shape)) == n


def _add_singles(roles: Roles, entries: list[Entry]) -> None:
    used = roles.used()
    free = [entry for entry in entries if entry.name not in used]
    label = roles.columns.get("label", roles.columns["samples"])[0]
    candidates = {
        "names": (names.MORE_NAMES, lambda entry: entry.dtype.kind in "SUOiu" and not _lies_on(entry, label)),
        "rate": (names.RATES, lambda entry: int(np.prod(entry.shape)) <= 2),
        "features": (names.FEATURES, lambda entry: entry.dtype.kind in "SU"),
        "categorical": (names.CATEGORIES, lambda _: True),
        "task": (("task",), lambda _: True),
        "modality": (("modality",), lambda entry: entry.dtype.kind in "SU" and int(np.prod(entry.shape)) == 1),
    }
    for role, (usual, suits) in candidates.items():
        found = [entry for entry in _ranked(free, usual, None) if suits(entry)]
        if found:
            roles.singles[role] = found[0]


def _add_splits(roles: Roles, entries: list[Entry]) -> None:
    """Where a file says which rows train and test, beside arrays of their own."""
    label = roles.columns.get("label", roles.columns["samples"])[0]
    free = [entry for entry in entries if entry.name not in roles.used()]
    given = _ranked(free, names.SPLITS, None)
    if given:
        roles.columns["split"] = (given[0],)
        return
    for split in SPLITS:
        rows = [
            e for e in _ranked(free, names.INDICES, split) if e.dtype.kind in "iuf" and sum(s > 1 for s in e.shape) < 2
        ]
        masks = [e for e in _ranked(free, names.MASKS, split) if e.dtype.kind in "biu" and _lies_on(e, label)]
        if rows or masks:
            roles.selects[split] = (rows or masks)[0]
    folds = [entry for entry in _ranked(free, names.FOLDS, None) if _lies_on(entry, label)]
    roles.folds = folds[0] if folds and not roles.selects else None


def _no_such(name: str, held: Held, said: str) -> DataError:
    return DataError(
        f"{name}: found no array {printable(said, 40)!r}, expected one of {held.listing()}; correct the name."
    )
