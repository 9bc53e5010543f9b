"""Workbooks that pandas and openpyxl wrote."""

import datetime
import io
import time
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd
import pytest

from tests.data.readers.tabular.tabled import day_of
from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading

ROWS = [(i % 7 + 0.5, i * 37 % 11, "xyz"[i % 3]) for i in range(24)]


def book(fill: Callable[[Any], object]) -> bytes:
    made, stream = openpyxl.Workbook(), io.BytesIO()
    fill(made)
    made.save(stream)
    return stream.getvalue()


def sheet(*rows: tuple[Any, ...]) -> bytes:
    return book(lambda made: [made.active.append(row) for row in rows])


def table(content: bytes, reading: Reading | None = None) -> Table:
    return read_columns(Upload(io.BytesIO(content), "t", "t.xlsx", reading or Reading()))


def test_a_sheet_that_pandas_saved_has_numbers_dates_and_words() -> None:
    frame = pd.DataFrame(ROWS, columns=["len", "k", "label"]).assign(
        day=pd.date_range("2024-01-31", periods=24), ok=[True, False] * 12
    )
    stream = io.BytesIO()
    frame.to_excel(stream, index=False)
    found = table(stream.getvalue())
    assert found.names() == ["len", "k", "label", "day", "ok"]
    assert found["len"].numbers.tolist() == [row[0] for row in ROWS]
    assert found["k"].numbers.dtype == "int64"
    assert day_of(found["day"]) == "2024-01-31"
    assert found["ok"].words[:2].tolist() == ["true", "false"]
    assert (found.warnings, found.format) == ([], "xlsx, sheet 'Sheet1'")


def test_titles_merged_names_units_and_totals_are_no_rows() -> None:
    def fill(made: Any) -> None:
        one = made.active
        one.append(["Measured in May"])
        one.append([])
        one.append(["Size", None, "label"])
        one.append(["len", "k", None])
        one.merge_cells("A3:B3")
        for row in ROWS:
            one.append(row)
        one.append(["Total", 37, None])

    found = table(book(fill))
    assert found.names() == ["Size len", "Size k", "label"]
    assert found["Size len"].numbers.tolist() == [row[0] for row in ROWS]
    assert not found.warnings
    assert [one.why for one in found.left_out] == ["it sums up the others"]


def test_numbers_have_no_thousands_marks_but_text_beside_them_may_be_odd(refusal) -> None:
    found = table(sheet(("a", "label"), *((i * 1000 + 0.234 if i % 2 else i, "x") for i in range(20))))
    assert (found["a"].numbers[1], found.warnings) == (1000.234, [])
    odd = sheet(("a", "label"), *((i + 0.5 if i else "n.d.", "x") for i in range(20)))
    refusal(lambda: table(odd), "'n.d.'", "number=a")
    assert table(odd, Reading(number=("a",)))["a"].missing.sum() == 1
    errors = table(sheet(("a", "label"), *((i + 0.5 if i else "#DIV/0!", "x") for i in range(20))))
    assert errors["a"].missing.tolist() == [True] + [False] * 19


def test_of_several_sheets_the_first_is_read_and_the_others_are_said(refusal) -> None:
    def fill(made: Any) -> None:
        made.active.title = "notes"
        made.active.append(["only a remark"])
        for name, sign in (("may", 1), ("june", -1)):
            made.create_sheet(name)
            made[name].append(["a", "label"])
            for row in ROWS:
                made[name].append([sign * row[0], row[2]])

    content = book(fill)
    found = table(content)
    assert [warning.code for warning in found.warnings] == ["part-unused"]
    assert found["a"].numbers[0] == 0.5
    june = table(content, Reading(sheet="june"))
    assert (june["a"].numbers[0], june.warnings) == (-0.5, [])
    assert not table(content, found.warnings[0].mends).warnings
    refusal(lambda: table(content, Reading(sheet="July")), "'July'", "may, june")
    refusal(lambda: table(content, Reading(sheet="notes")), "no table")


def test_formulas_that_no_spreadsheet_computed_are_refused(refusal) -> None:
    rows = [(i, f"=A{i + 2}*2", "x") for i in range(10)]
    refusal(lambda: table(sheet(("a", "twice", "label"), *rows)), "'twice'", "formulas")


def test_cells_far_away_cost_no_memory_and_little_time(refusal) -> None:
    def fill(made: Any) -> None:
        made.active["A1"], made.active["XFD1048576"] = 1, 2

    start = time.process_time()  # whatever else the machine does
    refusal(lambda: table(book(fill)), "far away")
    assert time.process_time() - start < 5


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(60), book(lambda made: None)])
def test_what_is_no_workbook_or_an_empty_one_is_refused(content: bytes, refusal) -> None:
    refusal(lambda: table(content), "t:")


def test_a_preview_has_the_first_rows() -> None:
    content = sheet(("day", "label"), *((datetime.date(2024, 1, 1 + i), "x") for i in range(20)))
    found = preview_columns(Upload(io.BytesIO(content), "t", "t.xlsx"), rows=5)
    assert found["day"].words.tolist() == [f"2024-01-0{i + 1}" for i in range(5)]
