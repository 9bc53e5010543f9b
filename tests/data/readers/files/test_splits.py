import pytest

from xmodal_core.data.readers.files.splits import role_of, split_folders


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *((name, "train") for name in ("train", "Training_Set", "seg_train", "trainLabels", "train2014", "TRAIN")),
        *((name, "val") for name in ("val", "valid", "Validation", "dev", "val2017")),
        *((name, "test") for name in ("test", "test_images", "Testing-Set", "TestImages", "eval")),
        *((name, None) for name in ("cat", "trainer", "pred", "contest", "train_and_test")),
    ],
)
def test_a_role_is_told_from_a_name(name, role):
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("paths", "splits"),
    [
        (["train/cat", "test/cat"], {"train", "test"}),
        (["cat/train", "cat/test", "dog/train"], {"train", "test"}),
        (["a/seg_train/x", "a/seg_test/x", "a/seg_pred"], {"seg_train", "seg_test"}),
        (["train", "bus", "car"], set()),  # vehicles
        (["train/old", "train/new", "bus/old", "bus/new"], set()),
        (["train/cat", "train/dog", "pred"], {"train"}),
        (["crash test", "train", "bus", "car"], set()),
        (["cat", "dog"], set()),
        ([""], set()),
    ],
)
def test_split_folders_are_told_from_classes(paths, splits):
    assert split_folders([tuple(filter(None, path.split("/"))) for path in paths]) == splits
