"""From a draft to a `LabelledDataset` that carries its `Understanding`: the last step of every reader."""

from dataclasses import replace

import numpy as np

from xmodal_core.data.checks import CHECKS
from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality, Task, make_dataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.missing import fill_missing, settle_missing
from xmodal_core.data.precision import in_single_precision
from xmodal_core.data.readers.targets import Targets, understand
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.splitting import split_rows
from xmodal_core.data.targets import check_class_sizes, strata, typed_targets
from xmodal_core.data.understanding import Understanding
from xmodal_core.errors import DataError

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "--", "nil", "<na>", "missing")
AXES = {
    Modality.IMAGE: ("channels", "height", "width"),
    Modality.FIELD: ("channels", "height", "width"),
    Modality.SERIES: ("channels", "time"),
    Modality.SEQUENCE: ("position",),
    Modality.TABULAR: ("features",),
    Modality.TEXT: (),
}


class UnlabelledError(DataError):
    """Rows that have no labels and can only be predicted; `draft` is what was read of them."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            f"{draft.name}: the reading says that there are no labels, expected labels to measure or to learn from; "
            "name them, or give the file to predict."
        )
        self.draft = draft


def finish(draft: Draft) -> LabelledDataset:
    """Drop rows without a label, find the task, split, bring to single precision, check; say all of it.

    Raises:
        DataError: anything that keeps the draft from being a labelled data set.
        UnlabelledError: the person says that there are no labels.
    """
    if draft.reading.label == NO_LABELS:
        raise UnlabelledError(draft)
    if not draft.labels.ndim or 0 in draft.labels.shape:
        raise DataError(
            f"{draft.name}: the labels have shape {draft.labels.shape}, expected one per sample; save them so."
        )
    if len(draft.inputs) != len(draft.labels):
        raise DataError(
            f"{draft.name}: {len(draft.inputs):,} samples but {len(draft.labels):,} labels; give one label per sample."
        )
    _leave_out_unlabelled(draft)
    settle_missing(draft)
    task = Task(draft.reading.task) if draft.reading.task else draft.task
    found = understand(
        draft.name, draft.labels, draft.class_names, draft.inputs, draft.modality, task, draft.reading.ignore
    )
    draft.warnings.extend(found.doubts)
    if draft.task_reason and not draft.reading.task:
        found = replace(found, note=draft.task_reason)
    targets = typed_targets(found.task, found.values)
    if found.task is Task.CLASSIFICATION:
        check_class_sizes(draft.name, targets, found.class_names)
    splits, split_reason = split_rows(draft, strata(found.task, targets))
    fill_missing(draft, splits)
    draft.inputs = in_single_precision(draft, splits)
    data = _dataset(draft, found, splits)
    for check in CHECKS.values():
        check(draft, data)
    told = _understanding(draft, found, data, split_reason)
    return replace(data, origin=_origin(draft, found), understanding=told)


def is_missing(labels: np.ndarray) -> np.ndarray:
    """Which labels say that there is none, bool (n,): NaN, or one of the usual words for it."""
    if labels.ndim == 2 and labels.dtype.kind == "f":
        lacking: np.ndarray = np.isnan(labels).any(axis=1)
        return lacking
    if labels.ndim != 1:
        return np.zeros(len(labels), bool)
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    if labels.dtype.kind == "U":
        words, codes = np.unique(labels, return_inverse=True)
        said = np.array([word.strip().lower() in MISSING for word in words.tolist()], bool)
        return said[codes]
    return np.zeros(len(labels), bool)


def _leave_out_unlabelled(draft: Draft) -> None:
    missing = is_missing(draft.labels)
    n = int(missing.sum())
    if not n:
        return
    if draft.reading.missing == "refuse" or n == len(missing):
        raise DataError(
            f"{draft.name}: {n:,} of {len(missing):,} labels are missing, expected one for every sample; fill them in "
            "or remove these rows."
        )
    draft.keep(~missing)
    draft.leave_out("rows", [f"row {row + 1}" for row in np.flatnonzero(missing)], "they have no label")
    if draft.reading.missing is None and draft.reading.ignore is None:
        draft.warn(
            "missing-labels",
            f"{n:,} of {len(missing):,} rows have no label and were left out",
            "fill them in if they have one",
            Reading(missing="drop"),
        )


def _dataset(draft: Draft, found: Targets, splits: np.ndarray) -> LabelledDataset:
    groups = None if draft.groups is None else np.unique(draft.groups, return_inverse=True)[1].reshape(-1)
    return make_dataset(
        draft.name,
        draft.modality,
        draft.inputs,
        found.values,
        found.class_names,
        splits=splits,
        category_counts=draft.category_counts,
        sampling_rate_hz=draft.sampling_rate_hz if draft.modality is Modality.SERIES else None,
        task=found.task,
        feature_names=[feature.name for feature in draft.features],
        groups=groups,
    )


def _origin(draft: Draft, found: Targets) -> str:
    """The file and the reasons, in one line."""
    label = f"labels from {draft.label!r}" if draft.label else ""
    left_out = [f"{one.n:,} {one.what} left out ({one.why})" for one in draft.left_out]
    said = [f"file {draft.file}", label, draft.modality_reason, found.note, *draft.changed, *left_out]
    return ", ".join(filter(None, said))


def _understanding(draft: Draft, found: Targets, data: LabelledDataset, split_reason: str) -> Understanding:
    return Understanding(
        file=draft.file,
        format=draft.format,
        n=len(data),
        modality=str(data.modality),
        modality_reason=draft.modality_reason,
        shape=tuple(data.inputs.shape[1:]),
        axes=AXES[data.modality],
        task=str(data.task),
        task_reason=found.note,
        n_outputs=data.n_outputs,
        classes=data.class_names,
        label=draft.label,
        label_reason=draft.label_reason,
        splits={split: len(data.rows(split)) for split in SPLITS},
        split_reason=split_reason,
        group=draft.group,
        n_groups=0 if data.groups is None else int(data.groups.max()) + 1,
        parts=tuple(draft.parts),
        features=tuple(draft.features),
        left_out=tuple(draft.left_out),
        changed=tuple(draft.changed),
        warnings=tuple(draft.warnings),
        reading=draft.reading,
        shifts=draft.shifts,
        letters=draft.letters,
    )
