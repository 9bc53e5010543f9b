import pytest

from tests.data.packed import packed, pictures
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading


def codes(*folders, **said):
    return [one.code for one in read(packed(pictures(*folders)), "t.zip", Reading(**said)).understanding.warnings]


@pytest.mark.parametrize("held", ["test", "val"])
def test_a_class_that_nothing_is_learnt_about_is_warned_of_until_it_is_split_anew(held):
    folders = ("train/cat", "train/dog", "test/cat", f"{held}/fox")
    assert codes(*folders) == ["classes-only-in-test"]
    assert codes(*folders, split="none") == []


def test_a_class_that_is_not_tested_is_none_of_them():
    assert codes("train/cat", "train/dog", "test/cat") == []
