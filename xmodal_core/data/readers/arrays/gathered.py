"""Arrays that a file has in pieces: one folder a sample, parts of all samples, and words as codes with categories."""

import re
from collections.abc import Callable

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.readers.arrays.names import LABELS, SAMPLES, parse
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

_FEWEST = 4  # numbered folders
_PART = re.compile(r"(\D*?)(\d+)(\D*)")  # one number, wherever it stands
_PARTS = ("batch", "batches", "part", "chunk", "shard", "fold", "block", "piece", "split")
_NUMBERED = re.compile(r"(\D*?)(\d+)$")


def gather(name: str, held: Held, reading: Reading | None = None) -> list[str]:
    """Put the pieces of a file together, in place, and say so in clauses; what is no such piece stays as it is.

    Args:
        name: data set, for messages.
        held: the arrays.
        reading: what the person said; a piece that is named there stays one.
    """
    entries = of_codes(held.entries)
    held.entries = _of_folders(name, entries)
    if held.entries is not entries:
        return [f"{len(held.entries[0]):,} numbered folders put together, one a sample"]
    named = {reading.samples, reading.label, *(reading.drop or ())} if reading is not None else set()
    found: list[str] = []
    while True:
        held.entries, said = _of_batches(held.entries, named)
        if not said:
            return found
        found.append(said)


def of_codes(entries: list[Entry]) -> list[Entry]:
    """`NAME/codes` and `NAME/categories`, as pandas and anndata write them, to words under NAME."""
    known = {entry.name: entry for entry in entries}
    found = []
    for entry in entries:
        folder, _, last = entry.name.rpartition("/")
        codes, categories = known.get(f"{folder}/codes"), known.get(f"{folder}/categories")
        is_pair = codes is not None and categories is not None and codes.dtype.kind in "iu"
        if not folder or not is_pair or last not in ("codes", "categories"):
            found.append(entry)
        elif last == "codes" and categories is not None:
            found.append(Entry(folder, entry.shape, categories.dtype, _words(entry, categories)))
    return found


def _words(codes: Entry, categories: Entry) -> Callable[[], np.ndarray]:
    def load() -> np.ndarray:
        words = categories.load().reshape(-1)
        rows = codes.load()
        if words.dtype.kind not in "SU":
            words = words.astype(np.str_)
        return np.concatenate([words, np.zeros(1, words.dtype)])[np.where(rows < len(words), rows, -1)]

    return load


def _of_folders(name: str, entries: list[Entry]) -> list[Entry]:
    """Arrays in numbered folders, one a sample, to one array for every name in them, in the order of the numbers.

    Raises:
        DataError: samples with a label each are of several shapes.
    """
    folders: dict[tuple[str, int], dict[str, Entry]] = {}
    for entry in entries:
        folder, _, rest = entry.name.partition("/")
        number = _NUMBERED.match(folder)
        if not rest or number is None:
            return entries
        folders.setdefault((number[1], int(number[2])), {})[rest] = entry
    samples = [folders[key] for key in sorted(folders)]
    if len(samples) < _FEWEST or len({stem for stem, _ in folders}) > 1:
        return entries
    first = samples[0]
    labels = [one for path, one in first.items() if parse(path).base in LABELS and len(one.shape) < 2]
    if any(len(one) > 1 for one in labels) or len({tuple(sorted(sample)) for sample in samples}) > 1:
        return entries  # with several labels each, folders are those of persons or folds
    for path in first:
        shapes = {sample[path].shape for sample in samples}
        if len(shapes) > 1 and labels:
            raise DataError(
                f"{name}: {len(samples):,} numbered folders have a {printable(path, 40)} of {len(shapes):,} different "
                f"shapes, from {min(shapes)} to {max(shapes)}, expected one shape; pad them with NaN, or codes with 0, "
                "to the longest."
            )
        if len(shapes) > 1 or len({sample[path].dtype.kind for sample in samples}) > 1:
            return entries
    return [
        Entry(path, (len(samples), *one.shape), one.dtype, _stack([sample[path] for sample in samples]))
        for path, one in first.items()
    ]


def _stack(entries: list[Entry]) -> Callable[[], np.ndarray]:
    return lambda: np.stack([entry.load() for entry in entries])


def _of_batches(entries: list[Entry], named: set[str | None]) -> tuple[list[Entry], str]:
    """Arrays that hold a part of the samples each (`data_batch_1`, `x_0`, `fold1_x`) to one array, and a clause.

    Only where samples and labels come in equally many parts of the same lengths, or one array has the labels of all.
    """
    parts: dict[str, dict[int, Entry]] = {}
    for entry in entries:
        if entry.name not in named and (found := _PART.fullmatch(entry.name)):
            parts.setdefault(_whole_name(found[1] + found[3]), {})[int(found[2])] = entry
    known = {name: [one[number] for number in sorted(one)] for name, one in parts.items() if len(one) > 1}
    known = {name: one for name, one in known.items() if _alike(one) and name not in {e.name for e in entries}}
    samples = next((name for name in known if parse(name).base in SAMPLES), None)
    if samples is None:
        return entries, ""
    numbers, lengths = sorted(parts[samples]), [len(one) for one in known[samples]]
    along = [name for name in known if sorted(parts[name]) == numbers and [*map(len, known[name])] == lengths]
    labels = [name for name in along if parse(name).base in LABELS]
    whole = [one for one in entries if parse(one.name).base in LABELS and len(one) == sum(lengths) != lengths[0]]
    if not (labels or whole) or any(_are_the_same(known[name]) for name in labels):
        return entries, ""  # views of the same samples are no parts of them
    gone = {one.name for name in along for one in known[name]}
    rest = [one for one in entries if one.name not in gone]
    joint = [
        Entry(name, (sum(lengths), *known[name][0].shape[1:]), known[name][0].dtype, _chain(known[name]))
        for name in along
    ]
    if "fold" not in {one.name for one in entries} and any("fold" in one.name.lower() for one in known[samples]):
        folds = np.repeat(numbers, lengths)
        joint.append(Entry("fold", folds.shape, folds.dtype, lambda: folds))
    first, last = known[samples][0].name, known[samples][-1].name
    shown = f"{printable(first, 30)} to {printable(last, 30)}"
    return [*joint, *rest], f"{len(lengths)} arrays {shown} put behind each other, as parts of all samples"


def _whole_name(name: str) -> str:
    """What all parts are called: the name without its number and the word for a part."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    kept = [word for word in words if word.lower() not in _PARTS]
    return "_".join(kept or words)


def _alike(parts: list[Entry]) -> bool:
    """Whether these can stand behind each other."""
    return len({(one.shape[1:], one.dtype.kind) for one in parts}) == 1 and all(len(one) > 0 for one in parts)


def _are_the_same(parts: list[Entry]) -> bool:
    if len({one.shape for one in parts}) > 1 or parts[0].dtype.hasobject:
        return False
    first = parts[0].load()
    return all(np.array_equal(first, one.load()) for one in parts[1:])


def _chain(entries: list[Entry]) -> Callable[[], np.ndarray]:
    return lambda: np.concatenate([entry.load() for entry in entries])
