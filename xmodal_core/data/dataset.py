"""What every reader produces and every later step consumes: samples, labels, splits, and who is who.

Arrays are numpy, so that pages and readers need no torch.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from xmodal_core.errors import DataError

SPLITS = ("train", "val", "test")
MAX_CLASSES = 1000
MIN_CLASS_COUNT = 2  # below this no class has both a training and a held-out row


class Modality(StrEnum):
    """What a sample is; it decides the embedder."""

    IMAGE = "image"
    SERIES = "series"
    SEQUENCE = "sequence"
    TEXT = "text"
    TABULAR = "tabular"


_SHAPES = {
    Modality.IMAGE: (4, "(n, channels, height, width)"),
    Modality.SERIES: (3, "(n, channels, time)"),
    Modality.SEQUENCE: (2, "(n, length) of integer codes"),
    Modality.TEXT: (1, "(n,) of strings"),
    Modality.TABULAR: (2, "(n, features)"),
}


@dataclass(frozen=True, eq=False)
class LabelledDataset:
    """Samples of one modality with integer class labels.

    Attributes:
        inputs: (n, c, h, w) IMAGE in any scale | (n, c, t) SERIES | (n, f) TABULAR, all float32;
            (n, l) int64 codes >= 0 SEQUENCE; (n,) strings TEXT.
        targets: (n,) int64 in [0, len(class_names)).
        splits: (n,) of "train", "val" or "test".
        uid: (n,) strings, stable names of the samples.
        category_counts: TABULAR only, per feature: 0 for a number, k for codes 0..k-1 of k categories.
        sampling_rate_hz: SERIES only, where known.

    Raises:
        DataError: lengths differ, a value is not finite, a label lies outside its classes, fewer than
            two classes, or a class with a single sample.
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
        """Number of class names, whether or not each occurs."""
        return len(self.class_names)

    def rows(self, *splits: str) -> np.ndarray:
        """Row numbers (int64, ascending) that belong to any of the named splits."""
        return np.flatnonzero(np.isin(self.splits, splits))

    @cached_property
    def content_hash(self) -> str:
        """Name of the content: equal for equal arrays, whatever the data set is called."""
        digest = hashlib.blake2b(digest_size=8)
        for part in (self.modality, self.inputs.shape, self.class_names, self.category_counts):
            digest.update(repr(part).encode())
        for array in (self.inputs, self.targets, self.splits):
            digest.update(np.ascontiguousarray(array).tobytes())
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
) -> LabelledDataset:
    """Bring arrays to the stored types, split where no split is given, and check.

    Missing splits become a stratified 60/20/20 train/val/test split with a fixed seed; a given split
    without validation rows gives up a stratified fifth of its training rows.
    """
    inputs = _typed_inputs(modality, np.asarray(inputs))
    targets = np.asarray(targets)
    if len(inputs) != len(targets):
        raise DataError(f"{name}: {len(inputs)} samples but {len(targets)} labels; give one label per sample.")
    targets = targets.astype(np.int64)
    _check_class_sizes(name, targets, class_names)
    splits = stratified_splits(targets) if splits is None else _with_validation(np.asarray(splits).astype(str), targets)
    uid = np.array([f"{name}/{i}" for i in range(len(targets))])
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
    return np.ascontiguousarray(inputs, dtype=np.float32)


def _with_validation(splits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    if (splits == "val").any() or not (splits == "train").any():
        return splits
    train = np.flatnonzero(splits == "train")
    splits = splits.copy()
    splits[train] = stratified_splits(targets[train], shares=(0.2, 0.0))
    return splits


def _check_class_sizes(name: str, targets: np.ndarray, class_names: Sequence[str]) -> None:
    present, counts = np.unique(targets, return_counts=True)
    if len(present) < 2:
        raise DataError(f"{name}: found {len(present)} class, expected at least 2; add samples of another class.")
    if len(present) > MAX_CLASSES:
        raise DataError(
            f"{name}: found {len(present)} different labels, expected at most {MAX_CLASSES} classes; "
            "choose a label column that names classes, not measurements."
        )
    lonely = [str(class_names[c]) for c in present[counts < MIN_CLASS_COUNT] if c < len(class_names)]
    if lonely:
        shown = ", ".join(lonely[:5]) + (" ..." if len(lonely) > 5 else "")
        raise DataError(
            f"{name}: {len(lonely)} class(es) have a single sample ({shown}), expected at least {MIN_CLASS_COUNT}; "
            "add samples, or merge or remove these classes."
        )


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


def _check_targets(data: LabelledDataset) -> None:
    if not len(data.inputs) == len(data.targets) == len(data.splits) == len(data.uid):
        raise DataError(
            f"{data.name}: {len(data.inputs)} samples, {len(data.targets)} labels and {len(data.splits)} split "
            "entries; give one of each per sample."
        )
    if data.targets.min() < 0 or data.targets.max() >= data.n_classes:
        raise DataError(
            f"{data.name}: labels run from {data.targets.min()} to {data.targets.max()}, expected 0 to "
            f"{data.n_classes - 1} for {data.n_classes} class names; name every class."
        )
    _check_class_sizes(data.name, data.targets, data.class_names)


def _check_splits(data: LabelledDataset) -> None:
    unknown = sorted(set(np.unique(data.splits).tolist()) - set(SPLITS))
    if unknown:
        raise DataError(f"{data.name}: found split {unknown[0]!r}, expected only train, val and test; rename it.")
    for needed in ("train", "test"):
        if needed not in data.splits:
            raise DataError(f"{data.name}: no row is in the {needed} split; mark some, or leave the splits out.")
