"""Tables as CSV: they read back equal, and no cell is a formula."""

import csv
import io

from xmodal_core.spreadsheet import csv_text

NASTY = ["=1+1", "+4+A1", "-x", "@sum", "\tt", "plain", 'with "quotes", and a comma', "two\nlines"]


def test_a_csv_reads_back_equal_and_holds_no_formula():
    table = {"name": NASTY, "score": [-0.1, 1 / 3, 2, None, 0.5, 0.5, 0.5, 0.5]}
    header, *rows = csv.reader(io.StringIO(csv_text(table)))
    assert header == ["name", "score"]
    assert [name.removeprefix("'") for name, _ in rows] == NASTY
    assert [name[0] == "'" for name, _ in rows] == [True] * 5 + [False] * 3
    assert [float(score) if score else None for _, score in rows] == table["score"]  # a negative number stays one


def test_a_heading_is_no_formula_either():
    assert csv_text({"=cmd": ["a"]}) == "'=cmd\na\n"


def test_a_number_in_text_is_no_formula():
    assert csv_text({"id": ["-1.5", "+2", "-1.5+cmd"]}) == "id\n-1.5\n+2\n'-1.5+cmd\n"
