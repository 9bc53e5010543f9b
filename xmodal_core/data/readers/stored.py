"""Data sets that this program wrote, read back as they were: one `.npz` whose JSON says what its arrays are.

`store` writes them, for itself (`inputs`, `targets` ...) and for other programs (`X`, `y` ...). Such a file was read
once and is not interpreted again, so that its content hash stays. One whose arrays were changed since is a file of
arrays like any other, and that is said.
"""

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

import numpy as np

from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays.read import read_npz
from xmodal_core.data.readers.finish import AXES, UnlabelledError
from xmodal_core.data.readers.npz import read_arrays
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.understanding import IS_MISSING, Understanding
from xmodal_core.errors import DataError, RunError, SettingsError
from xmodal_core.values import parse_json

SCHEMA = 1
META = "xmodal_meta"
GROUPS = "groups"  # where rows belong together
ARRAYS = ("inputs", "targets", "splits", "uid")
EXPORTED = {"inputs": "X", "targets": "y", "splits": "split"}  # what other programs call them
EVERY_FIELD = frozenset(field.name for field in fields(Reading))
_CHANGED = "the arrays of an exported data set were changed since, and were read like any others"
_TYPES = ("float32", "int64")  # of samples and targets that are no text
_FORM = "exported data set"
_AS_EXPORTED = "as it was exported"


def is_stored_archive(names: Collection[str]) -> bool:
    """Whether a zip with these files is a data set that this program wrote."""
    return f"{META}.npy" in names


def read_stored(upload: Upload, limit: int | None = None) -> LabelledDataset:
    """The data set that was written.

    Args:
        upload: the file.
        limit: most unpacked bytes; `archive.MAX_EXPANDED_BYTES` when None.

    Raises:
        DataError: damaged, changed, or not a stored data set of this version.
    """
    found = read_arrays(upload, {*ARRAYS, *EXPORTED.values(), GROUPS, META}, limit)
    own = {exported: name for name, exported in EXPORTED.items()}
    arrays = {own.get(name, name): array for name, array in found.items()}
    if missing := {*ARRAYS, META} - set(arrays):
        raise DataError(
            f"{upload.name}: found no {min(missing)} in it, expected a stored data set; bring the data again."
        )
    try:
        meta = parse_json(str(arrays.pop(META)))
        dataset = _from_parts(meta, arrays)
        intact = meta["schema"] == SCHEMA and dataset.content_hash == meta["content_hash"]
    except (ValueError, TypeError, LookupError, AttributeError, RunError, SettingsError) as error:
        raise DataError(
            f"{upload.name}: the stored data set is damaged ({printable(str(error))}); bring it again."
        ) from error
    if not intact:
        raise DataError(f"{upload.name}: the stored data set is damaged or of another version; bring the data again.")
    return dataset


def read_back(upload: Upload) -> LabelledDataset:
    """The data set as it was, with what was understood of the file that it is from.

    Raises:
        DataError: something is said of it that would read it differently.
        UnlabelledError: the person says that there are no labels.
    """
    try:
        stored = read_stored(upload)
        if not _has_stored_types(stored):
            raise DataError(f"{upload.name}: its arrays are of other types than those of a stored data set.")
    except DataError:
        upload.stream.seek(0)
        return _as_arrays(upload)
    if upload.reading.label == NO_LABELS:
        raise UnlabelledError(_draft(upload, stored))
    check_as_read(stored, upload.reading, upload.filename)
    if (found := stored.understanding) is None:
        return replace(stored, understanding=told(stored, upload.filename))
    here = replace(found, file=upload.filename, format=f"{_FORM}, read from {found.format}")
    # what mends a doubt is said of the columns or folders of the file that it is from, which are not here
    return replace(stored, understanding=replace(here, warnings=tuple(replace(w, mends=None) for w in found.warnings)))


