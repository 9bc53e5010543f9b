"""New rows for a finished run: a file read as its training file was, but for labels, which new rows do not have.

What was found out about the training file is *said* of the new one, so that nothing is guessed twice: the reading has
its modality and task, and for a table the names of exactly the columns to read. `label=none` tells the reader that
there is nothing to learn from: where every other file would be refused, the refusal carries the draft, and this module
goes on from it. So new rows take the road of every file up to `finish`, and a format that can be read can be predicted
on as soon as it takes `label=none`:

    table   reads the columns that `number`, `category` and `text` name, and no others; no row is left out, and a
            missing number stays NaN
    arrays  needs no array of labels
    zip     takes its files wherever they lie
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft
from xmodal_core.data.precision import less
from xmodal_core.data.printable import printable
from xmodal_core.data.readers import READERS, read
from xmodal_core.data.readers.finish import UnlabelledError
from xmodal_core.data.readers.letters import PADDING
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.understanding import IS_MISSING, OTHER, Feature, Understanding
from xmodal_core.errors import DataError

_OF_ROWS = ("label", "split", "group", "time", "id", "drop", "number", "category", "missing")  # new rows have their own
_NUMBER, _DATE, _CATEGORY, _INDICATOR = "number", "date", "category", "indicator"


@dataclass(frozen=True, eq=False)
class NewRows:
    """Samples without targets, in the layout that a data set has.

    Attributes:
        inputs: (n, ...) as `LabelledDataset.inputs` of the data set that they are for.
        usable: (n,) bool, rows without a missing value or a category that was not there to learn from; what the
            others hold means nothing.
        notes: sentences about what was found and what became of it.
    """

    inputs: np.ndarray
    usable: np.ndarray
    notes: tuple[str, ...]


def read_new_rows(path: Path, data: LabelledDataset, reading: Reading | None = None) -> NewRows:
    """Read rows for whoever was trained on a data set.

    Args:
        path: the file.
        data: what was trained on.
        reading: what a person says about the file, on top of what is known of the other one.

    Raises:
        DataError: it cannot be read, or its samples are not those of the data set.
    """
    said = reading_like(data, path.suffix.lower()).with_(reading or Reading())
    try:
        read(path, path.name, said)
    except UnlabelledError as told:
        return fitted(told.draft, data)
    raise DataError(f"{printable(path.name)} was read with labels, expected new rows; leave the label out of --read.")


def reading_like(data: LabelledDataset, suffix: str) -> Reading:
    """What is known of a data set, as something that is said of a file of this suffix without labels."""
    known = data.understanding
    given = {} if known is None else {name: getattr(known.reading, name) for name in known.reading.said}
    said = {name: value for name, value in given.items() if name not in _OF_ROWS}
    said |= {"label": NO_LABELS, "modality": str(data.modality), "task": str(data.task)}
    features, samples = _features(known), _named(known, "samples")
    for kind in (_NUMBER, _CATEGORY):
        names = tuple(feature.name for feature in features if _kind(feature) == kind)
        said |= {kind: names} if names else {}
    said = _as_written(features) | said
    if samples and not features:
        of_letters = data.modality in (Modality.TEXT, Modality.SEQUENCE) and len(samples) == 1
        said |= {"text": samples[0]} if of_letters else {_NUMBER: samples}
    if (series := _named(known, "id")) and (time := _named(known, "time")) and data.modality is Modality.SERIES:
        said |= {"id": series[0], "time": time[0], _NUMBER: _named(known, "feature")}  # a row a step
    if data.modality is Modality.SERIES:
        said |= {"length": "pad", "steps": data.inputs.shape[-1]} | {k: v for k, v in said.items() if k == "length"}
    takes = READERS[suffix].takes if suffix in READERS else frozenset(field.name for field in fields(Reading))
    return Reading(**{name: value for name, value in said.items() if name in takes or name == "label"})


def _as_written(features: Sequence[Feature]) -> dict[str, str]:
    """The order of dates and the marks of numbers, where all agree: a few new rows may not tell them."""
    orders = {feature.order for feature in features} - {""}
    said = {"dates": orders.pop()} if len(orders) == 1 else {}
    marked = [feature.written.split(", ") for feature in features if feature.kind == _NUMBER and feature.written]
    thousands = {mark.removeprefix("thousands ") for marks in marked for mark in marks if mark.startswith("thousands")}
    comma = {"decimal comma" in marks or "thousands point" in marks for marks in marked}
    if len(comma) == 1 and len(thousands) <= 1:
        said["decimal"] = "comma" if comma.pop() else "point"
        if thousands:
            said["thousands"] = thousands.pop()
    return said


def fitted(draft: Draft, data: LabelledDataset) -> NewRows:
    """The rows of a draft as samples of a data set: its features by name and in order, its codes, its centre.

    Raises:
        DataError: a feature is missing, or samples have another shape.
    """
    if draft.modality is not data.modality:
        raise DataError(
            f"{draft.name}: the samples are {draft.modality}, expected {data.modality} as in {data.name}; choose a "
            "file of the same kind."
        )
    notes: list[str] = [caution.sentence() for caution in draft.warnings]
    inputs, usable = draft.inputs, np.ones(len(draft.inputs), bool)
    known = _features(data.understanding)
    if known and draft.features:
        inputs, usable = _by_name(draft, known, notes)
    if draft.letters is not None:
        inputs = _recoded(draft, draft.letters, data, notes)
    elif data.modality is Modality.SEQUENCE:
        _check_codes(draft, data, notes)
    if inputs.shape[1:] != data.inputs.shape[1:]:
        raise DataError(
            f"{draft.name}: a sample has shape {inputs.shape[1:]}, expected {data.inputs.shape[1:]} as in {data.name}; "
            "bring samples of the same shape."
        )
    if data.modality not in (Modality.TEXT, Modality.SEQUENCE):
        inputs = _centred(inputs, data)
        whole = np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)
        if n := int((usable & ~whole).sum()):
            notes.append(f"{n:,} of {len(inputs):,} rows have a missing or infinite value and get no prediction.")
        usable &= whole
        usable &= _known_codes(inputs, data, notes, usable)
    if not usable.any():
        raise DataError(
            f"{draft.name}: none of {len(usable):,} rows can be predicted "
            f"({printable(' '.join(notes), 300).rstrip('.')}), "
            f"expected values as in {data.name}; mend them."
        )
    filled = np.where(usable.reshape(-1, *[1] * (inputs.ndim - 1)), inputs, inputs.dtype.type())
    return NewRows(filled.astype(data.inputs.dtype, copy=False), usable, tuple(notes))


def _kind(feature: Feature) -> str:
    """Number, category or indicator; a date is a number of days."""
    return _NUMBER if feature.kind == _DATE else feature.kind


def _features(known: Understanding | None) -> Sequence[Feature]:
    return known.features if known is not None else ()


def _named(known: Understanding | None, role: str) -> tuple[str, ...]:
    """Parts of this role; samples are what those of another modality than a table were made of."""
    return tuple(part.name for part in known.parts if part.role == role) if known is not None else ()


def _by_name(draft: Draft, known: Sequence[Feature], notes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Known features (n, f) in their order, categories by their codes; and which rows can be used."""
    table = np.empty((len(draft.inputs), len(known)), draft.inputs.dtype)  # of the file: a float has fewer digits
    usable = np.ones(len(table), bool)
    absent = [f.name for f in known if f.kind != _INDICATOR and _own(draft, f.name) is None]
    if absent:
        raise DataError(
            f"{draft.name}: found no column {printable(absent[0])!r}, expected the {len(known)} features that were "
            f"trained on; add the missing {len(absent)}."
        )
    for column, feature in enumerate(known):
        if feature.kind == _INDICATOR:
            values, _ = _column(draft, feature.name.removesuffix(IS_MISSING))
            table[:, column] = np.isnan(values) if values.dtype.kind == "f" else 0
            continue
        values, own = _column(draft, feature.name)
        if _kind(own) != _kind(feature):
            raise DataError(
                f"{draft.name}: column {printable(feature.name)!r} holds {_plural(own.kind)}, expected "
                f"{_plural(feature.kind)} as when it was trained on; mend the column."
            )
        if own.written != feature.written and own.kind == feature.kind == _DATE:
            notes.append(
                f"Dates of {feature.name!r} are written {own.written} here and were {feature.written} in the rows that "
                "were learned from."
            )
        if feature.fill is not None and values.dtype.kind == "f":
            values = np.where(np.isnan(values), feature.fill, values)
        table[:, column] = values
        if feature.categories and own.categories:
            table[:, column] = _codes(values, own, feature, usable, notes)
    return table, usable


