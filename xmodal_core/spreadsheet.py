"""Tables as CSV that a spreadsheet runs nothing of."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes a cell for a formula by


def csv_text(table: Mapping[str, Sequence[Any]]) -> str:
    """A header, then a line a row; None is empty, numbers have every digit.

    Text that begins as a formula does gets an apostrophe in front, which spreadsheets take for "this is text"; numbers
    in text, such as -1.5, do not.

    Args:
        table: columns of equal length by heading.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_guarded(name) for name in table])
    writer.writerows([_guarded(cell) for cell in row] for row in zip(*table.values(), strict=True))
    return text.getvalue()


def _guarded(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
