import numpy as np
import pytest

from tests.data.readers.series.tables import table, upload
from xmodal_core.data.readers.finish import UnlabelledError
from xmodal_core.data.readers.series.ucr import is_ucr, read_ucr

RNG = np.random.default_rng(0)
ROWS: list[list[object]] = [[i % 2 + 1, *RNG.normal(size=17).cumsum().round(3).tolist()] for i in range(20)]


def test_a_class_in_front_of_fractions_without_names_is_a_series_a_row() -> None:
    assert is_ucr(upload(), table(ROWS))
    data = read_ucr(upload(), table(ROWS))
    assert data.inputs.shape == (20, 1, 17)
    np.testing.assert_allclose(data.inputs[3, 0], np.array(ROWS[3][1:], float), rtol=1e-6)
    assert data.class_names == ("1", "2")
    assert data.understanding is not None
    assert not data.understanding.warnings


def test_rows_that_end_early_are_shorter_series() -> None:
    rows = [[*row[:-3], None, None, None] if i == 4 else row for i, row in enumerate(ROWS)]
    data = read_ucr(upload(length="crop"), table(rows))
    assert data.inputs.shape == (20, 1, 14)


@pytest.mark.parametrize(
    "rows",
    [
        [row[:6] for row in ROWS],  # short
        [[row[1], *row[1:]] for row in ROWS],  # a fraction in front
        [[i, *row[1:]] for i, row in enumerate(ROWS)],  # every row another number: it counts them
        [[row[0], *range(17)] for row in ROWS],  # whole numbers behind
        [[row[0], "word", *row[2:]] for row in ROWS],
    ],
)
def test_what_is_more_likely_a_table_is_left_to_be_one(rows: list[list[object]]) -> None:
    assert not is_ucr(upload(), table(rows))


def test_neighbours_that_are_not_alike_make_a_series_only_where_the_person_says_so():
    noise: list[list[object]] = [[i % 2, *RNG.normal(size=17).round(3).tolist()] for i in range(20)]
    assert not is_ucr(upload(), table(noise))
    assert is_ucr(upload(modality="series"), table(noise))


def test_names_or_a_word_of_the_person_make_it_a_table() -> None:
    assert not is_ucr(upload(), table(ROWS, [f"f{i}" for i in range(18)]))
    assert not is_ucr(upload(modality="tabular"), table(ROWS))
    assert not is_ucr(upload(label="column 3"), table(ROWS))
    assert is_ucr(upload(label="column 1", modality="series"), table(ROWS))


def test_new_rows_are_read_with_and_without_a_class_in_front() -> None:
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(2, 12)).tolist()
    said = {"label": "none", "modality": "series", "steps": 12, "length": "pad"}
    for rows in (steps, [[1, *row] for row in steps]):
        assert is_ucr(upload(**said), table(rows))
        with pytest.raises(UnlabelledError) as caught:
            read_ucr(upload(**said), table(rows))
        np.testing.assert_allclose(caught.value.draft.inputs[:, 0], steps)
