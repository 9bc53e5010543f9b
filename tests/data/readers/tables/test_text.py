"""Tables as text, from bytes to columns."""

import io

import numpy as np
import pytest

from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading

ROWS = [f"{i % 7 + 0.5},{i * 37 % 11 / 4},{'xyz'[i % 3]}" for i in range(24)]
NAMES = "len,wid,label"


def table(lines: list[str] | bytes, reading: Reading | None = None, name: str = "t.csv") -> Table:
    content = lines if isinstance(lines, bytes) else "\n".join(lines).encode()
    return read_columns(Upload(io.BytesIO(content), "t", name, reading or Reading()))


def codes(found: Table) -> list[str]:
    return [warning.code for warning in found.warnings]


def numbers(found: Table, name: str) -> list[float]:
    values = found[name].numbers
    assert values is not None
    return values.tolist()


PLAIN = table([NAMES, *ROWS])


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + "\n".join([NAMES, *ROWS]),
        "\r\n".join([NAMES, *ROWS, ""]),
        "\r".join([NAMES, *ROWS]),
        "\n".join([NAMES, "", *ROWS, "   ", ""]),
        "\n".join([NAMES, *ROWS, ",,"]),
        "\n".join(["sep=,", NAMES, *ROWS]),
        "\n".join(["# made by a logger", "# at 50 Hz", NAMES, *ROWS]),
        "\n".join(["% remark", "", NAMES, *ROWS]),
        "\n".join([f"# {NAMES}", *ROWS]),
        "\n".join(["Report of May", "", NAMES, *ROWS]),
        "\n".join(["Report, of May", NAMES, *ROWS]),
        "\n".join([NAMES, *ROWS, "", "(24 rows affected)"]),
        "\n".join([NAMES, *ROWS, "Total,37.5,"]),
        "\n".join([NAMES, *ROWS, ",37.5,Summe"]),
        "\n".join([NAMES, "mm,mm,", *ROWS]),
        "\n".join([NAMES, *(row + "," for row in ROWS)]),
        "\n".join([NAMES + ",", *(row + "," for row in ROWS)]),
        "\n".join(f'"{line.replace(",", chr(34) + "," + chr(34))}"' for line in [NAMES, *ROWS]),
        "\n".join(line.replace(",", ", ") for line in [NAMES, *ROWS]),
        "\n".join(line.replace(",", ";") for line in [NAMES, *ROWS]),
        "\n".join(line.replace(",", "\t") for line in [NAMES, *ROWS]),
        "\n".join(line.replace(",", "|") for line in [NAMES, *ROWS]),
        "\n".join("  " + line.replace(",", "   ") for line in [NAMES, *ROWS]),
        "\n".join(f"| {line.replace(',', ' | ')} |" for line in [NAMES, "---,---,---", *ROWS]),
        "\n".join(line.replace(",", ";").replace(".", ",") for line in [NAMES, *ROWS]),
        "\n".join(line.replace(",", "\t").replace(".", ",") for line in [NAMES, *ROWS]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_however_a_table_is_written_its_columns_are_the_same(content: str, encoding: str) -> None:
    found = table((content.lstrip("\ufeff") if encoding != "utf-8" else content).encode(encoding))
    assert found.names() == PLAIN.names()
    assert not found.warnings
    for name in ("len", "wid"):
        assert numbers(found, name) == numbers(PLAIN, name)
    assert found["label"].words.tolist() == PLAIN["label"].words.tolist()


@pytest.mark.parametrize("lines", [ROWS, [row[::-1] for row in ROWS], [f"{i % 4},{i % 5}" for i in range(20)]])
def test_a_first_row_like_the_others_is_data(lines: list[str]) -> None:
    found = table(lines)
    assert (len(found), found.named, codes(found)) == (len(lines), False, [])
    assert found.names()[0] == "column 1"


@pytest.mark.parametrize(
    ("first", "named", "warned"),
    [
        ("0,1,2,3", True, False),
        ("1,2,3,4", True, False),
        ("2018,2019,2020,2021", True, True),
        ("label,400,402,404", True, False),
        ("n.d.,0.5,1.5,0.25", False, True),
        ("a,b,c,1990", True, True),
    ],
)
def test_numbers_as_names_are_taken_for_what_is_likelier(first: str, named: bool, warned: bool) -> None:
    reading = Reading(number=("column 1",))
    rows = [f"{i * 37 % 11 / 4},{i * 17 % 13 / 4},{i * 5 % 7 / 2},{i % 3}" for i in range(24)]
    found = table([first, *rows], reading)
    assert found.named == named
    assert codes(found) == (["header-guessed"] if warned else [])
    said = Reading(number=("column 1",), header="yes" if named else "no")
    assert table([first, *rows], said).named == named
    assert not codes(table([first, *rows], said))


def test_two_rows_of_names_are_joined_and_a_merged_one_goes_on_to_the_right() -> None:
    found = table(["Size,,Weight,label", "len,wid,kg,", *(f"{i % 7}.5,{row}" for i, row in enumerate(ROWS))])
    assert found.names() == ["Size len", "Size wid", "Weight kg", "label"]


def test_one_name_too_few_is_said_and_leaves_the_first_column_without_one() -> None:
    lines = [NAMES, *(f"r{i},{row}" for i, row in enumerate(ROWS))]
    found = table(lines)
    assert found.names() == ["column 1", "len", "wid", "label"]
    assert codes(found) == ["names-shifted"]
    assert not codes(table(lines, Reading(header="yes")))


def test_names_that_come_twice_are_numbered_and_that_is_said() -> None:
    found = table(["a,a,label", *ROWS])
    assert found.names() == ["a", "a (2)", "label"]
    assert any("'a'" in clause for clause in found.changed)


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["label", "1", "2"], "1 column"),
        ([NAMES], "no rows"),
        ([NAMES + ",note", *ROWS], "1 line(s) above"),
        ([NAMES, *ROWS, "1,2", *ROWS], "row 26"),
        ([NAMES, *ROWS, "1.5"], "row 26"),
        ([NAMES, '1,"2,x', *ROWS], "quotes"),
        (["a|b", *["5|2|3|1"] * 5, *["1|2|3"] * 2], "row 1 has 2"),
    ],
)
def test_what_is_no_table_is_refused(lines: list[str], word: str, refusal) -> None:
    refusal(lambda: table(lines), word)


