import numpy as np
import pytest

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.series.filled import fill, leave_out_missing
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

NAN = np.nan


def draft(missing: str | None = None) -> Draft:
    reading = Reading(missing=missing)
    return Draft("t", "t.ts", reading, "", Modality.SERIES, "", np.empty((0, 0, 0)), np.empty(0))


def test_a_hole_is_interpolated_and_an_end_takes_the_nearest_value() -> None:
    said = draft()
    (found,) = fill(said, [np.array([[NAN, 1, NAN, NAN, 4, NAN], [0, 0, 0, 0, 0, 0]])])
    assert found.tolist() == [[1, 1, 2, 3, 4, 4], [0] * 6]
    assert said.changed == ["4 missing values interpolated over time in 1 series"]
    assert [warning.code for warning in said.warnings] == ["missing-values"]


def test_a_channel_without_a_value_is_refused() -> None:
    with pytest.raises(DataError, match="channel of series 2 has no value"):
        fill(draft("impute"), [np.ones((1, 2)), np.full((1, 3), NAN)])


def test_series_with_holes_can_be_left_out_but_not_all_of_them() -> None:
    said, holed = draft("drop"), np.array([[NAN, 1]])
    assert leave_out_missing(said, [holed, np.ones((1, 2))]).tolist() == [False, True]
    assert said.left_out[0].names == ("row 1",)
    with pytest.raises(DataError, match="every series has missing values"):
        leave_out_missing(draft("drop"), [holed, holed])
