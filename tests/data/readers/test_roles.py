import numpy as np
import pytest

from tests.data.corpus.roles import CORPUS
from tests.data.readers.tabled import codes, dataset
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers import read
from xmodal_core.data.understanding import Part

WARNED = [name for name, brought in CORPUS.items() if brought.outcome == "warned"]
N = 60
A = np.random.default_rng(0).normal(size=N)
KINDS = [("oak", "elm")[i] for i in np.random.default_rng(1).integers(0, 2, N)]


@pytest.mark.parametrize("name", WARNED)
def test_a_doubt_goes_away_when_its_mend_is_said_and_brings_no_other(name):
    brought = CORPUS[name]
    found = read(brought.make(), brought.name, brought.reading).understanding
    before = [warning.code for warning in found.warnings]
    for warning in found.warnings:
        if warning.mends is None:
            continue
        mended = read(brought.make(), brought.name, brought.reading.with_(warning.mends)).understanding
        after = [one.code for one in mended.warnings]
        assert after.count(warning.code) < before.count(warning.code)
        assert set(after) < set(before)


@pytest.mark.parametrize("role", ["drop", "number", "category", "text", "id", "group", "time", "split", "label"])
def test_a_column_that_is_not_there_is_refused_with_those_that_are(role, refusal):
    said = ("gone",) if role in ("drop", "number", "category") else "gone"
    refusal(lambda: dataset({"a": A, "label": KINDS}, **{role: said}), "'gone'", "a, label")


def test_two_roles_of_one_column_are_refused(refusal):
    refusal(lambda: dataset({"a": A, "b": A, "label": KINDS}, group="b", time="b"), "'b'", "both group and time")


def test_every_column_of_the_file_has_a_part():
    data = dataset({"Id": np.arange(N), "a": A, "c": ["u", "v"] * 30, "split": ["train", "test"] * 30, "label": KINDS})
    roles = {part.name: part.role for part in data.understanding.parts}
    assert roles == {"Id": "left out", "a": "feature", "c": "feature", "split": "split", "label": "label"}
    assert Part("c", "2 different words", "feature") in data.understanding.parts


def test_a_series_without_names_and_with_its_class_first_is_read_as_it_is_archived():
    walks = np.cumsum(np.random.default_rng(2).normal(size=(N, 80)), axis=1)
    columns = {"column 1": [1, 2, 3] * 20, **{f"column {i + 2}": walks[:, i] for i in range(80)}}
    data = dataset(columns, named=False)
    assert (data.modality, data.inputs.shape, data.class_names) == (Modality.SERIES, (N, 1, 80), ("1", "2", "3"))
    assert codes(data) == []


def test_rows_without_a_text_are_left_out_where_that_is_said():
    texts = ["", *(f"a rather long text of the number {i}" for i in range(N - 1))]
    data = dataset({"text": texts, "label": KINDS}, missing="drop")
    assert len(data) == N - 1
    assert data.inputs[0] == texts[1]


def test_length_is_only_for_sequences(refusal):
    refusal(lambda: dataset({"a": A, "label": KINDS}, length="crop"), "length means nothing")
