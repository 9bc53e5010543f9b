import io
import json

import pandas as pd
import pytest

from xmodal_core.data.readers.tables import read_columns
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading


def table(content: bytes, reading: Reading | None = None) -> Table:
    return read_columns(Upload(io.BytesIO(content), "t", "t.jsonl", reading or Reading()))


def test_rows_that_pandas_wrote_come_back() -> None:
    frame = pd.DataFrame(
        {"a": [0.1, 2.0, 1e300], "n": [2**60, 1, 2], "ok": [True, False, True], "label": ["x", "", "é"]}
    )
    found = table(frame.to_json(orient="records", lines=True).encode())
    assert found["a"].numbers.tolist() == [0.1, 2.0, 1e300]
    assert found["n"].numbers.tolist() == [2**60, 1, 2]
    assert found["ok"].words.tolist() == ["true", "false", "true"]
    assert found["label"].words.tolist() == ["x", "", "é"]
    assert found["label"].missing.tolist() == [False, True, False]


def test_a_key_that_a_row_lacks_is_missing_there_also_before_it_first_comes() -> None:
    rows = [{"label": "x"}, {"label": "y", "a": 1.5}, {"a": None, "label": "x"}, {"a": 2, "label": "y"}]
    found = table("\n\n".join(map(json.dumps, rows)).encode())
    assert found.names() == ["label", "a"]
    assert found["a"].missing.tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"a": [1, 2]}', "a list"),
        ('{"a": {"b": 1}}', "an object"),
        ("[1, 2]", "line 1"),
        ('{"a": 1', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("{}", "no row with a key"),
    ],
)
def test_what_is_no_plain_object_a_line_is_refused(line: str, word: str, refusal) -> None:
    refusal(lambda: table(line.encode()), word)


def test_a_nested_column_may_be_dropped() -> None:
    assert table(b'{"a": [1], "label": "x"}', Reading(drop=("a",)))["a"].missing.all()
