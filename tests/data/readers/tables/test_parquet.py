"""Parquet files that pandas and pyarrow wrote."""

import decimal
import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.data.readers.tabular.tabled import day_of
from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading

N = 24


def saved(columns: dict[str, Any], **settings: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **settings)
    return stream.getvalue()


def table(content: bytes, reading: Reading | None = None) -> Table:
    return read_columns(Upload(io.BytesIO(content), "t", "t.parquet", reading or Reading()))


def test_every_plain_type_comes_back() -> None:
    found = table(
        saved(
            {
                "whole": np.arange(N, dtype="int16"),
                "large": np.arange(N) + 2**60,
                "gaps": pa.array([None, *range(N - 1)], pa.int64()),
                "float": np.arange(N) / 4,
                "exact": [decimal.Decimal(f"{i}.25") for i in range(N)],
                "ok": [True, False] * (N // 2),
                "day": pd.date_range("2024-01-31", periods=N, tz="UTC"),
                "word": pa.array(["01", None] * (N // 2)).dictionary_encode(),
                "label": ["ash", "oak"] * (N // 2),
                "nothing": pa.nulls(N),
            }
        )
    )
    assert found["whole"].numbers.dtype == "int64"
    assert found["large"].numbers[-1] == 2**60 + N - 1
    assert (found["gaps"].missing.sum(), found["gaps"].numbers[1]) == (1, 0)
    assert found["exact"].numbers[:2].tolist() == [0.25, 1.25]
    assert found["ok"].words[:2].tolist() == ["true", "false"]
    assert day_of(found["day"]) == "2024-01-31"
    assert found["word"].words[:2].tolist() == ["01", ""]
    assert found["label"].numbers is None
    assert found["nothing"].missing.all()
    assert not found.warnings


def test_the_index_of_pandas_is_left_out_and_said() -> None:
    stream = io.BytesIO()
    pd.DataFrame({"a": [1.5, 2.5], "label": ["x", "y"]}, index=[7, 9]).to_parquet(stream)
    found = table(stream.getvalue())
    assert found.names() == ["a", "label"]
    assert [one.names for one in found.left_out] == [("__index_level_0__",)]


def test_columns_of_lists_are_refused_by_name_unless_they_are_dropped(refusal) -> None:
    content = saved({"v": [[1, 2]] * N, "label": ["x", "y"] * (N // 2)})
    refusal(lambda: table(content), "'v'", "drop=v")
    assert table(content, Reading(drop=("v",))).names() == ["label"]


def test_words_that_unpack_beyond_the_limit_are_refused_before_they_do(refusal) -> None:
    words = pa.DictionaryArray.from_arrays(np.zeros(2000, "int32"), ["x" * 2**20])
    content = saved({"word": words, "label": ["x", "y"] * 1000})
    assert len(content) < 2**21
    refusal(lambda: table(content), "unpacks to")


def test_a_damaged_file_is_refused_and_a_preview_has_the_first_rows(refusal) -> None:
    content = saved({"a": np.arange(1000) / 4, "label": ["x", "y"] * 500}, row_group_size=100)
    refusal(lambda: table(content[:-20]), "damaged")
    found = preview_columns(Upload(io.BytesIO(content), "t", "t.parquet"), rows=5)
    assert found["a"].numbers.tolist() == [0, 0.25, 0.5, 0.75, 1]
