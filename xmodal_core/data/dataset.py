"""What every reader produces and every later step consumes: samples, targets, splits, and who is who.

Arrays are numpy, so that pages and readers need no torch.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.targets import (
    IGNORED,
    TargetScale,
    Task,
    cells_of,
    check_class_sizes,
    check_targets,
    class_cells,
    strata,
    typed_targets,
)
from xmodal_core.data.understanding import Understanding
from xmodal_core.errors import DataError

__all__ = [
    "SPLITS",
    "LabelledDataset",
    "Modality",
    "Samples",
    "Task",
    "make_dataset",
    "stratified_rows",
    "stratified_splits",
]

SPLITS = ("train", "val", "test")
_IN_PLACE = ("image", "field", "series", "sequence")  # modalities that have cells, which targets can lie on


_SHAPES = {
    Modality.IMAGE: (4, "(n, channels, height, width)"),
    Modality.SERIES: (3, "(n, channels, time)"),
    Modality.SEQUENCE: (2, "(n, length) of integer codes"),
    Modality.TEXT: (1, "(n,) of strings"),
    Modality.TABULAR: (2, "(n, features)"),
    Modality.FIELD: (4, "(n, channels, height, width)"),
}


class Samples(Protocol):
    """What a network needs of a data set to answer, labelled or not."""

    @property
    def inputs(self) -> np.ndarray:
        """(n, ...) as `LabelledDataset.inputs`."""
        ...


@dataclass(frozen=True, eq=False)
class LabelledDataset:
    """Samples of one modality with what is asked of them.

    Attributes:
        inputs: (n, c, h, w) IMAGE in any scale, FIELD in its own units | (n, c, t) SERIES | (n, f) TABULAR, all
            float32; (n, l) int64 codes >= 0 SEQUENCE; (n,) strings TEXT.
        targets: (n,) int64 in [0, len(class_names)) CLASSIFICATION, (n, h, w) or (n, t) of the same on the cells of
            the inputs, with IGNORED (-1) where there is no class, SEGMENTATION; float32 otherwise: (n, K) of 0 and 1
            MULTILABEL, (n, k) in target units REGRESSION, (n, c, h, w) or (n, c, t) on the cells of the inputs DENSE.
        class_names: names of classes or labels; empty for REGRESSION and DENSE.
        splits: (n,) of "train", "val" or "test".
        uid: (n,) strings, stable names of the samples.
        category_counts: TABULAR only, per feature: 0 for a number, k for codes 0..k-1 of k categories.
        sampling_rate_hz: SERIES only, where known.
        task: what the targets are.
        feature_names: TABULAR only, the names of its columns; empty where they have none.
        groups: (n,) int64, rows that belong together have the same number; None where nothing is known.
        understanding: what the reader of a file made of it; None for data that no reader read.

    Raises:
        DataError: lengths differ, a value is not finite, a label lies outside its classes, fewer than
            two classes, a class with a single sample, or targets that are not those of the task.
    """

    name: str
    modality: Modality
    inputs: np.ndarray
    targets: np.ndarray
    class_names: tuple[str, ...]
    splits: np.ndarray
    uid: np.ndarray
    category_counts: tuple[int, ...] = ()
    sampling_rate_hz: float | None = None
    origin: str = field(default="", compare=False)
    task: Task = Task.CLASSIFICATION
    feature_names: tuple[str, ...] = ()
    groups: np.ndarray | None = None
    understanding: Understanding | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Check every invariant once, here; later code trusts them."""
        _check_inputs(self)
        _check_targets(self)
        _check_splits(self)

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.targets)

    @property
    def n_classes(self) -> int:
        """Number of class names, whether or not each occurs; 0 where the target is no class."""
        return len(self.class_names)

    @property
    def n_outputs(self) -> int:
        """Outputs of a model per sample, or per cell where the target lies on cells."""
        classes = self.task in (Task.CLASSIFICATION, Task.SEGMENTATION)
        return self.n_classes if classes else int(self.targets.shape[1])

    @property
    def cells(self) -> tuple[int, ...]:
        """Size of the target along its places, (h, w) or (t,); empty where a sample has one target."""
        return cells_of(self.task, self.targets.shape)

    @cached_property
    def strata(self) -> np.ndarray:
        """Groups (n,) int64 for `stratified_rows`: the classes, tenths of a scalar target, or one group."""
        return strata(self.task, self.targets)

    @cached_property
    def target_scale(self) -> TargetScale:
        """Standard units of a regression or dense target, fitted on the training rows."""
        return TargetScale.fit(self.targets[self.rows("train")])

    @cached_property
    def train_cells(self) -> np.ndarray:
        """Cells of each class in the training rows, (K,) int64; SEGMENTATION only."""
        counts: np.ndarray = class_cells(self.targets[self.rows("train")], self.n_classes).sum(axis=0)
        return counts

    def rows(self, *splits: str) -> np.ndarray:
        """Row numbers (int64, ascending) that belong to any of the named splits."""
        return np.flatnonzero(np.isin(self.splits, splits))

    @cached_property
    def content_hash(self) -> str:
        """Name of the content: equal for equal arrays, task and reading, whatever the data set is called."""
        digest = hashlib.blake2b(digest_size=8)
        if self.task is not Task.CLASSIFICATION:  # data sets kept before there were other tasks keep their names
            digest.update(self.task.encode())
        for part in (self.modality, self.inputs.shape, self.class_names, self.category_counts):
            digest.update(repr(part).encode())
        for array in (self.inputs, self.targets, self.splits):
            digest.update(np.ascontiguousarray(array).tobytes())
        if self.understanding is not None and self.understanding.reading.said:
            digest.update(json.dumps(self.understanding.reading.to_json(), sort_keys=True).encode())
        return digest.hexdigest()


