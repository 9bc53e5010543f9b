"""Decimal and thousands marks, known answers."""

import io

import pytest

from xmodal_core.data.readers.tables import read_columns
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading


def table(*cells: str, separator: str = ";", reading: Reading | None = None, beside: str = "") -> Table:
    rows = [separator.join([cell, *([beside] if beside else []), "xy"[i % 2]]) for i, cell in enumerate(cells)]
    names = separator.join(["a", *(["b"] if beside else []), "label"])
    stream = io.BytesIO("\n".join([names, *rows]).encode())
    return read_columns(Upload(stream, "t", "t.csv", reading or Reading()))


def test_a_number_is_read_whatever_stands_around_it() -> None:
    for cells, numbers in {
        ("1,5", "2,25", "-0,5"): [1.5, 2.25, -0.5],
        ("1.234,5", "12.000,25", "1,0"): [1234.5, 12000.25, 1],
        ("1,234.5", "1,234,567", "7"): [1234.5, 1234567, 7],
        ("1 234", "12\u00a0345,5", "7"): [1234, 12345.5, 7],
        ("1'234.5", "1\u2019234'567", "7"): [1234.5, 1234567, 7],
        ("\u22121.5", "\u20132", "3"): [-1.5, -2, 3],
        ("50%", "12.5 %", "7%"): [50, 12.5, 7],
        ("$1,200.50", "-$3.25", "$ 7"): [1200.5, -3.25, 7],
        ("12,50 €", "1.000,25 €", "3 €"): [12.5, 1000.25, 3],
        ("1D+2", "2.5d-1", "3D0"): [100, 0.25, 3],
        ("12 mm", "3.5 mm", "4mm"): [12, 3.5, 4],
        ("(12.50)", "3.5", "4"): [-12.5, 3.5, 4],
        ("+1.5", "1e3", ".5"): [1.5, 1000, 0.5],
    }.items():
        found = table(*cells)
        assert found["a"].numbers is not None, cells
        assert found["a"].numbers.tolist() == numbers
        assert found["a"].words.tolist() == list(cells)
        assert not found.warnings, cells


@pytest.mark.parametrize("cells", [("0x10", "0x11", "0x12"), ("1_0", "2_0", "3_0"), ("1.2.3", "1.2.4", "2.0.1")])
def test_what_is_no_number_stays_a_word(cells: tuple[str, ...]) -> None:
    assert table(*cells)["a"].numbers is None


OPEN = ["816", "1.634", "121", "2.003", "999", "5.434"]


def test_thousands_or_thousandths_are_asked_and_either_answer_settles_it() -> None:
    found = table(*OPEN)
    assert [warning.code for warning in found.warnings] == ["thousands-mark"]
    assert found["a"].numbers.tolist() == [816, 1634, 121, 2003, 999, 5434]
    confirmed = table(*OPEN, reading=Reading(thousands="point"))
    assert (confirmed.warnings, confirmed["a"].numbers[1]) == ([], 1634)
    mended = table(*OPEN, reading=found.warnings[0].mends)
    assert (mended.warnings, mended["a"].numbers[1]) == ([], 1.634)


def test_what_is_certain_in_one_column_decides_for_another() -> None:
    found = table(*OPEN, beside="0,5")
    assert (found.warnings, found["a"].numbers[1]) == ([], 1634)
    assert table(*OPEN, "1234")["a"].numbers[1] == 1.634  # a number of four digits has no mark: points are decimal
    cells = ("1.634", "2.003", "5.434")
    assert table(*cells, separator=",")["a"].numbers.tolist() == [1.634, 2.003, 5.434]
    assert not table(*cells, separator=",").warnings
    asked = table(*cells)  # semicolons separate where commas are decimal
    assert [warning.code for warning in asked.warnings] == ["thousands-mark"]
    assert table(*cells, reading=asked.warnings[0].mends)["a"].numbers.tolist() == [1634, 2003, 5434]
    assert not table(*cells, reading=Reading(decimal="point")).warnings
    assert not table(*cells, beside="0.5").warnings


def test_three_digits_behind_every_comma_are_thousands_where_commas_separate() -> None:
    quoted = table('"1,000"', '"2,200"', '"4,600"', separator=",")
    assert (quoted.warnings, quoted["a"].numbers.tolist()) == ([], [1000, 2200, 4600])
    asked = table("1,000", "2,200", "4,600")
    assert [warning.code for warning in asked.warnings] == ["decimal-mark"]
    assert asked["a"].numbers.tolist() == [1, 2.2, 4.6]
    for reading, number in ((asked.warnings[0].mends, 2200), (Reading(decimal="comma"), 2.2)):
        settled = table("1,000", "2,200", "4,600", reading=reading)
        assert (settled.warnings, settled["a"].numbers[1]) == ([], number)


def test_two_decimal_marks_in_one_table_are_said() -> None:
    found = table("0,5", "1,5", "2,5", beside="0.5")
    assert [warning.code for warning in found.warnings] == ["decimal-mark"]
    assert (found["a"].numbers[0], found["b"].numbers[0]) == (0.5, 0.5)
    assert not table("0,5", "1,5", "2,5", beside="0.5", reading=found.warnings[0].mends).warnings


MEASURED = [f"{i % 7}.{i % 9}" for i in range(30)]


def test_an_odd_cell_in_a_column_of_numbers_is_refused_by_name_or_settled_by_the_person(refusal) -> None:
    cells = [*MEASURED, "<0.1"]
    refusal(lambda: table(*cells), "'a'", "'<0.1'", "row 31", "number=a")
    as_number = table(*cells, reading=Reading(number=("a",)))
    assert as_number["a"].missing.tolist() == [False] * 30 + [True]
    assert not as_number.warnings
    for reading in (Reading(category=("a",)), Reading(drop=("a",))):
        assert table(*cells, reading=reading)["a"].numbers is None


def test_an_odd_cell_among_a_few_codes_makes_words_and_is_said() -> None:
    cells = [str(i % 3) for i in range(30)] + ["3+"]
    found = table(*cells)
    assert [warning.code for warning in found.warnings] == ["mixed-column"]
    assert found["a"].numbers is None
    assert not table(*cells, reading=found.warnings[0].mends).warnings
    assert table(*cells, reading=Reading(number=("a",)))["a"].missing.sum() == 1


def test_signs_on_some_numbers_only_and_marks_for_missing_are_said() -> None:
    for cells, code in (([*MEASURED[:-1], "12%"], "mixed-column"), ([*MEASURED, "-999", "-999"], "missing-values")):
        found = table(*cells)
        assert [warning.code for warning in found.warnings] == [code]
        assert not table(*cells, reading=found.warnings[0].mends).warnings


def test_a_column_without_any_number_stays_words_whatever_is_said() -> None:
    assert table("ash", "birch", "oak", reading=Reading(number=("a",))).columns[0].numbers is None
