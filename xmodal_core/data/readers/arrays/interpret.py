"""From the arrays of a file to a `Draft`: the one interpreter for every format of named arrays."""

import math
from dataclasses import replace

import numpy as np

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays import names
from xmodal_core.data.readers.arrays.categories import checked_flags, name_features, take_categories
from xmodal_core.data.readers.arrays.cubes import doubt_scene, open_scene
from xmodal_core.data.readers.arrays.decode import as_text, decode_labels
from xmodal_core.data.readers.arrays.gaps import close_gaps
from xmodal_core.data.readers.arrays.gathered import gather
from xmodal_core.data.readers.arrays.held import Held, loaded
from xmodal_core.data.readers.arrays.leftover import groups_in_two_splits, tell_parts
from xmodal_core.data.readers.arrays.roles import Roles, find_roles, joined, take_unfolded
from xmodal_core.data.readers.arrays.rows import given_splits
from xmodal_core.data.readers.arrays.shape import as_codes, modality_of_text, readable, samples_first, steps_apart
from xmodal_core.data.readers.cells import cell_values
from xmodal_core.data.readers.layout import arrange
from xmodal_core.data.readers.letters import labels_by_letter
from xmodal_core.data.readers.samples.guess import Guess
from xmodal_core.data.readers.samples.kind import settle
from xmodal_core.data.readers.targets import on_cells, parse_task
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS
from xmodal_core.errors import DataError


def interpret(upload: Upload, held: Held) -> Draft:
    """Find the arrays, bring them to the stored layout, and say what was made of each.

    Raises:
        DataError: anything that keeps the arrays from being samples with labels.
    """
    said = upload.reading
    gathered = gather(upload.name, held, said)
    if (scene := open_scene(upload.name, held, said)) is not None:
        upload = replace(upload, reading=scene.reading)
    roles = find_roles(upload.name, held, upload.reading)
    take_unfolded(upload.name, roles, held)
    draft = Draft(
        upload.name,
        upload.filename,
        upload.reading,
        held.format,
        Modality.TABULAR,
        "",
        inputs=np.empty(0),
        labels=np.empty(0),
    )
    draft.changed += [*gathered, *(scene.changed if scene is not None else ())]
    draft.warnings += scene.doubts if scene is not None else ()
    axes = _take_pair(upload, draft, roles)
    n = len(draft.inputs) if draft.inputs.ndim else 0
    _arrange(draft, roles, axes)
    if draft.reading.label != NO_LABELS:
        _decode(draft, roles)
    _describe(draft, roles)
    if draft.labels.ndim and n == len(draft.labels):  # else `finish` refuses them
        _split(draft, roles, held, n)
        tell_parts(draft, held, roles, n)
        close_gaps(draft)
    draft.reading = said
    return draft


def _take_pair(upload: Upload, draft: Draft, roles: Roles) -> tuple[str, ...]:
    """Load samples and labels, rows first, and the names of the axes of a sample where they are known."""
    samples = roles.columns["samples"]
    inputs, doubts = readable(upload, samples[0].name, joined(draft.name, samples))
    draft.warnings += doubts
    if draft.reading.label == NO_LABELS:
        draft.inputs, _, axes = samples_first(draft.name, inputs, np.empty(0), draft.reading)
        draft.labels = np.zeros(len(draft.inputs), np.int64)
        return axes
    if "label" not in roles.columns:
        draft.inputs, draft.labels, axes, doubts = steps_apart(draft.name, samples[0], inputs, draft.reading)
        draft.label, draft.label_reason = _name(roles, "samples"), "its last time step"
        draft.changed.append(f"the first time step of {draft.label} is the input, the last the target")
        draft.warnings += doubts
        return axes
    labels = joined(draft.name, roles.columns["label"])
    draft.label = _name(roles, "label")
    draft.label_reason = "as said" if draft.reading.label else f"because of the name {draft.label}"
    if names.parse(roles.columns["label"][0].name).base == "events" and labels.shape[1:] == (3,):
        labels = labels[:, 2]
        draft.changed.append("the last of the three columns of events read as labels, as MNE has them")
    labels, doubt = as_text(draft.name, "y", labels, draft.reading.encoding)
    draft.warnings += [doubt] if doubt else []
    draft.inputs, draft.labels, axes = samples_first(draft.name, inputs, labels, draft.reading)
    return axes


