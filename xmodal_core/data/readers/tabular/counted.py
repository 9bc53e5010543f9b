"""`Counted`: a column with what was counted in it, once."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xmodal_core.data.counting import counting_step
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tabular.columns import Column

_EXACT = 2.0**53  # from here on a double has no neighbour one apart
_NUMBER = re.compile(r"[-+]?\d+")
_LONG = 16  # digits
_FEW_WORDS = 256
_MANY = 50_000  # rows; so many fractions need not be told apart to know that they are no classes


@dataclass(frozen=True, eq=False)
class Counted:
    """A column of a table, where it stands, and what is in it; missing values do not count.

    Attributes:
        column: as the format read it.
        at: its position in the file, from 0.
        is_last: of the file's columns.
    """

    column: Column
    at: int
    is_last: bool

    @property
    def name(self) -> str:
        """As in the file."""
        return self.column.name

    @property
    def shown(self) -> str:
        """Its name for a sentence."""
        return repr(printable(self.name, 40)) if self.name.strip() else f"the unnamed column {self.at + 1}"

    @property
    def numbers(self) -> np.ndarray | None:
        """(n,), NaN where missing, or None where it holds words."""
        return self.column.numbers

    @cached_property
    def present(self) -> np.ndarray:
        """Values that are there: numbers, else words."""
        values = self.column.words if self.numbers is None else self.numbers
        here: np.ndarray = values[~self.column.missing] if self.column.missing.any() else values
        return here

    @cached_property
    def distinct(self) -> tuple[np.ndarray, np.ndarray]:
        """Sorted different values, and how often each occurs; of many fractions only some are looked at."""
        present = self.present
        if len(present) > _MANY and not (self.is_words or self.is_whole):
            present = present[:: len(present) // _MANY]
        values, counts = np.unique(present, return_counts=True)
        return values, counts

    @cached_property
    def n_distinct(self) -> int:
        """Number of different values."""
        return len(self.distinct[0])

    @property
    def n_missing(self) -> int:
        """Number of rows without a value."""
        return int(self.column.missing.sum())

    @property
    def is_words(self) -> bool:
        """Some value is no number."""
        return self.numbers is None

    @cached_property
    def is_whole(self) -> bool:
        """Only whole numbers, or numbers without a fraction."""
        if self.numbers is None or not len(self.present):
            return False
        if self.present.dtype.kind in "iu":
            return True
        return bool(np.isfinite(self.present).all() and (self.present == np.floor(self.present)).all())

    @cached_property
    def is_binary(self) -> bool:
        """Only 0 and 1, both of them."""
        return self.is_whole and self.n_distinct == 2 and self.distinct[0].tolist() == [0, 1]

    @cached_property
    def is_unique(self) -> bool:
        """No value occurs twice."""
        return self.n_distinct == len(self.present) > 2

    @cached_property
    def counts_rows(self) -> bool:
        """Numbers in even steps, or whole and without a repeat almost as close as they can be: row numbers."""
        if self.numbers is not None and counting_step(self.present):
            return True
        if not (self.is_whole and self.is_unique) or len(self.present) < 10:
            return False
        values = self.distinct[0]
        span = float(values[-1]) - float(values[0]) + 1
        return span < 1.1 * len(values)

    @cached_property
    def is_long(self) -> bool:
        """Only whole numbers, some with more digits than a double has."""
        if self.is_words:
            return self.longest >= _LONG and all(_NUMBER.fullmatch(str(word)) for word in self.distinct[0])
        return self.is_whole and float(np.abs(self.present).max()) >= _EXACT

    @cached_property
    def loses_digits(self) -> bool:
        """Such numbers that some doubles hold no longer apart, or that only words hold."""
        if self.is_words or not self.is_long:
            return self.is_long
        return self.n_distinct > len(np.unique(self.present.astype(np.float64)))

    @cached_property
    def lengths(self) -> np.ndarray:
        """Characters of the word in every row (n,), 0 where it is missing."""
        lengths: np.ndarray = np.char.str_len(self.column.words)
        return lengths

    @cached_property
    def longest(self) -> int:
        """Characters of the longest word."""
        return int(np.char.str_len(self.distinct[0]).max()) if self.is_words and self.n_distinct else 0

    @cached_property
    def median_length(self) -> float:
        """Characters of the middle word."""
        if not (self.is_words and self.n_distinct):
            return 0.0
        lengths = np.char.str_len(self.distinct[0])
        return float(np.median(np.repeat(lengths, self.distinct[1])))

    @cached_property
    def mostly_different(self) -> bool:
        """Words of which nearly every row has its own."""
        return self.is_words and len(self.present) >= 20 and self.n_distinct > 0.9 * len(self.present)

    @cached_property
    def is_prose(self) -> bool:
        """Mostly different, long strings with spaces."""
        if not self.is_words or self.n_distinct <= 0.5 * len(self.present) or self.median_length < 15:
            return False
        spaced = np.char.find(self.distinct[0], " ") >= 0
        return bool(self.distinct[1][spaced].sum() > 0.5 * len(self.present))

    @cached_property
    def names_classes(self) -> bool:
        """Words or whole numbers that are few enough to be classes, each of more than a row."""
        n = len(self.present)
        few = 2 <= self.n_distinct <= max(2, min(_FEW_WORDS, n // 4)) and bool(self.distinct[1].min() > 1)
        if self.is_words:
            return few and self.longest <= 60
        return few and self.is_whole and self.n_distinct <= 60

    def holds(self) -> str:
        """What is in it, in words."""
        missing = f", {self.n_missing:,} missing" if self.n_missing else ""
        if not self.n_distinct:
            return "nothing"
        if self.is_words:
            return f"{self.n_distinct:,} different words{missing}"
        span = f"from {self.present.min():g} to {self.present.max():g}{missing}"
        return f"{self.n_distinct:,} different whole numbers {span}" if self.is_whole else f"numbers {span}"
