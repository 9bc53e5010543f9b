"""`Sheet`: one sheet of a workbook as it stands, what is hidden in it, and what is merged."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from xmodal_core.data.readers.tables.cells import Cell
from xmodal_core.data.readers.tables.names import few, sum_up
from xmodal_core.data.readers.tables.sheet_layout import SheetLayout
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution, LeftOut
from xmodal_core.errors import DataError

_VISITS = 2  # times that a cell may be in merged ones


@dataclass
class Sheet:
    """One sheet as it stands: cells without the empty border.

    Attributes:
        name: of the sheet.
        rows: its cells.
        numbers: of these rows in the sheet, from 1.
        left: number of empty columns before the first.
        layout: what is hidden and merged.
        start: where the table begins.
        left_out: rows and columns that were not read.
    """

    name: str
    rows: list[list[Cell]]
    numbers: list[int]
    left: int
    layout: SheetLayout
    start: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def hidden_columns(self) -> list[int]:
        """Places of hidden columns in `rows`."""
        return [at for at in range(len(self.rows[0])) if at + self.left + 1 in self.layout.hidden_columns]

    def keep(self, rows: list[int]) -> None:
        """Go on with these rows only."""
        self.rows, self.numbers = [self.rows[at] for at in rows], [self.numbers[at] for at in rows]


def drop_hidden(upload: Upload, sheet: Sheet) -> None:
    """Leave hidden rows and columns out, as was said.

    Raises:
        DataError: nothing of a table is left.
    """
    hidden = [at for at, number in enumerate(sheet.numbers) if number in sheet.layout.hidden_rows]
    sum_up(sheet.left_out, "rows", [f"row {sheet.numbers[at]}" for at in hidden], "hidden in the sheet, as chosen")
    sheet.keep([at for at in range(len(sheet.rows)) if sheet.numbers[at] not in sheet.layout.hidden_rows])
    columns = set(sheet.hidden_columns) if sheet.rows else set()
    places = [f"column {at + sheet.left + 1}" for at in sorted(columns)]
    sum_up(sheet.left_out, "columns", places, "hidden in the sheet, as chosen")
    sheet.rows = [[value for at, value in enumerate(row) if at not in columns] for row in sheet.rows]
    if not any(value is not None for row in sheet.rows for value in row):
        raise DataError(
            f"{upload.name}: every row or column of the sheet is hidden, expected some that are not; read "
            "them with --read hidden=keep."
        )
    if columns:  # places have moved, and no merged cell is found there again
        sheet.layout.merged.clear()


def fill_merged(sheet: Sheet, data: list[list[Cell]], numbers: Sequence[int]) -> set[int]:
    """Give every row the value of the merged cells that it is in; the columns where there were such."""
    place = {number: at for at, number in enumerate(numbers[: len(data)])}
    filled: set[int] = set()
    left = _VISITS * sum(map(len, data))
    for column, first, last in sheet.layout.merged if data else ():
        at = column - 1 - sheet.left
        if first not in place or not 0 <= at < len(data[0]):
            continue
        value = data[place[first]][at]
        last = min(last, numbers[len(data) - 1])
        left -= last - first
        if left < 0:
            break  # ranges over each other, as no spreadsheet writes them
        for number in range(first + 1, last + 1):
            if number in place and data[place[number]][at] is None and value is not None:
                data[place[number]][at] = value
                filled.add(at)
    return filled


def tell_hidden(upload: Upload, sheet: Sheet, numbers: Sequence[int], columns: list[str]) -> list[Caution]:
    """The doubt whether what is hidden was meant to be read."""
    n = sum(number in sheet.layout.hidden_rows for number in numbers)
    if upload.reading.hidden is not None or not (n or columns):
        return []
    rows = f"{n:,} of {len(numbers):,} rows" if n else ""
    what = " and ".join(filter(None, (rows, f"the column{'s' * (len(columns) > 1)} {few(columns)}" if columns else "")))
    return [
        Caution(
            "hidden-cells",
            f"{what} {'is' if len(columns) == 1 and not n else 'are'} hidden in the sheet, as by a filter, and "
            f"{'was' if len(columns) == 1 and not n else 'were'} read",
            "leave out what is hidden, or say hidden=keep if it belongs to the data",
            Reading(hidden="drop"),
        )
    ]
