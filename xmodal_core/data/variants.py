"""The same data set with fewer training rows, with labels dealt out at random, or broken on purpose.

What is broken on purpose is a data set by name: `digits@shuffled`, `path/to/mine.npz@noise`. Every break is drawn with
one fixed seed, so that a name means the same rows and numbers everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality, Task, stratified_rows
from xmodal_core.errors import DataError, SettingsError

FEW = 20
_SEED = 0
_MARK = "@"
_PARTS = (4, 5, 3, 7, 2)  # into how many strips a side of a picture is cut: the first that divides it
_CODES = (Modality.SEQUENCE, Modality.TEXT)  # samples of letters or words, which have no scale


def with_train_rows(dataset: LabelledDataset, n: int, seed: int) -> LabelledDataset:
    """Keep n training rows, classes in proportion, and every validation and test row.

    Raises:
        SettingsError: there are fewer than n training rows.
    """
    train = dataset.rows("train")
    if n > len(train):
        raise SettingsError(
            f"train_rows is {n}, but {dataset.name} has {len(train)} training rows; ask for {len(train)} at most."
        )
    kept = train[stratified_rows(dataset.strata[train], n, seed)]
    return _of_rows(dataset, np.sort(np.concatenate([kept, dataset.rows("val", "test")])))


def with_shuffled_labels(dataset: LabelledDataset, seed: int) -> LabelledDataset:
    """Deal the targets of the training rows out among them: what training does to a body when nothing can be learnt."""
    return _dealt(dataset, ("train",), seed)


def with_every_label_shuffled(dataset: LabelledDataset, seed: int) -> LabelledDataset:
    """Deal the targets of every split out among its rows: labels that say nothing, in as many classes as before."""
    return _dealt(dataset, SPLITS, seed)


def with_few_rows(dataset: LabelledDataset, seed: int, n: int = FEW) -> LabelledDataset:
    """Keep n rows of all splits together, in their proportions and with classes in proportion.

    Raises:
        DataError: there are no more than n rows.
    """
    if len(dataset) <= n:
        raise DataError(f"{dataset.name}: found {len(dataset)} samples, expected more than {n}; it is small already.")
    total, kept = len(dataset), []
    for split in SPLITS:
        rows = dataset.rows(split)
        share = min(len(rows), max(1, round(n * len(rows) / total))) if len(rows) else 0
        kept.append(rows[stratified_rows(dataset.strata[rows], share, seed)])
    spare = n - sum(map(len, kept[1:]))  # rounding is the training rows' gain or loss
    train = dataset.rows("train")
    kept[0] = train[stratified_rows(dataset.strata[train], max(1, spare), seed)]
    return _of_rows(dataset, np.sort(np.concatenate(kept)))


def with_noise(dataset: LabelledDataset, seed: int) -> LabelledDataset:
    """As much noise as there is signal.

    Numbers get normal noise of their own standard deviation over the training rows, per channel or column; half of the
    categories, letters and words are replaced by others of the data set, as frequent as they are there.
    """
    rng = np.random.default_rng(seed)
    if dataset.modality is Modality.TEXT:
        words = [text.split() for text in dataset.inputs.tolist()]
        pool = np.array([word for text in words for word in text], np.str_)
        texts = [" ".join(_half_replaced(np.array(text, np.str_), pool, rng)) for text in words]
        return replace(dataset, inputs=np.array(texts, np.str_))
    if dataset.modality is Modality.SEQUENCE:
        return replace(dataset, inputs=_half_replaced(dataset.inputs, dataset.inputs.ravel(), rng))
    axes = (0, *range(2, dataset.inputs.ndim))
    scale = dataset.inputs[dataset.rows("train")].std(axis=axes, keepdims=True, dtype=np.float64)
    noisy = (dataset.inputs + scale * rng.standard_normal(dataset.inputs.shape)).astype(np.float32)
    for column in _category_columns(dataset):
        noisy[:, column] = _half_replaced(dataset.inputs[:, column], dataset.inputs[:, column], rng)
    return replace(dataset, inputs=noisy)


def times_ten(dataset: LabelledDataset) -> LabelledDataset:
    """Every number of the inputs times ten, as in another unit; categories stay.

    Raises:
        DataError: the samples are letters or words, which have no unit.
    """
    if dataset.modality in _CODES:
        raise DataError(f"{dataset.name}: found {dataset.modality} data, expected numbers; letters have no unit.")
    scaled = dataset.inputs * np.float32(10)
    for column in _category_columns(dataset):
        scaled[:, column] = dataset.inputs[:, column]
    return replace(dataset, inputs=scaled)


def permuted(dataset: LabelledDataset, seed: int) -> LabelledDataset:
    """Pieces of every sample in another order, the same one for all samples; for texts, one a text.

    The patches of a picture or field, the steps of a series, the letters of a sequence, the columns of a table with
    their names, the words of a text. Targets on cells move with their cells.
    """
    rng = np.random.default_rng(seed)
    if dataset.modality is Modality.TEXT:
        texts = [" ".join(rng.permutation(np.array(text.split(), np.str_))) for text in dataset.inputs.tolist()]
        return replace(dataset, inputs=np.array(texts, np.str_))
    order = _order(dataset.modality, dataset.inputs.shape, rng)
    places = dataset.inputs.shape[1:] if dataset.modality in _FLAT else dataset.inputs.shape[2:]
    changed = replace(dataset, inputs=_reordered(dataset.inputs, order, places))
    if dataset.task in (Task.DENSE, Task.SEGMENTATION):
        return replace(changed, targets=_reordered(dataset.targets, order, places))
    if dataset.modality is Modality.TABULAR:
        names = tuple(dataset.feature_names[i] for i in order) if dataset.feature_names else ()
        counts = tuple(dataset.category_counts[i] for i in order) if dataset.category_counts else ()
        return replace(changed, feature_names=names, category_counts=counts)
    return changed


@dataclass(frozen=True)
class Break:
    """A way to break a data set, and what to ask before it is done.

    Attributes:
        name: behind the @.
        title: on a button.
        what: what is done, one sentence.
        ask: what a person shall predict.
        answers: to choose from.
        apply: does it, always with the same draw.
    """

    name: str
    title: str
    what: str
    ask: str
    answers: tuple[str, ...]
    apply: Callable[[LabelledDataset], LabelledDataset]


_ALL = (
    Break(
        "shuffled",
        "Shuffle the labels",
        "Every sample keeps its place, and the right answers are dealt out at random.",
        "Which numbers notice that the answers mean nothing?",
        ("the gap grows", "the gap stays", "only accuracy falls"),
        lambda data: with_every_label_shuffled(data, _SEED),
    ),
    Break(
        "few",
        f"Keep {FEW} samples",
        f"Of all samples, {FEW} are left, classes in proportion.",
        "What happens to the gap, and to how sure we are of it?",
        ("the same, and as sure", "the same, less sure", "the gap shrinks"),
        lambda data: with_few_rows(data, _SEED),
    ),
    Break(
        "noise",
        "Add noise",
        "As much noise as there is signal is laid over every sample.",
        "Does noise bring your data nearer to the source, or take them away?",
        ("nearer", "no change", "farther"),
        lambda data: with_noise(data, _SEED),
    ),
    Break(
        "x10",
        "Times ten",
        "Every number is multiplied by ten, as if it were written in another unit.",
        "Nothing about your data has changed but the unit: which measures care?",
        ("none", "some", "all"),
        times_ten,
    ),
    Break(
        "permuted",
        "Permute the pieces",
        "Patches, time steps, letters or columns change places, in the same way in every sample.",
        "Is it still the same data to a person, to a network, to a table?",
        ("nobody notices", "the network notices", "everybody notices"),
        lambda data: permuted(data, _SEED),
    ),
)
BREAKS: dict[str, Break] = {each.name: each for each in _ALL}


def split_reference(reference: str) -> tuple[str, str]:
    """The data set that is meant, and how it is broken: ("digits", "noise") of "digits@noise", else ("digits", "")."""
    base, mark, name = reference.rpartition(_MARK)
    return (base, name) if mark and base and name in BREAKS else (reference, "")


def joined_reference(base: str, name: str) -> str:
    """The reference of a data set that is broken so; of the data set itself where the name is empty."""
    return f"{base}{_MARK}{name}" if name else base


def broken(dataset: LabelledDataset, name: str) -> LabelledDataset:
    """The data set broken in this way, called by it.

    Args:
        dataset: stays as it is.
        name: a key of `BREAKS`.

    Raises:
        DataError: this way means nothing for such data.
    """
    changed = BREAKS[name].apply(dataset)
    return replace(changed, name=joined_reference(dataset.name, name))


_FLAT = (Modality.TABULAR, Modality.SEQUENCE)


def _of_rows(dataset: LabelledDataset, rows: np.ndarray) -> LabelledDataset:
    return replace(
        dataset,
        inputs=dataset.inputs[rows],
        targets=dataset.targets[rows],
        splits=dataset.splits[rows],
        uid=dataset.uid[rows],
        groups=None if dataset.groups is None else dataset.groups[rows],
    )


def _dealt(dataset: LabelledDataset, splits: tuple[str, ...], seed: int) -> LabelledDataset:
    targets, rng = dataset.targets.copy(), np.random.default_rng(seed)
    for split in splits:
        rows = dataset.rows(split)
        targets[rows] = targets[rng.permutation(rows)]
    return replace(dataset, targets=targets)


def _half_replaced(values: np.ndarray, pool: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    drawn = rng.choice(pool, size=values.shape) if pool.size else values
    return np.where(rng.random(values.shape) < 0.5, drawn, values)


def _category_columns(dataset: LabelledDataset) -> list[int]:
    return [column for column, count in enumerate(dataset.category_counts) if count]


def _order(modality: Modality, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Where each place of a sample comes from, (places,) in the order of its flattened places."""
    if modality not in (Modality.IMAGE, Modality.FIELD):
        return rng.permutation(shape[-1])
    height, width = shape[-2:]
    rows, columns = (next((parts for parts in _PARTS if side % parts == 0), side) for side in (height, width))
    places = np.arange(height * width).reshape(rows, height // rows, columns, width // columns)
    patches = places.transpose(0, 2, 1, 3).reshape(rows * columns, height // rows, width // columns)
    dealt = patches[rng.permutation(len(patches))].reshape(rows, columns, height // rows, width // columns)
    order: np.ndarray = dealt.transpose(0, 2, 1, 3).ravel()
    return order


def _reordered(array: np.ndarray, order: np.ndarray, places: tuple[int, ...]) -> np.ndarray:
    before = array.shape[: array.ndim - len(places)]
    return np.ascontiguousarray(array.reshape(*before, -1)[..., order].reshape(array.shape))
