import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmodal_core.data.readers.files.levels import find_levels, is_shard


def found(*paths, n=5, said=None, splits=()):
    folders = [tuple(filter(None, path.split("/"))) for path in paths for _ in range(n)]
    levels = find_levels(folders, set(splits), said)
    return sorted(set(levels.classes)), levels.chosen, levels.runner_up


@pytest.mark.parametrize(
    ("paths", "classes", "chosen", "runner_up"),
    [
        (["cat", "dog"], ["cat", "dog"], 1, 0),
        (["root/cat", "root/dog"], ["cat", "dog"], 1, 0),
        (["cat/images", "dog/images"], ["cat", "dog"], 2, 0),
        (["pet/cat", "pet/dog", "wild/fox"], ["cat", "dog", "fox"], 1, 2),
        (["benign/40X", "benign/100X", "malignant/40X", "malignant/100X"], ["benign", "malignant"], 2, 1),
        (["color/cat", "color/dog", "grayscale/cat", "grayscale/dog"], ["cat", "dog"], 1, 2),
        (["amazon/" + c for c in "abcdef"] + ["webcam/" + c for c in "abcdef"], list("abcdef"), 1, 2),
        (["well/subject01", "well/subject02", "ill/subject03"], ["ill", "well"], 2, 1),
        (["cat", "dog/big", "dog/small"], ["cat", "dog"], 2, 1),
        (["photo/a", "art/a"], ["art", "photo"], 2, 0),
    ],
)
def test_the_level_of_the_class_is_found_with_its_runner_up(paths, classes, chosen, runner_up):
    assert found(*paths) == (classes, chosen, runner_up)


def test_folders_of_few_files_below_many_classes_name_things():
    paths = [f"{'ab'[i % 2]}/video of {i}" for i in range(20)]
    assert found(*paths, n=2)[:2] == (["a", "b"], 2)


def test_a_said_level_is_obeyed_and_beyond_the_top_it_is_the_top():
    paths = ["root/cat", "root/dog/big", "root/dog/small"]
    assert found(*paths, said=1)[0] == ["big", "cat", "small"]
    assert found(*paths, said=2)[0] == ["cat", "dog"]
    assert found(*paths, said=9)[0] == ["cat", "dog"]


def test_splits_are_no_level():
    assert found("train/cat", "test/dog", splits=["train", "test"]) == (["cat", "dog"], 1, 0)
    assert found("cat/train", "dog/test", splits=["train", "test"]) == (["cat", "dog"], 2, 0)


def test_files_in_no_folder_have_no_class():
    assert found("") == ([""], 0, 0)
    assert found("cat", "dog", "")[0] == ["", "cat", "dog"]


@given(
    st.lists(st.lists(st.sampled_from("ab") | st.just("images"), max_size=4).map(tuple), min_size=1),
    st.none() | st.integers(1, 5),
)
def test_every_file_has_at_most_one_of_its_own_folders(paths, said):
    levels = find_levels(paths, set(), said)
    assert all(not name or name in path for name, path in zip(levels.classes, paths, strict=True))


def test_shards_are_no_classes():
    assert is_shard({"part_1", "part_2"})
    assert is_shard({"images", "more_images"})
    assert not is_shard({"cat", "dog"})