def make_dataset(
    name: str,
    modality: Modality,
    inputs: np.ndarray,
    targets: np.ndarray,
    class_names: Sequence[str],
    *,
    splits: np.ndarray | None = None,
    category_counts: Sequence[int] = (),
    sampling_rate_hz: float | None = None,
    origin: str = "",
    task: Task = Task.CLASSIFICATION,
    feature_names: Sequence[str] = (),
    groups: np.ndarray | None = None,
    understanding: Understanding | None = None,
) -> LabelledDataset:
    """Bring arrays to the stored types, split where no split is given, and check.

    Missing splits become a 60/20/20 train/val/test split with a fixed seed, stratified by class or by tenths of a
    scalar target; a given split without validation rows gives up such a fifth of its training rows.
    """
    inputs = _typed_inputs(modality, np.asarray(inputs))
    targets = np.asarray(targets)
    if len(inputs) != len(targets):
        raise DataError(f"{name}: {len(inputs)} samples but {len(targets)} labels; give one label per sample.")
    targets = typed_targets(task, targets)
    if task is Task.CLASSIFICATION:
        check_class_sizes(name, targets, class_names)
    else:
        check_targets(name, task, targets, class_names, inputs.shape)
    levels = strata(task, targets)
    splits = stratified_splits(levels) if splits is None else _with_validation(np.asarray(splits).astype(str), levels)
    uid = np.char.add(f"{name}/", np.arange(len(targets)).astype(np.str_))
    return LabelledDataset(
        name,
        modality,
        inputs,
        targets,
        tuple(map(str, class_names)),
        splits,
        uid,
        tuple(category_counts),
        sampling_rate_hz,
        origin,
        task,
        tuple(feature_names),
        groups,
        understanding,
    )


def stratified_splits(targets: np.ndarray, shares: tuple[float, float] = (0.2, 0.2), seed: int = 0) -> np.ndarray:
    """Train/val/test per row (n,): each class gives up the two shares to val and test, at least one row if it has 3."""
    splits = np.full(len(targets), "train", dtype="<U5")
    rng = np.random.default_rng(seed)
    for label in np.unique(targets):
        rows = rng.permutation(np.flatnonzero(targets == label))
        n_val, n_test = (max(1, round(share * len(rows))) if share and len(rows) >= 3 else 0 for share in shares)
        if len(rows) == 2 and shares[1]:
            n_test = 1  # two samples: one to learn from, one to be asked about
        splits[rows[:n_val]] = "val"
        splits[rows[n_val : n_val + n_test]] = "test"
    return splits