def _own(draft: Draft, name: str) -> int | None:
    return next((i for i, feature in enumerate(draft.features) if feature.name == name), None)


def _column(draft: Draft, name: str) -> tuple[np.ndarray, Feature]:
    """Values (n,) and what they are."""
    index = _own(draft, name)
    assert index is not None
    return draft.inputs[:, index], draft.features[index]


def _codes(values: np.ndarray, own: Feature, known: Feature, usable: np.ndarray, notes: list[str]) -> np.ndarray:
    """Codes of this file (n,) as those that were trained on; a row of another category is not usable."""
    code = {category: i for i, category in enumerate(known.categories)}
    rare = code.get(OTHER, -1)  # where rare ones shared a category, one that is new is rare
    translated = np.array([code.get(category, rare) for category in own.categories])[values.astype(np.int64)]
    unseen = translated < 0
    if unseen.any():
        names = [category for category in own.categories if category not in code]
        shown = ", ".join(map(repr, names[:3])) + (" ..." if len(names) > 3 else "")
        notes.append(
            f"{int(unseen.sum()):,} of {len(values):,} rows have a category of {known.name!r} that was not there to "
            f"learn from ({shown}) and get no prediction."
        )
        usable &= ~unseen
    codes: np.ndarray = np.where(unseen, 0, translated)
    return codes


