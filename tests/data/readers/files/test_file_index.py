import time
from pathlib import Path, PurePosixPath

import pytest

from xmodal_core.data.readers.files.file_index import FileIndex
from xmodal_core.data.readers.files.tree import Entry


def index(*paths):
    return FileIndex([Entry(PurePosixPath(path), path, 0, Path(path)) for path in paths])


@pytest.mark.parametrize(
    "cell", ["a1", "A1.PNG", "images/a1", "./images/a1.png", "images\\a1.png", "/old/place/a1.png"]
)
def test_a_file_is_found_by_any_end_of_its_path(cell):
    assert index("images/a1.png", "images/a2.png").find(cell, PurePosixPath("labels.csv")) == 0


@pytest.mark.parametrize("cell", ["", ".", "a3", "a", "images"])
def test_no_file_is_found_where_none_is_meant(cell):
    assert index("images/a1.png", "images/a2.png").find(cell, PurePosixPath("labels.csv")) is None


@pytest.mark.parametrize(
    ("beside", "cell", "found"),
    [
        ("labels.csv", "b/1.png", 1),
        ("labels.csv", "1.png", None),
        ("b/labels.csv", "1.png", 1),
        ("B/labels.csv", "1", 1),
        ("x/labels.csv", "data/a/1.png", 0),
    ],
)
def test_files_of_one_name_are_told_apart_by_folders(beside, cell, found):
    assert index("a/1.png", "b/1.png").find(cell, PurePosixPath(beside)) == found


@pytest.mark.parametrize(("cell", "found"), [("7", 0), ("12", 1), ("8", None), ("7.0", None)])
def test_a_number_finds_the_file_that_is_called_so_with_zeros_before_it(cell, found):
    assert index("train/00007.jpg", "train/00012.jpg").find(cell, PurePosixPath("train.csv")) == found


def test_very_many_files_of_one_name_take_no_longer():
    many = index(*(f"{i}/img.png" for i in range(20_000)))
    start = time.perf_counter()
    assert all(many.find("img", PurePosixPath("labels.csv")) is None for _ in range(20_000))
    assert many.find("77/img.png", PurePosixPath("labels.csv")) == 77
    assert time.perf_counter() - start < 5