def stratified_rows(targets: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Ascending rows (min(n, len),) drawn without replacement, classes kept in proportion."""
    if n >= len(targets):
        return np.arange(len(targets))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(targets))
    order = order[np.argsort(targets[order], kind="stable")]  # shuffled inside each class
    picks = np.floor((np.arange(n) + rng.random()) * len(order) / n).astype(np.int64)  # systematic draw
    return np.sort(order[picks])


def _typed_inputs(modality: Modality, inputs: np.ndarray) -> np.ndarray:
    if modality is Modality.TEXT:
        return inputs.astype(np.str_)
    if modality is Modality.SEQUENCE:
        return inputs.astype(np.int64)
    with np.errstate(over="ignore", invalid="ignore"):  # infinite or no number in float32, which is refused
        return np.ascontiguousarray(inputs, dtype=np.float32)


def _with_validation(splits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    if (splits == "val").any() or not (splits == "train").any():
        return splits
    train = np.flatnonzero(splits == "train")
    splits = splits.copy()
    splits[train] = stratified_splits(targets[train], shares=(0.2, 0.0))
    return splits


def _check_inputs(data: LabelledDataset) -> None:
    n_axes, wanted = _SHAPES[data.modality]
    if data.inputs.ndim != n_axes:
        raise DataError(
            f"{data.name}: found an array of shape {data.inputs.shape}, expected {wanted} for {data.modality}; "
            "choose another modality or reshape X."
        )
    if 0 in data.inputs.shape:
        raise DataError(f"{data.name}: found an empty array of shape {data.inputs.shape}; give at least one sample.")
    if data.modality is Modality.SEQUENCE and data.inputs.min() < 0:
        raise DataError(f"{data.name}: found negative sequence codes, expected integers from 0; shift the codes.")
    if data.inputs.dtype.kind == "f" and not np.isfinite(data.inputs).all():
        bad = ~np.isfinite(data.inputs).reshape(len(data.inputs), -1).all(axis=1)
        raise DataError(
            f"{data.name}: {int(bad.sum())} of {len(bad)} samples hold NaN or infinite values (first: row "
            f"{int(np.argmax(bad))}), expected finite numbers; fill or remove them."
        )
    if data.category_counts and len(data.category_counts) != data.inputs.shape[1]:
        raise DataError(
            f"{data.name}: {len(data.category_counts)} category counts for {data.inputs.shape[1]} features."
        )
    if data.feature_names and len(data.feature_names) != data.inputs.shape[1]:
        raise DataError(f"{data.name}: {len(data.feature_names)} names for {data.inputs.shape[1]} features.")


def _check_targets(data: LabelledDataset) -> None:
    if not len(data.inputs) == len(data.targets) == len(data.splits) == len(data.uid):
        raise DataError(
            f"{data.name}: {len(data.inputs)} samples, {len(data.targets)} labels and {len(data.splits)} split "
            "entries; give one of each per sample."
        )
    if data.task in (Task.DENSE, Task.SEGMENTATION) and data.modality not in _IN_PLACE:
        raise DataError(
            f"{data.name}: found a target per cell for {data.modality} data, expected one of {', '.join(_IN_PLACE)}; "
            "choose another modality or task."
        )
    check_targets(data.name, data.task, data.targets, data.class_names, data.inputs.shape)


def _check_splits(data: LabelledDataset) -> None:
    unknown = sorted(set(np.unique(data.splits).tolist()) - set(SPLITS))
    if unknown:
        raise DataError(f"{data.name}: found split {unknown[0]!r}, expected only train, val and test; rename it.")
    for needed in ("train", "test"):
        if needed not in data.splits:
            raise DataError(f"{data.name}: no row is in the {needed} split; mark some, or leave the splits out.")
    if data.task is Task.SEGMENTATION:
        _check_labelled_cells(data)


def _check_labelled_cells(data: LabelledDataset) -> None:
    """Refuse a split in which every cell is ignored: nothing could be learnt from it, or scored on it."""
    labelled = (data.targets != IGNORED).reshape(len(data), -1).any(axis=1)
    for split in SPLITS:
        rows = data.rows(split)
        if len(rows) and not labelled[rows].any():
            raise DataError(
                f"{data.name}: no cell of the {len(rows)} {split} rows has a class, expected one at least; mark other "
                "rows."
            )