def _recoded(draft: Draft, letters: Sequence[str], data: LabelledDataset, notes: list[str]) -> np.ndarray:
    """Codes (n, l) of the letters as the data set has them, at its length; a letter that it does not have is no code.

    Raises:
        DataError: the codes of the data set stand for no letters.
    """
    known = data.understanding.letters if data.understanding is not None else None
    if known is None:
        raise DataError(
            f"{draft.name}: the sequences are letters, expected codes as in {data.name}; bring them in the same form."
        )
    code = {letter: index for index, letter in enumerate(known, start=PADDING + 1)}
    unseen = len(known) + PADDING + 1  # embedders leave a code that was not there to learn from empty
    translate = np.array([PADDING, *(code.get(letter, unseen) for letter in letters)])
    codes, length = translate[draft.inputs], data.inputs.shape[1]
    if (codes == unseen).any():
        new = "".join(letter for letter in letters if letter not in code)
        n = int((codes == unseen).any(axis=1).sum())
        notes.append(f"{n:,} of {len(codes):,} rows have letters that were not there to learn from ({new[:20]}).")
    if n := int((codes[:, length:] != PADDING).any(axis=1).sum()):
        notes.append(f"{n:,} of {len(codes):,} sequences are longer than {length:,} letters and were cut there.")
    return np.pad(codes[:, :length], ((0, 0), (0, max(0, length - codes.shape[1]))), constant_values=PADDING)


def _check_codes(draft: Draft, data: LabelledDataset, notes: list[str]) -> None:
    """Refuse codes that were made in another way than those of the data set, and note new ones.

    Raises:
        DataError: a reader made them, and not as then: the same number could stand for another letter.
    """
    then = _of_codes(data.understanding.changed if data.understanding is not None else ())
    now = _of_codes(draft.changed)
    if then != now:
        raise DataError(
            f"{draft.name}: its codes are {' and '.join(now) or 'as in the file'}, those of {data.name} were "
            f"{' and '.join(then) or 'as in the file'}, expected the same, for a code could stand for something else; "
            "bring the codes themselves."
        )
    if n := int((draft.inputs > data.inputs.max()).any(axis=1).sum()):
        notes.append(f"{n:,} of {len(draft.inputs):,} rows have codes that were not there to learn from.")


def _of_codes(changed: Sequence[str]) -> list[str]:
    """What was done to codes, without their padding, which changes none."""
    return [clause.split(", padded")[0] for clause in changed if "codes" in clause]


def _known_codes(inputs: np.ndarray, data: LabelledDataset, notes: list[str], usable: np.ndarray) -> np.ndarray:
    """Which rows (n,) have only codes that the data set has, where features are codes without names."""
    fits = np.ones(len(inputs), bool)
    for column, count in enumerate(data.category_counts):
        if count:
            values = inputs[:, column]
            fits &= ~usable | ((values >= 0) & (values < count) & (values == np.floor(values)))
    if n := int((usable & ~fits).sum()):
        notes.append(
            f"{n:,} of {len(inputs):,} rows have a code that was not there to learn from and get no prediction."
        )
    return fits


def _centred(inputs: np.ndarray, data: LabelledDataset) -> np.ndarray:
    """Single precision, less what was taken off before training where digits had run together."""
    shifts = (data.understanding.shifts if data.understanding is not None else None) or {}
    with np.errstate(over="ignore", invalid="ignore"):
        single = inputs.astype(np.float32)
        for index, shift in shifts.items():
            single[:, int(index)] = less(inputs[:, int(index)], shift)
    return single


def _plural(kind: str) -> str:
    return {"number": "numbers", "category": "words"}.get(kind, kind)
