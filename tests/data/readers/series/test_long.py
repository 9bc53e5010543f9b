import numpy as np
import pytest

from tests.data.readers.series.tables import table, upload
from xmodal_core.data.readers.finish import UnlabelledError
from xmodal_core.data.readers.series.long import find_long, read_long
from xmodal_core.data.readers.unlabelled import fitted, reading_like
from xmodal_core.errors import DataError

NAMES = ["id", "time", "x", "y1", "label"]
ROWS: list[list[object]] = [
    [f"s{s}", t, float(10 * s + t), float(-t), "ab"[s % 2]] for s in range(6) for t in (3, 1, 2, 0, 4)
]


def load(rows: list[list[object]] = ROWS, names: list[str] = NAMES, **said: object):
    found = find_long(upload(**said), table(rows, names))
    assert found is not None
    return read_long(upload(**said), table(rows, names), found)


def test_every_id_is_a_series_in_the_order_of_time() -> None:
    data = load()
    assert data.inputs.shape == (6, 2, 5)
    assert data.inputs[2].tolist() == [[20, 21, 22, 23, 24], [0, -1, -2, -3, -4]]
    assert data.targets.tolist() == [0, 1] * 3
    assert data.understanding is not None
    assert [warning.code for warning in data.understanding.warnings] == ["modality-guessed"]
    confirmed = load(modality="series").understanding
    assert confirmed is not None
    assert not confirmed.warnings


def test_columns_of_any_name_can_be_said() -> None:
    names = ["wave", "tick_no", "x", "y1", "kind"]
    assert find_long(upload(), table(ROWS, names)) is None
    data = load(ROWS, names, id="wave", time="tick_no", label="kind", modality="series")
    assert data.content_hash != load().content_hash  # what was said is part of the name
    np.testing.assert_array_equal(data.inputs, load().inputs)


def test_channels_can_be_rows() -> None:
    rows = [[s, d, t, float(100 * s + 10 * d + t), s % 2] for s in range(4) for d in range(2) for t in range(4)]
    data = load(rows, ["case_id", "dim_id", "reading_id", "value", "class"])
    assert data.inputs.shape == (4, 2, 4)
    assert data.inputs[3].tolist() == [[300, 301, 302, 303], [310, 311, 312, 313]]


def test_subjects_and_splits_belong_to_the_series() -> None:
    rows = [[*row, f"p{int(str(row[0])[1:]) // 2}", "train" if str(row[0]) < "s4" else "test"] for row in ROWS]
    data = load(rows, [*NAMES, "subject", "split"])
    assert data.groups is not None
    assert data.groups.tolist() == [0, 0, 1, 1, 2, 2]
    assert set(data.splits[:4]) <= {"train", "val"}
    assert data.splits[4:].tolist() == ["test", "test"]


def test_a_label_that_changes_within_an_id_is_no_long_table() -> None:
    assert find_long(upload(), table([[*row[:4], "ab"[i % 2]] for i, row in enumerate(ROWS)], NAMES)) is None
    assert find_long(upload(modality="tabular"), table(ROWS, NAMES)) is None


def test_two_rows_of_one_time_are_refused() -> None:
    with pytest.raises(DataError, match="two rows of one 'time'"):
        load([*ROWS, ["s0", 2, 5.0, 5.0, "a"]])


def test_a_hole_or_a_series_with_one_is_left_out_with_its_label() -> None:
    rows = [[*row[:2], None, *row[3:]] if i == 7 else row for i, row in enumerate(ROWS)]
    data = load(rows, missing="drop", modality="series")
    assert len(data) == 5
    assert data.targets.tolist() == [0, 0, 1, 0, 1]


def test_new_rows_need_no_label_and_keep_the_channels_that_were_trained_on() -> None:
    """A single short series is enough; a label among the numbers is no channel."""
    data = load()
    reading = reading_like(data, ".csv")
    assert (reading.id, reading.time, reading.number, reading.steps) == ("id", "time", ("x", "y1"), 5)
    said = {name: getattr(reading, name) for name in reading.said}
    rows = [["new", t, float(t), float(-t), 1.0] for t in (1, 0)]
    with pytest.raises(UnlabelledError) as caught:
        load(rows, [*NAMES[:4], "score"], **said)
    found = fitted(caught.value.draft, data)
    assert found.inputs.tolist() == [[[0, 1, 1, 1, 1], [0, -1, -1, -1, -1]]]
