"""`Table`: columns with names, whatever kind of file they came from; what stands between formats and roles."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np

from xmodal_core.data.understanding import Caution, LeftOut


class _AtFirstUse:
    """A field that is given as an array or as a function that makes it: a million words are made only when read."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._place = f"_{name}"

    @overload
    def __get__(self, column: None, owner: type) -> "_AtFirstUse": ...

    @overload
    def __get__(self, column: "Column", owner: type) -> np.ndarray: ...

    def __get__(self, column: "Column | None", owner: type) -> Any:
        if column is None:
            raise AttributeError("words")  # a dataclass asks so whether the field has a default
        if callable(column.__dict__[self._place]):
            column.__dict__[self._place] = column.__dict__[self._place]()
        return column.__dict__[self._place]

    def __set__(self, column: "Column", value: np.ndarray | Callable[[], np.ndarray]) -> None:
        column.__dict__[self._place] = value


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes:
        name: as in the file, unique in its table.
        numbers: (n,) int64 where all are whole and present, else float64 with NaN where missing; None where any value
            is no number.
        words: (n,) strings as in the file, stripped; "" where missing. A column of numbers has them too, for a label
            "01" is not "1". May be given as a function that makes them.
        missing: (n,) bool, where the file says that there is no value.
        written: marks in its numbers that are no decimal points, as `Feature.written` has them.
    """

    name: str
    numbers: np.ndarray | None
    words: _AtFirstUse = _AtFirstUse()
    missing: np.ndarray  # type: ignore[misc]  # to the eye words have a default, in fact they have none
    written: str = ""


@dataclass(eq=False)
class Table:
    """Columns of equal length, and what a format had to say about them.

    Attributes:
        columns: at least one.
        format: what the file is, such as "csv, cp1252, separated by semicolons, decimal commas".
        named: the columns had names in the file; else they are called column 1, column 2 ...
        left_out, changed, warnings: as in `Understanding`.
        splits, split_reason: (n,) which split each row is from, where these come in files of their own; else None.
        label: the column that the file itself calls the label; empty where it does not.
    """

    columns: list[Column]
    format: str
    named: bool = True
    left_out: list[LeftOut] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
    splits: np.ndarray | None = None
    split_reason: str = ""
    label: str = ""

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.columns[0].missing)

    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)
