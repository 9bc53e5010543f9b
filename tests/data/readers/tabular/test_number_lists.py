import numpy as np
import pytest

from tests.data.readers.tabular.tabled import codes, dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.errors import DataError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (40, 64))
KINDS = ["happy" if i % 2 else "sad" for i in range(40)]
USAGE = ["Training" if i < 24 else "PublicTest" if i < 32 else "PrivateTest" for i in range(40)]


def cells(table: np.ndarray, form: str = "{}", mark: str = " ") -> list[str]:
    return [form.format(mark.join(map(str, row))) for row in table.tolist()]


def test_a_square_number_of_pixels_in_a_cell_is_a_picture() -> None:
    data = dataset({"emotion": KINDS, "pixels": cells(PIXELS), "Usage": USAGE})
    assert (data.modality, data.inputs.shape) == (Modality.IMAGE, (40, 1, 8, 8))
    np.testing.assert_allclose(data.inputs.reshape(40, 64) * 255, PIXELS, atol=1e-4)
    assert [len(data.rows(split)) for split in ("train", "val", "test")] == [24, 8, 8]
    assert codes(data) == []


@pytest.mark.parametrize(("form", "mark"), [("[{}]", ", "), ("({})", ";"), ("{}", "|")])
def test_lists_are_read_however_they_are_written(form: str, mark: str) -> None:
    walks = RNG.normal(size=(40, 30)).cumsum(axis=1).round(3)
    data = dataset({"signal": cells(walks, form, mark), "label": KINDS}, modality="series")
    assert data.inputs.shape == (40, 1, 30)
    np.testing.assert_allclose(data.inputs[:, 0], walks, rtol=1e-5)


def test_other_columns_beside_lists_are_told_of_until_they_are_left_out() -> None:
    columns = {"pixels": cells(PIXELS), "age": RNG.normal(size=40), "label": KINDS}
    assert codes(dataset(columns)) == ["part-unused"]
    assert codes(dataset(columns, drop=("age",))) == []


def test_lists_of_different_lengths_and_words_among_them_are_refused() -> None:
    short = ["1 2 3 4 5 6 7 8 9", *cells(PIXELS)[1:]]
    with pytest.raises(DataError, match="9 to 64 numbers"):
        dataset({"pixels": short, "label": KINDS})


def test_lists_can_be_said_to_be_text() -> None:
    assert dataset({"pixels": cells(PIXELS), "label": KINDS}, text="pixels").modality is Modality.TEXT


def test_a_missing_list_is_left_out_where_that_is_said() -> None:
    columns = {"pixels": ["", *cells(PIXELS)[1:]], "label": KINDS}
    assert len(dataset(columns, missing="drop")) == 39
    with pytest.raises(DataError):
        dataset(columns)