def test_separator_encoding_and_header_may_be_said(refusal) -> None:
    lines = [line.replace(",", ";") for line in [NAMES, *ROWS]]
    refusal(lambda: table(lines, Reading(separator="comma")), "column(s)")
    assert table("\n".join(["größe,label", *ROWS[:0], "1,a", "2,b"]).encode("cp1252")).names()[0] == "größe"
    cyrillic = "\n".join(["длина,label", "1.5,клён", "2.5,берёза", "3.5,клён"]).encode("koi8-r")
    assert table(cyrillic, Reading(encoding="koi8-r")).names()[0] == "длина"
    refusal(lambda: table(cyrillic, Reading(encoding="utf-8")), "say another encoding")
    refusal(lambda: table(cyrillic, Reading(encoding="base64")), "unknown")
    refusal(lambda: table(cyrillic, Reading(encoding="klingon")), "unknown")


def test_words_are_kept_as_they_stand_and_whole_numbers_keep_every_digit() -> None:
    found = table(["id,label", *(f"{2**60 + i},0{i % 2}" for i in range(8))])
    assert numbers(found, "id") == [2**60 + i for i in range(8)]
    assert found["label"].words[:2].tolist() == ["00", "01"]


def test_missing_words_are_missing_in_numbers_and_none_is_an_answer_among_words() -> None:
    cells = ["?", "NA", "#DIV/0!", "null", "", "n/a", "-"]
    found = table(["a,b,label", *(f"{cell},{cell or 'none'},x" for cell in cells), "1.5,red,y", "2.5,blue,y"])
    assert found["a"].missing.tolist() == [True] * 7 + [False] * 2
    assert found["b"].missing.tolist() == [True] * 4 + [False] + [True] * 2 + [False] * 2
    assert np.isnan(found["a"].numbers).sum() == 7


def test_a_preview_reads_the_start_and_never_refuses_odd_cells() -> None:
    lines = [NAMES, "<0.1,1,x", *ROWS * 20_000]
    stream = io.BytesIO("\n".join(lines).encode())
    found = preview_columns(Upload(stream, "t", "t.csv"), rows=50)
    assert stream.tell() <= 2**20
    assert (len(found), found.names()) == (50, ["len", "wid", "label"])
    assert found["len"].numbers is None
    assert numbers(found, "wid")[0] == 1
