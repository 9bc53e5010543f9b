"""Arrays that a file has in pieces: one folder a sample, and words as codes with their categories."""

import re
from collections.abc import Callable

import numpy as np

from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.readers.arrays.names import LABELS, parse

_FEWEST = 4  # numbered folders
_NUMBERED = re.compile(r"(\D*?)(\d+)$")


def gather(held: Held) -> list[str]:
    """Put the pieces of a file together, in place, and say so in clauses; what is no such piece stays as it is."""
    entries = _of_codes(held.entries)
    held.entries = _of_folders(entries)
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


def _of_folders(entries: list[Entry]) -> list[Entry]:
    """Arrays in numbered folders, one a sample, to one array for every name in them, in the order of the numbers."""
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
    layouts = {tuple((name, one.shape, one.dtype.kind) for name, one in sorted(sample.items())) for sample in samples}
    first = samples[0]
    several = any(len(one.shape) == 1 and len(one) > 1 and parse(name).base in LABELS for name, one in first.items())
    if len(layouts) > 1 or several:  # with several labels each, folders are those of persons or folds
        return entries
    return [
        Entry(name, (len(samples), *one.shape), one.dtype, _stack([sample[name] for sample in samples]))
        for name, one in first.items()
    ]


def _stack(entries: list[Entry]) -> Callable[[], np.ndarray]:
    return lambda: np.stack([entry.load() for entry in entries])
