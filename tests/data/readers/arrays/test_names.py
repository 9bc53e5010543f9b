import pytest

from xmodal_core.data.readers.arrays.names import Said, parse


@pytest.mark.parametrize(
    ("name", "split", "base"),
    [
        ("X", None, "x"),
        ("x_train", "train", "x"),
        ("XTest", "test", "x"),
        ("trainX", "train", "x"),
        ("ytr", "train", "y"),
        ("Xte", "test", "x"),
        ("train_images", "train", "images"),
        ("val/labels", "val", "labels"),
        ("run3/validation/y", "val", "y"),
        ("is_train", "train", "is"),
        ("classNames", None, "class_names"),
        ("samplingRateHz", None, "sampling_rate_hz"),
        ("train_and_test", None, "train_and_test"),
        ("X32_test", "test", "x32"),
    ],
)
def test_a_name_says_its_split_and_what_is_left(name, split, base):
    assert parse(name) == Said(split, base)
