from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmodal_core.data.readers.files.file_index import FileIndex
from xmodal_core.data.readers.files.lists import decode_list, name_files, parse_columns
from xmodal_core.data.readers.files.tree import Entry


def entry(path):
    return Entry(PurePosixPath(path), path, 0, Path(path))


FILES = [f"images/{name}.png" for name in ("a1", "a2", "b1", "b2")]
WORDS = {"label": ["a", "a", "b", "b"]}


def named(text, name="labels.csv", files=FILES):
    content = text if isinstance(text, bytes) else text.encode()
    return name_files(
        entry(name),
        parse_columns(decode_list(content, None)[0], PurePosixPath(name).suffix),
        FileIndex([entry(one) for one in files]),
        len(files),
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("image,label\na1,a\na2,a\nb1,b\nb2,b", "labels.csv"),
        ("image;label\r\na1.png;a\r\na2.png;a\r\nb1.png;b\r\nb2.png;b\r\n", "labels.csv"),
        ("image\tlabel\nimages/a1.png\ta\nimages/a2.png\ta\nimages/b1.png\tb\nimages/b2.png\tb", "x.tsv"),
        (
            "\ufeffimage,label\n./images/a1.png,a\nimages\\A2.PNG,a\n/data/images/b1.png,b\nb2,b".replace("/data", ""),
            "labels.csv",
        ),
        ("label,image\na,a1\na,a2\nb,b1\nb,b2", "labels.csv"),
        (
            "no json\n" + "\n".join(f'{{"image": "{one}", "label": "{one[0]}"}}' for one in ("a1", "a2", "b1", "b2")),
            "m.jsonl",
        ),
        ("image,label\na1,a\na2,a\nb1,b\nb2,b".encode("utf-16"), "labels.csv"),
    ],
)
def test_a_list_names_files_by_the_end_of_their_path(text, name):
    found = named(text, name)
    assert (found.rows, found.columns, found.n_lost) == ([0, 1, 2, 3], WORDS, 0)


def test_a_list_without_a_header_has_numbered_columns():
    found = named("a1.png a\na2.png a\nb1.png b\nb2.png b\n", "list.txt")
    assert found.columns == {"column 2": WORDS["label"]}


def test_rows_that_name_no_file_are_counted_and_lists_of_other_things_are_none():
    assert named("image,label\na1,a\na2,a\nb1,b\nz,b").n_lost == 1
    assert named("x,y\n1,2\n3,4") is None
    assert named("") is None


def test_of_files_of_one_name_the_one_of_the_list_is_taken():
    files = [f"{folder}/{i}.png" for folder in ("train", "test") for i in (0, 1)]
    text = "file_name,label\n0.png,a\n1.png,b"
    assert named(text, "test/metadata.csv", files).rows == [2, 3]
    assert named(text, "trainLabels.csv", files).rows == [0, 1]
    assert named(text, "test_labels.csv", files).rows == [2, 3]
    assert named(text, "labels.csv", files).rows == [0, 1]


@given(st.binary(max_size=200), st.sampled_from([".csv", ".txt", ".jsonl", ".tsv"]))
def test_any_bytes_are_columns_of_equal_length(content, suffix):
    columns = parse_columns(decode_list(content, None)[0], suffix)
    assert len({len(column) for column in columns.values()}) <= 1
    name_files(entry(f"a{suffix}"), columns, FileIndex([]), 4)


def test_words_are_read_in_the_encoding_of_the_list():
    text = "图片,类别\n1,猫\n2,狗\n"
    assert decode_list(text.encode("utf-8"), None) == (text, "")
    assert decode_list(text.encode("gbk"), None) == (text, "gbk")
    assert decode_list(text.encode("gbk"), "gb18030") == (text, "")
    assert decode_list("a,Bär\n".encode("cp1252"), None) == ("a,Bär\n", "cp1252")
    assert decode_list(b"\xff", "klingon") == ("\ufffd", "")