def check_as_read(stored: LabelledDataset, reading: Reading | None, filename: str) -> None:
    """Refuse what would read a data set differently that is not interpreted again.

    Raises:
        DataError: it was read with another reading.
    """
    before = stored.understanding.reading if stored.understanding is not None else Reading()
    if reading is not None and reading.said and reading != before:
        raise DataError(
            f"{printable(filename)} was read before, expected the file that it was read from for {reading.said[0]}; "
            "give that file."
        )


def told(data: LabelledDataset, filename: str) -> Understanding:
    """What there is to say of a data set that no reader read, such as an example."""
    return Understanding(
        file=filename,
        format=_FORM,
        n=len(data),
        modality=str(data.modality),
        modality_reason=_AS_EXPORTED,
        shape=tuple(data.inputs.shape[1:]),
        axes=AXES[data.modality],
        task=str(data.task),
        task_reason=_AS_EXPORTED,
        n_outputs=data.n_outputs,
        classes=data.class_names,
        label="",
        label_reason="",
        splits={split: len(data.rows(split)) for split in SPLITS},
        split_reason=_AS_EXPORTED,
        n_groups=0 if data.groups is None else len(np.unique(data.groups)),
    )


def _as_arrays(upload: Upload) -> LabelledDataset:
    try:
        data = read_npz(upload)
    except UnlabelledError as found:
        found.draft.changed.append(_CHANGED)
        raise
    assert data.understanding is not None
    return replace(data, understanding=replace(data.understanding, changed=(*data.understanding.changed, _CHANGED)))


def _has_stored_types(data: LabelledDataset) -> bool:
    inputs = data.inputs.dtype.kind == "U" if data.modality is Modality.TEXT else str(data.inputs.dtype) in _TYPES
    words = data.splits.dtype.kind == data.uid.dtype.kind == "U" and data.splits.ndim == data.uid.ndim == 1
    groups = data.groups is None or (data.groups.dtype == np.int64 and data.groups.shape == (len(data),))
    return inputs and words and groups and str(data.targets.dtype) in _TYPES


def _draft(upload: Upload, stored: LabelledDataset) -> Draft:
    """Its rows as the file had them that it is from, for whoever was trained on such a file."""
    known = stored.understanding or told(stored, upload.filename)
    inputs = stored.inputs.copy()
    try:
        for index, shift in (known.shifts or {}).items():
            inputs = inputs.astype(np.float64, copy=False)
            inputs[:, int(index)] += shift
    except (ValueError, LookupError) as error:
        raise DataError(f"{upload.name}: the stored data set is damaged; bring it again.") from error
    draft = Draft(
        upload.name,
        upload.filename,
        upload.reading,
        known.format,
        stored.modality,
        _AS_EXPORTED,
        inputs,
        stored.targets,
    )
    draft.features, draft.category_counts, draft.letters = known.features, stored.category_counts, known.letters
    draft.changed = [*known.changed]
    by_name = {feature.name: column for column, feature in enumerate(known.features)}
    for name, column in by_name.items():
        filled = by_name.get(name.removesuffix(IS_MISSING))
        if name.endswith(IS_MISSING) and filled is not None:  # what was filled in is missing again
            draft.inputs[stored.inputs[:, column] > 0, filled] = np.nan
    return draft


def _from_parts(meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> LabelledDataset:
    found = meta.get("understanding")
    return LabelledDataset(
        name=meta["name"],
        modality=Modality(meta["modality"]),
        task=Task(meta["task"]),
        inputs=arrays["inputs"],
        targets=arrays["targets"],
        splits=arrays["splits"],
        uid=arrays["uid"],
        class_names=tuple(meta["class_names"]),
        category_counts=tuple(meta["category_counts"]),
        sampling_rate_hz=meta["sampling_rate_hz"],
        origin=meta["origin"],
        groups=arrays.get(GROUPS),
        feature_names=tuple(meta.get("feature_names", ())),  # data sets kept before there were names have none
        understanding=Understanding.from_json(found, "the understanding") if found is not None else None,
    )