def _name(roles: Roles, role: str) -> str:
    return " + ".join(printable(entry.name, 40) for entry in roles.columns[role])


def _arrange(draft: Draft, roles: Roles, axes: tuple[str, ...]) -> None:
    """Find out what samples are, unless the person says it, and bring them to the stored layout."""
    flags = _single(draft, roles, "categorical")
    guess = _guess(draft, flags, axes, draft.reading.modality or _given_modality(draft, roles))
    draft.modality, draft.modality_reason = guess.modality, guess.reason
    draft.warnings += guess.doubts
    if draft.modality is Modality.SEQUENCE and draft.inputs.size:
        draft.inputs, said, draft.letters = as_codes(draft.name, draft.inputs)
        draft.changed += [said] if said else []
    shape = draft.inputs.shape
    draft.inputs = arrange(draft.name, draft.inputs, draft.modality, guess.axes)
    if guess.axes and draft.inputs.ndim == len(shape) and draft.inputs.shape != shape:
        draft.changed.append(f"axes {' x '.join(guess.axes)} of a sample put in the order of the data set")
    if flags is not None and draft.modality is Modality.TABULAR:
        take_categories(draft, flags)


def _given_modality(draft: Draft, roles: Roles) -> str | None:
    """What an array called modality says, where it is one that there is."""
    given = _single(draft, roles, "modality")
    word = "" if given is None else str(as_text(draft.name, "modality", given, None)[0].reshape(-1)[0]).strip().lower()
    return word if word in tuple(Modality) else None


def _guess(draft: Draft, flags: np.ndarray | None, axes: tuple[str, ...], said: str | None) -> Guess:
    """What samples are: as said, else as their values tell."""
    if flags is not None:
        checked_flags(draft.name, flags, draft.inputs)
        if said is None:
            return Guess(Modality.TABULAR, "read as a table because is_categorical is given")
    if draft.inputs.ndim > 4 and said != Modality.TABULAR:
        raise DataError(
            f"{draft.name}: X has shape {draft.inputs.shape}, expected one to four axes with the samples first; keep "
            "one frame or slice such as X[:, 0], merge axes with X.reshape(len(X), channels, height, width), or lay "
            "samples flat with --read modality=tabular."
        )
    if draft.inputs.dtype.kind == "U":
        modality, reason = modality_of_text(draft.inputs)
        return Guess(modality, reason) if said is None else Guess(Modality(said), "read as chosen")
    if not draft.inputs.size or not draft.inputs.ndim or draft.inputs.ndim > 4:
        return Guess(Modality(said) if said else Modality.TABULAR, "read as chosen")  # refused by whoever arranges it
    has_labels = draft.reading.label != NO_LABELS and draft.labels.ndim and len(draft.labels) == len(draft.inputs)
    labels = draft.labels if has_labels else None
    guess = settle(draft.inputs, labels, said, axes)
    if said is None and guess.modality is Modality.IMAGE and _is_field(draft, guess.axes):
        why = f"its axes are {' x '.join(axes)}" if axes else "y has a value for every cell of X"
        return Guess(Modality.FIELD, f"read as fields because {why}", guess.axes, guess.doubts)
    return guess


def _is_field(draft: Draft, axes: tuple[str, ...]) -> bool:
    if draft.inputs.dtype == np.uint8:
        return False
    return on_cells(arrange(draft.name, draft.inputs, Modality.FIELD, axes), draft.labels, Modality.FIELD)


