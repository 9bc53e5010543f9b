import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.corpus.zips import CORPUS
from tests.data.packed import packed, picture, pictures, sounds
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

WARNED = [
    (name, caution_code)
    for name, brought in CORPUS.items()
    for caution_code in brought.says
    if brought.outcome == "warned"
]
searched = settings(deadline=None, max_examples=60)


def reads_or_refuses(content: bytes) -> None:
    refusal = "."
    try:
        assert isinstance(read(content, "t.zip"), LabelledDataset)
    except DataError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert refusal.endswith(".")


def test_files_are_told_from_junk_and_from_papers_beside_them():
    files = {**pictures("cat", "dog"), "__MACOSX/cat/._0.png": b"x", "cat/Thumbs.db": b"x", "notes.md": b"x"}
    found = read(packed(files), "t.zip").understanding
    assert (found.n, found.warnings) == (12, ())
    assert [(one.what, one.n, one.names) for one in found.left_out] == [("files", 1, ("notes.md",))]


def test_a_zip_and_its_folder_hold_the_same_data(tmp_path):
    files = pictures("cat", "dog")
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert read(tmp_path, "pets").content_hash == read(packed(files), "pets.zip").content_hash


@pytest.mark.parametrize(("name", "code"), WARNED, ids=[f"{name}: {code}" for name, code in WARNED])
def test_a_warning_goes_away_when_its_mend_is_said(name, code):
    content, said = CORPUS[name].make(), CORPUS[name].reading
    mends = next(one.mends for one in read(content, "t.zip", said).understanding.warnings if one.code == code)
    if mends is not None:
        again = read(content, "t.zip", said.with_(mends)).understanding
        assert code not in [one.code for one in again.warnings]


def test_progress_is_told_once_a_file_up_to_all_of_them():
    told = []
    read(packed(pictures("cat", "dog")), "t.zip", progress=lambda done, of: told.append((done, of)))
    assert told == [(done, 12) for done in range(1, 13)]


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (Reading(modality=Modality.TEXT), ("image, not text",)),
        (Reading(modality=Modality.SERIES), ("image, not series",)),
        (Reading(task=Task.REGRESSION), ("classification, not regression",)),
        (Reading(length="pad"), ("length means nothing for pictures",)),
        (Reading(drop=("fox",)), ("'fox'", "leave out")),
        (Reading(split="fold"), ("split is 'fold'", "no list")),
        (Reading(group="folder 7"), ("folder 7", "folder 1")),
        (Reading(group="folder x"), ("folder x",)),
        (Reading(encoding="utf-8", ground="black", header="yes"), ("header",)),
    ],
)
def test_what_is_said_and_cannot_be_done_is_refused(reading, words, refusal):
    refusal(lambda: read(packed(pictures("cat", "dog")), "t.zip", reading), *words)


def test_folders_of_numbers_can_be_predicted():
    data = read(packed(pictures("age/10", "age/20.5", "age/30")), "t.zip", Reading(task=Task.REGRESSION))
    assert data.task is Task.REGRESSION
    assert set(data.targets[:, 0]) == {10, 20.5, 30}


def test_the_kind_that_is_said_is_read_where_there_are_several():
    files = {**pictures("low", "high", n=6), **sounds(n=4)}
    assert read(packed(files), "t.zip").modality is Modality.IMAGE
    assert read(packed(files), "t.zip", Reading(modality=Modality.SERIES)).modality is Modality.SERIES


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"cat/": b"", "dog/": b""}, ("no files",)),
        ({"a/notes.txt": b"x", "b/x.xyz": b"x"}, ("notes.txt, x.xyz",)),
        ({"a.csv": b"a,b\n1,2", "b.csv": b"a,b\n1,2"}, ("join them into one",)),
        ({"train/1.png": picture(1), "test/2.png": picture(2)}, ("directly in 'train'",)),
        ({"cat/1.png": picture(1), "cat/2.png": picture(2)}, ("1 class",)),
        ({"cat/1.png": picture(1), "cat/2.png": picture(2), "dog/1.png": picture(3)}, ("dog", "single sample")),
        ({"train/cat/1.png": picture(1), "dog/1.png": picture(2)}, ("1 of 2", "train, val or test folder")),
    ],
)
def test_files_that_are_no_labelled_samples_are_refused(files, words, refusal):
    refusal(lambda: read(packed(files), "t.zip"), *words)


PARTS = st.sampled_from(
    ["cat", "dog", "train", "test", "Test_Set", "images", "masks", "40X", "patient1", "é", "e\u0301", "a b"]
)
NAMES = st.sampled_from(
    ["0.png", "1.png", "1_mask.png", "x.gif", "labels.csv", "train.txt", "a.wav", "b", "README", "m.npy"]
)
CONTENTS = st.one_of(
    st.integers(0, 9).map(picture),
    st.sampled_from(
        [b"", b"file,label\n0.png,a\n1.png,b\n", b"0.png\n1.png", b"RIFF\0\0\0\0WAVEfmt ", b"\x93NUMPY\x01\0"]
    ),
    st.binary(max_size=40),
)


@given(
    st.dictionaries(
        st.builds(lambda parts, name: "/".join([*parts, name]), st.lists(PARTS, max_size=4), NAMES), CONTENTS
    )
)
@searched
def test_random_trees_are_read_or_refused(files):
    reads_or_refuses(packed(files))


@pytest.mark.parametrize(
    "name", ["labels.csv", "other formats", "black icons", "twelve bits of a camera", "sounds in FLAC"]
)
@given(data=st.data())
@settings(deadline=None, max_examples=15)
def test_files_with_flipped_bytes_are_read_or_refused(name, data):
    """Inside the files, whose checksums hold, so that decoders see the damage."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(CORPUS[name].make())) as good, zipfile.ZipFile(stream, "w") as target:
        for entry in good.infolist():
            content = bytearray(good.read(entry))
            place = data.draw(st.integers(0, min(len(content), 200) - 1))
            content[place] = data.draw(st.integers(0, 255))
            target.writestr(entry.filename, bytes(content))
    reads_or_refuses(stream.getvalue())


def test_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    read(packed({**pictures("cat", "dog"), **sounds()}), "t.zip")
    assert not list(tmp_path.iterdir())


def test_samples_keep_the_order_of_the_zip():
    files = pictures("b", "a", n=3)
    data = read(packed(files), "t.zip")
    assert [data.class_names[target] for target in data.targets] == ["b"] * 3 + ["a"] * 3
    np.testing.assert_array_less(data.inputs[:3].mean(), data.inputs[3:].mean())
