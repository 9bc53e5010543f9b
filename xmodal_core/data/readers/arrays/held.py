"""`Held`: the arrays of a file by name, with shape and type known and nothing unpacked yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.errors import DataError

MAX_ARRAYS = 2000
_LISTED = 8  # arrays that a sentence has room for
_KINDS = {"O": "objects", "U": "text", "S": "text"}


@dataclass(frozen=True, eq=False)
class Entry:
    """One array of a file.

    Attributes:
        name: as in the file.
        shape, dtype: as the file says; `load` holds them against what there is.
        load: unpacks it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    load: Callable[[], np.ndarray]

    def __len__(self) -> int:
        """Its first axis, 0 for a single value."""
        return self.shape[0] if self.shape else 0

    @property
    def holds(self) -> str:
        """Such as "120 x 3 float64"."""
        shape = " x ".join(map(str, self.shape)) or "one"
        return f"{shape} {_KINDS.get(self.dtype.kind, self.dtype.name)}"


@dataclass(eq=False)
class Held:
    """What a file of arrays has.

    Attributes:
        format: what the file is.
        entries: its arrays in order.
        unread: names and kinds of what is in the file and no array, such as a struct.
        counts_from: 1 where the software that wrote the file counts from one.
    """

    format: str
    entries: list[Entry]
    unread: list[tuple[str, str]] = field(default_factory=list)
    counts_from: int = 0

    def get(self, name: str) -> Entry | None:
        """The array of this name, in this spelling or else in any case."""
        exact = [entry for entry in self.entries if entry.name == name]
        near = [entry for entry in self.entries if entry.name.lower() == name.lower()]
        return next(iter(exact or near), None)

    def listing(self) -> str:
        """Every array with its shape and type, for a sentence."""
        return listing(self.entries)


def listing(entries: Sequence[Entry]) -> str:
    """The first arrays with shape and type, for a sentence."""
    shown = [f"{printable(entry.name, 24)} ({entry.holds})" for entry in entries[:_LISTED]]
    more = f" and {len(entries) - _LISTED} more" if len(entries) > _LISTED else ""
    return ", ".join(shown) + more if shown else "no array"


def loaded(name: str, entry: Entry) -> np.ndarray:
    """The array, which must hold plain values.

    Raises:
        DataError: it holds objects, or is damaged.
    """
    if entry.dtype.hasobject:
        shown = printable(entry.name, 40)
        raise DataError(
            f"{name}: {shown} holds pickled Python objects, such as rows of unequal length, which can run code; save "
            f"plain arrays: rows padded to one length (codes with 0, numbers with NaN), {shown}.astype('float32') for "
            "numbers, np.array(texts, dtype=str) for strings."
        )
    return entry.load()
