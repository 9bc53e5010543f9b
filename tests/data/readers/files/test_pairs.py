import pytest

from tests.data.corpus.masks import CORPUS
from tests.data.packed import packed, picture, pictures
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading


@pytest.mark.parametrize(
    "folder",
    [
        "masks",
        "Masks",
        "annotations",
        "GT",
        "ground_truth",
        "labels",
        "train_masks",
        "GroundTruth",
        "trainannot",
        "SegmentationClass",
    ],
)
def test_folders_of_masks_are_told_by_name_and_content(folder, refusal):
    with_other_name = {
        name.replace("masks/", f"{folder}/"): content for name, content in _entries(CORPUS["pictures and masks"].make())
    }
    refusal(lambda: read(packed(with_other_name), "t.zip", Reading(task="classification")), f"--read drop={folder}")


def test_a_class_that_is_called_mask_stays_one():
    data = read(packed(pictures("mask", "normal")), "t.zip")
    assert data.class_names == ("mask", "normal")


def test_a_name_that_only_ends_like_a_mask_is_a_picture():
    files = {f"{c}/{i}_gt.png": picture(i + 10 * (c == "a")) for c in "ab" for i in range(4)}
    assert len(read(packed(files), "t.zip")) == 8


def _entries(content):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]
