"""Arrays that a file has in pieces: one folder a sample, and words as codes with their categories."""

import re
from collections.abc import Callable

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.readers.arrays.names import LABELS, parse
from xmodal_core.errors import DataError

_FEWEST = 4  # numbered folders
_NUMBERED = re.compile(r"(\D*?)(\d+)$")


def gather(name: str, held: Held) -> list[str]:
    """Put the pieces of a file together, in place, and say so in clauses; what is no such piece stays as it is."""
    entries = _of_codes(held.entries)
    held.entries = _of_folders(name, entries)
    if held.entries is entries:
        return []
    return [f"{len(held.entries[0]):,} numbered folders put together, one a sample"]


def _of_codes(entries: list[Entry]) -> list[Entry]:
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
