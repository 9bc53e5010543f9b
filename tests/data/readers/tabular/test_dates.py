import numpy as np
import pytest

from tests.data.readers.tabular.tabled import counted
from xmodal_core.data.readers.tabular.dates import are_dates, is_time_stamp, parse_dates


def only(name, values):
    return counted({name: values})[0]


@pytest.mark.parametrize(
    "written",
    [
        ["1970-01-11", "1970-01-02"],
        ["11.01.1970", "02.01.1970"],
        ["11 Jan 1970", "02 Jan 1970"],
        ["1970-01-11T00:00:00Z", "1970-01-02T00:00:00Z"],
        ["1970/01/11", "1970/01/02"],
    ],
)
def test_dates_of_many_forms_are_days_since_1970(written):
    assert parse_dates(only("d", written)).days.tolist() == [10, 1]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["2024-01-31", "2024-12-01"], "2024-01-31T00:00"),
        (["2024/1/31 9:05", "2024/12/1 10:00"], "2024-01-31T09:05"),
        (["2024-01-31T09:05:06.250Z", "2024-12-01T00:00:00Z"], "2024-01-31T09:05:06.250"),
        (["2024-01-31 01:30:00+02:00", "2024-12-01 00:00:00+02:00"], "2024-01-30T23:30"),
        (["31.01.2024", "01.12.2024"], "2024-01-31T00:00"),
        (["01/31/2024", "12/01/2024"], "2024-01-31T00:00"),
        (["1-2-2024", "3-4-2024"], "2024-02-01T00:00"),
    ],
)
def test_dates_are_read_in_the_order_that_the_column_shows(words, first):
    moment = np.datetime64(first, "ms").astype("int64") / 86_400_000
    np.testing.assert_allclose(parse_dates(only("d", words)).days[0], moment, atol=1e-9)


def test_the_order_that_is_known_is_kept():
    column = only("d", ["01/02/1970", "03/04/1970"])
    assert parse_dates(column, "day-first").days[0] == 31
    assert parse_dates(column, "month-first").days[0] == 1
    assert not parse_dates(column, "month-first").is_ambiguous
    assert parse_dates(only("d", ["13/02/1970", "14/02/1970"]), "month-first") is None
    assert parse_dates(only("d", ["1970-01-02", "1970-01-03"]), "month-first").days[0] == 1


@pytest.mark.parametrize("words", [["2024-02-31"], ["32.01.2024"], ["2024-01-01", "soon"], ["25/25/2024"]])
def test_a_day_that_no_calendar_has_is_no_date(words):
    assert parse_dates(only("d", words)) is None


def test_time_of_day_is_part_of_the_day():
    assert parse_dates(only("d", ["1970-01-02 12:00", "1970-01-02 18:00"])).days.tolist() == [1.5, 1.75]
    assert parse_dates(only("d", ["06:00", "12:00"])).days.tolist() == [0.25, 0.5]


def test_a_missing_date_is_nan():
    days = parse_dates(only("d", ["1970-01-02", "", "1970-01-03"])).days
    assert np.isnan(days).tolist() == [False, True, False]


def test_only_days_up_to_the_twelfth_leave_day_and_month_open():
    assert parse_dates(only("d", ["01/02/2020", "03/04/2020"])).is_ambiguous
    assert not parse_dates(only("d", ["01/02/2020", "13/04/2020"])).is_ambiguous
    assert parse_dates(only("d", ["01/13/1970", "01/02/1970"])).days.tolist() == [12, 1]  # no thirteenth month
    assert not parse_dates(only("d", ["01.02.2020", "03.04.2020"])).is_ambiguous  # only days come before a dot


@pytest.mark.parametrize("words", [["ash"], ["1-2", "3-4"], ["2020-01-02", "soon"], ["1.2.3", "1.2.4"], ["", ""]])
def test_other_words_are_no_dates(words):
    assert not are_dates(only("d", words))
    assert parse_dates(only("d", words)) is None


def test_seconds_since_1970_are_a_time_by_name_and_size():
    assert is_time_stamp(only("created_at", [1_600_000_000, 1_600_086_400]))
    assert is_time_stamp(only("t", [1_600_000_000_000, 1_600_000_000_500]))
    assert not is_time_stamp(only("price", [1_600_000_000, 1_600_086_400]))
    assert not is_time_stamp(only("time", [0.5, 12.5]))
