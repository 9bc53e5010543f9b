import io
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.corpus.members import CORPUS
from tests.data.damage import reads_or_refuses_damaged
from tests.data.packed import packed, pictures
from xmodal_core.data.readers import archive, read
from xmodal_core.data.readers.members import find_members
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading

CSV = b"a,b,label\n" + b"1.5,x,0\n2,y,1\n" * 5


def members(*names, **said):
    return find_members(Upload(io.BytesIO(), "t", "t.zip", Reading(**said)), names, (".mat",))


@pytest.mark.parametrize(
    "names",
    [
        ("labels.csv", "images/1.png"),
        ("labels.csv", "sounds/1.wav"),
        ("a.csv.gz",),
        ("data.csv", "more.zip"),
        ("pos/1.txt", "pos/2.txt", "neg/1.txt", "neg/2.txt"),
        ("README.md",),
        ("list.csv", *(f"{i}.heic" for i in range(9))),
    ],
)
def test_what_other_readers_are_for_is_left_to_them(names):
    assert members(*names) is None


def test_pictures_beside_a_table_can_be_left_out():
    found = members("fruit.csv", "plots/1.png", drop=("plots",))
    assert (found.read, found.dropped) == (("fruit.csv",), ("plots/1.png",))


def test_the_same_in_several_formats_is_read_once():
    found = members("G_TRAIN.txt", "G_TEST.txt", "G_TRAIN.arff", "G_TEST.arff", "G_TRAIN.ts", "G_TEST.ts", "G.txt")
    assert (found.read, found.splits) == (("G_TRAIN.ts", "G_TEST.ts"), ("train", "test"))
    assert set(found.copies) == {"G_TRAIN.arff", "G_TEST.arff"}
    assert not found.others


def test_a_table_in_a_zip_has_what_it_has_outside():
    inside, outside = read(packed({"d/fruit.csv": CSV}), "t.zip"), read(CSV, "t.csv")
    assert inside.content_hash == outside.content_hash
    assert inside.feature_names == outside.feature_names


def test_a_member_that_unpacks_to_too_much_is_refused(monkeypatch, refusal):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("zeros.csv", b"0," * 10**6)
    monkeypatch.setattr(archive, "MAX_EXPANDED_BYTES", 10**6)
    refusal(lambda: read(stream.getvalue(), "t.zip"), "unpacks to")


def test_pictures_without_suffixes_are_no_tables():
    files = {name.removesuffix(".png"): content for name, content in pictures("cat", "dog").items()}
    assert len(read(packed({**files, "about.csv": b"a,b\n1,2\n"}), "t.zip")) == 12


@cache
def made(name: str) -> bytes:
    return CORPUS[name].make()  # once, for a zip has the time in it


@given(st.data(), st.sampled_from([name for name, one in CORPUS.items() if one.outcome != "refused"]))
@settings(deadline=None, max_examples=60)
def test_damaged_members_are_read_or_refused(data, name):
    reads_or_refuses_damaged(data, made(name), "t.zip")
