import importlib.util
from pathlib import Path

import numpy as np
import pytest

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

HEAD = "@problemName toy\n@timeStamps false\n@univariate false\n@classLabel true a b\n@data\n"
AEON = Path(importlib.util.find_spec("aeon").origin).parent / "datasets" / "data"  # type: ignore[union-attr,arg-type]


def load(lines: list[str], head: str = HEAD, **said: str) -> LabelledDataset:
    return read((head + "\n".join(lines)).encode(), "toy.ts", Reading(**said))  # type: ignore[arg-type]


def test_channels_stand_between_colons_and_the_class_at_the_end() -> None:
    data = load([f"{i + 1},2,3:4,5,6:{'ab'[i % 2]}" for i in range(6)])
    assert data.inputs.shape == (6, 2, 3)
    assert data.inputs[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert data.class_names == ("a", "b")
    assert data.understanding is not None
    assert not data.understanding.warnings


def test_unequal_lengths_are_padded_and_warned_of_until_the_person_decides() -> None:
    lines = [f"{','.join(map(str, range(i, 2 * i + 2)))}:{'ab'[i % 2]}" for i in range(8)]
    found = load(lines).understanding
    assert found is not None
    assert [warning.code for warning in found.warnings] == ["unequal-lengths"]
    assert found.shape == (1, 9)
    for how, steps in (("pad", 9), ("crop", 2), ("resample", 5)):
        decided = load(lines, length=how).understanding
        assert decided is not None
        assert (decided.shape, decided.warnings) == ((1, steps), ())
        assert any("2 to 9 steps" in clause for clause in decided.changed)


def test_missing_values_are_interpolated_and_said_or_their_series_left_out() -> None:
    lines = ["1,?,3:a", "2,2,9:b", "1,1,5:a", "0,2,3:b", "7,1,5:a", "6,2,3:b"]
    data = load(lines)
    assert data.inputs[0].tolist() == [[1, 2, 3]]
    assert data.understanding is not None
    assert [warning.code for warning in data.understanding.warnings] == ["missing-values"]
    assert len(load(lines, missing="drop")) == 5
    kept = load(lines, missing="impute").understanding
    assert kept is not None
    assert not kept.warnings
    with pytest.raises(DataError, match="1 values in 1 of 6 series are missing"):
        load(lines, missing="refuse")


def test_a_number_to_predict_is_regression_whole_or_not() -> None:
    head = "@problemname t\n@targetlabel true\n@data\n"
    data = load([f"{i},{i + 1}:{i}" for i in range(12)], head)
    assert data.task is Task.REGRESSION
    assert data.targets[:3, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (HEAD.replace(" a b", " a c"), "classes that @classLabel does not name (b)"),
        (HEAD.replace("@data", "@dimensions 3\n@data"), "2 channels where @dimensions says 3"),
        (HEAD.replace("@data", "@seriesLength 4\n@data"), "3 steps where @seriesLength says 4"),
    ],
)
def test_lines_that_their_header_denies_are_warned_of(head: str, words: str) -> None:
    found = load([f"{i + 1},2,3:4,5,6:{'ab'[i % 2]}" for i in range(6)], head).understanding
    assert found is not None
    (warning,) = found.warnings
    assert warning.code == "header-differs"
    assert words in warning.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@problemName t\n1,2:a\n", "no @data"),
        ("@classLabel false\n@data\n1,2\n", "no labels"),
        (HEAD.replace("timeStamps false", "timeStamps true") + "(0,1),(1,2):a\n", "time stamps"),
        (HEAD + "1,2:3:a\n", "line 6 has channels of 1 to 2 steps"),
        (HEAD + "1,x:3,4:a\n", "line 6 holds"),
        (HEAD + "1,2:3,4:a\n1,2:b\n", "1 to 2 channels"),
        (HEAD + "a\n", "a label only"),
        (HEAD, "no series"),
    ],
)
def test_what_is_no_ts_is_refused_by_the_line(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(text.encode(), "toy.ts")


@pytest.mark.parametrize("name", ["BasicMotions", "GunPoint", "JapaneseVowels", "PickupGestureWiimoteZ"])
def test_archives_are_read_as_their_own_loader_reads_them(name: str) -> None:
    from aeon.datasets import load_from_ts_file

    path = AEON / name / f"{name}_TRAIN.ts"
    series, labels = load_from_ts_file(str(path))
    data = read(path, path.name)
    assert [data.class_names[code].lower() for code in data.targets] == list(labels)  # aeon makes them lower case
    for one, own in zip(data.inputs, series, strict=True):
        np.testing.assert_allclose(one[:, : own.shape[1]], own, rtol=1e-6)
        assert (one[:, own.shape[1] :] == one[:, own.shape[1] - 1 : own.shape[1]]).all()
