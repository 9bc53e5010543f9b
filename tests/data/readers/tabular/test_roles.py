import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.corpus.roles import CORPUS
from tests.data.readers.tabular.tabled import codes, dataset
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers import read
from xmodal_core.data.readers.unlabelled import read_new_rows
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task
from xmodal_core.data.understanding import Part
from xmodal_core.errors import DataError

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
    refusal(lambda: dataset({"a": A, "b": A, "label": KINDS}, text="b", time="b"), "'b'", "both text and time")


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


NAMES = [
    *("", "id", "label", "y", "x", "class", "split", "subject", "date"),
    *("text", "is_a", "is_b", "1", "2", "px0"),
]
CELLS = st.one_of(
    st.sampled_from(["", "1", "0", "01", "2.5", "1e9", "nan", "train", "test", "2020-01-02", "01/02/2020", "a|b"]),
    st.sampled_from(["ACGTACGTAC", "true", "a text of a few words in a row", "C(=O)N", "\u00ea", "e\u0302"]),
    st.integers(-3, 9).map(str),
)
CHOICES = {
    "modality": st.sampled_from(list(Modality)),
    "task": st.sampled_from(list(Task)),
    "missing": st.sampled_from(["drop", "impute", "refuse"]),
    "length": st.sampled_from(["pad", "crop", "resample"]),
    "axes": st.just("channels+height+width"),
}


def said(names):
    one, some = st.sampled_from(names), st.lists(st.sampled_from(names), min_size=1, max_size=2).map(tuple)
    single = dict.fromkeys(("label", "text", "id", "group", "time", "split"), one)
    return st.fixed_dictionaries({}, optional=CHOICES | single | dict.fromkeys(("drop", "number", "category"), some))


def cells_of(data, n):
    if data.draw(st.booleans()):
        return [str(i) for i in range(n)]
    few = data.draw(st.lists(CELLS, min_size=1, max_size=4))
    return [few[i % len(few)] for i in range(n)]


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_columns_of_any_name_and_kind_are_read_or_refused_in_one_sentence(data):
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    n = data.draw(st.sampled_from([2, 5, 24]))
    columns = [cells_of(data, n) for _ in names]
    content = "\n".join([",".join(f'"{c}"' for c in row) for row in [names, *zip(*columns, strict=True)]])
    refusal = "."
    try:
        found = read(content.encode(), "t.csv", Reading(**data.draw(said(names))))
        assert found.understanding is not None
    except DataError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert refusal.endswith(".")


def test_new_rows_are_read_by_the_columns_that_were_trained_on(tmp_path):
    rows = "\n".join(f"{i},{A[i] if i % 9 else ''},{('u', 'v', '')[i % 5 % 3]},{KINDS[i]}" for i in range(N))
    data = read(f"Id,a,c,label\n{rows}\n".encode(), "t.csv")
    path = tmp_path / "new.csv"
    path.write_text("c,a,Id\nv,0.5,900\n,,901\nnew,1.5,902\n", encoding="utf-8")
    found = read_new_rows(path, data)
    fill = data.understanding.features[0].fill
    assert data.feature_names == ("a", "c", "a is missing")
    np.testing.assert_allclose(found.inputs[:2], [[0.5, 1, 0], [fill, 2, 1]], rtol=1e-6)
    assert found.usable.tolist() == [True, True, False]