def _decode(draft: Draft, roles: Roles) -> None:
    """Labels as classes, numbers or values of cells, with names where the file has them."""
    given = _single(draft, roles, "task")
    task = parse_task(draft.name, given) if given is not None else None
    if draft.reading.task:
        task = Task(draft.reading.task)
    cells = draft.labels.ndim > 1 and on_cells(draft.inputs, draft.labels, draft.modality)
    has_steps = draft.labels.ndim > 1 and cell_values(draft.inputs, draft.labels, draft.modality) is not None
    doubt_scene(draft, roles.columns["samples"][0].shape, draft.labels, has_steps)
    labels_by_letter(draft)
    class_names = _class_names(draft, roles)
    found = decode_labels(draft.name, draft.labels, class_names, draft.reading, task, cells)
    draft.labels, draft.class_names = found.labels, found.names
    draft.task = found.task
    draft.changed += found.changed
    draft.warnings += found.doubts


def _class_names(draft: Draft, roles: Roles) -> list[str]:
    given = _single(draft, roles, "names")
    if given is None or not given.size:
        return []
    if given.dtype.kind not in "SUiu" or sum(side > 1 for side in given.shape) > 1:
        raise DataError(
            f"{draft.name}: {printable(roles.singles['names'].name, 40)} has shape {given.shape} and type "
            f"{given.dtype}, expected one string per class; correct it or leave it out."
        )
    words, doubt = as_text(draft.name, "class_names", given.reshape(-1), draft.reading.encoding)
    draft.warnings += [doubt] if doubt else []
    return [str(word) for word in words.tolist()]


def _describe(draft: Draft, roles: Roles) -> None:
    """Sampling rate of a series, names of the features of a table."""
    if draft.modality is Modality.SERIES and (rate := _single(draft, roles, "rate")) is not None:
        if rate.size != 1 or rate.dtype.kind not in "iuf" or not 0 < float(rate.reshape(-1)[0]) < math.inf:
            raise DataError(
                f"{draft.name}: {printable(roles.singles['rate'].name, 40)} is not one positive number; correct it or "
                "leave it out."
            )
        draft.sampling_rate_hz = float(rate.reshape(-1)[0])
    elif "rate" in roles.singles:
        del roles.singles["rate"]
    given = _single(draft, roles, "features")
    if given is not None:
        words, _ = as_text(draft.name, "feature_names", given, draft.reading.encoding)
        if draft.modality is not Modality.TABULAR or not name_features(draft, words):
            del roles.singles["features"]


def _split(draft: Draft, roles: Roles, held: Held, n: int) -> None:
    """Splits, groups and times of the rows.

    A usual name alone makes no groups against a split that the file has: where it tears them apart, that is told.
    """
    kept = None
    if draft.reading.split != "none":
        draft.splits, draft.split_reason, kept = given_splits(draft.name, roles, n, held.counts_from)
    for role, name in (("group", "groups"), ("time", "times")):
        if role not in roles.columns:
            continue
        values = joined(draft.name, roles.columns[role]).reshape(-1)
        if len(values) != n or values.dtype.kind not in "biufSUM":
            raise DataError(
                f"{draft.name}: {_name(roles, role)} holds {len(values):,} values of type {values.dtype} for {n:,} "
                f"samples, expected one number or word for each; choose another {role}."
            )
        by_name = role == "group" and draft.reading.group is None
        if by_name and draft.splits is not None and groups_in_two_splits(values, draft.splits):
            del roles.columns[role]
            continue
        setattr(draft, name, values.astype(np.int64) if values.dtype.kind == "M" else values)
        setattr(draft, role, _name(roles, role))
    if kept is not None:
        draft.keep(kept)
        draft.leave_out("rows", [f"row {row + 1}" for row in np.flatnonzero(~kept)], "they are in no split")


def _single(draft: Draft, roles: Roles, role: str) -> np.ndarray | None:
    """An array about the data set as a whole, None where there is none."""
    return loaded(draft.name, roles.singles[role]) if role in roles.singles else None
