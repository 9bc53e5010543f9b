"""Both ways to cut a table into fields give the same fields, or the quick one gives up."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.data.readers.tables import records as r
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

UPLOAD = Upload(io.BytesIO(), "t", "t.csv")
CELL = st.one_of(
    st.text(alphabet="ab\"' ,;\n\r1.é", max_size=5),
    st.text(alphabet="ab 1", max_size=3).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.sampled_from(['""', '"a""b"', '"x,\ny"', "", "1.5", ' "a"', '""a']),
)


def slow(content: bytes, width: int) -> list[list[str]] | None:
    try:
        return [c.to_pylist() for c in r._one_by_one(UPLOAD, content, 0, ",", (width, width)).columns]
    except DataError:
        return None


def check(content: bytes, width: int) -> None:
    if not r._quotes_are_regular(content, 0, ","):
        return
    quick = r._at_once(content, 0, ",", width)
    if quick is not None:
        fields = [column.to_pylist() for column in quick]
        stripped = None if (careful := slow(content, width)) is None else [[f.lstrip(" ") for f in c] for c in careful]
        assert [[f.lstrip(" ") for f in c] for c in fields] == stripped


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None, max_examples=400)
def test_the_quick_way_gives_up_or_gives_the_fields_of_the_careful_one(rows: list[list[str]], end: str) -> None:
    check((end.join(",".join(row) for row in rows) + end).encode(), 2)


@pytest.mark.parametrize(
    ("content", "quick"),
    [
        (b'a,b\n1,"x, y"\n', True),
        (b'a,b\n1,"x ""y"""\n', True),
        (b'a,b\n1,5" wide\n', False),
        (b'a,b\n1,"x\n', False),
        (b'a,b\n1,""x\n', False),
    ],
)
def test_only_regular_quotes_are_left_to_the_quick_way(content: bytes, quick: bool) -> None:
    assert r._quotes_are_regular(content, 0, ",") == quick


def test_a_line_without_fields_is_no_record_and_a_remark_below_is_a_footer() -> None:
    fields = r.all_fields(UPLOAD, b"a,b\n\n1,2\n  \n3,4\n(2 rows)\n", 0, ",", (2, 2))
    assert [c.to_pylist() for c in fields.columns] == [["a", "1", "3"], ["b", "2", "4"]]
    assert fields.footers == ["(2 rows)"]


@pytest.mark.parametrize("line", ["5", "1,2,3", "note,a,b"])
def test_a_ragged_last_line_is_refused_by_number(line: str, refusal) -> None:
    content = f"a,b\n1,2\n\n{line}\n".encode()
    refusal(lambda: r.all_fields(UPLOAD, content, 0, ",", (2, 2)), "row 4", "the header has 2")


def test_rows_are_counted_from_the_start_of_the_file(refusal) -> None:
    content = b"# a comment\n# another\na,b\n1,2\n1\n3,4\n"
    refusal(lambda: r.all_fields(UPLOAD, content, content.index(b"a,b"), ",", (2, 2)), "row 5")
