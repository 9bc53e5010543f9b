import numpy as np
import pyarrow as pa
import pytest

from xmodal_core.data.readers.tables.dates import dates, is_either_way


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["2024-01-31", "2024-12-01"], "2024-01-31"),
        (["2024/1/31 9:05", "2024/12/1 10:00"], "2024-01-31T09:05"),
        (["2024-01-31T09:05:06.250Z", "2024-12-01T00:00:00Z"], "2024-01-31T09:05:06.250"),
        (["2024-01-31 01:30:00+02:00", "2024-12-01 00:00:00+02:00"], "2024-01-30T23:30"),
        (["31.01.2024", "01.12.2024"], "2024-01-31"),
        (["01/31/2024", "12/01/2024"], "2024-01-31"),
        (["1-2-2024", "3-4-2024"], "2024-02-01"),
    ],
)
def test_dates_are_read_in_the_order_that_the_column_shows(words: list[str], first: str) -> None:
    found = dates(pa.array(words))
    assert found is not None
    assert found[0] == np.datetime64(first, "ms")


@pytest.mark.parametrize(
    "words", [["2024-02-31"], ["32.01.2024"], ["1.2.3"], ["2024-01-01", "soon"], ["25/25/2024"], []]
)
def test_what_is_no_date_is_none(words: list[str]) -> None:
    assert dates(pa.array(words, pa.string())) is None


def test_day_and_month_are_told_apart_by_a_day_above_twelve() -> None:
    for words, doubt in ((["1.2.2024", "3.4.2024"], True), (["1.2.2024", "13.4.2024"], False), (["2.2.2024"], False)):
        assert is_either_way(pa.array(words), np.zeros(len(words), bool)) == doubt
