"""What the preprocessor of a body says of images, and what it may not say."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from xmodal_core.model.image_scale import ImageScale
from xmodal_core.model.preprocessor import image_crop, image_scale

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
IMAGENET_SCALE = ImageScale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
SCALES: list[tuple[dict[str, object], ImageScale]] = [
    ({}, ImageScale()),
    (IMAGENET, IMAGENET_SCALE),
    (IMAGENET | {"do_normalize": True, "do_rescale": True, "rescale_factor": 1 / 255}, IMAGENET_SCALE),
    (IMAGENET | {"do_normalize": False}, ImageScale((0.0,), (1.0,))),
    (IMAGENET | {"do_rescale": False}, IMAGENET_SCALE),
    ({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}, ImageScale()),
    ({"image_mean": [0.5], "image_std": 0.25}, ImageScale((0.5,), (0.25,))),
    ({"image_mean": [51, 102, 204], "image_std": [51], "do_rescale": False}, ImageScale((0.2, 0.4, 0.8), (0.2,))),
    ({"image_mean": [1, 1, 1], "image_std": [1, 1, 1], "rescale_factor": 2 / 255}, ImageScale()),
]


@pytest.mark.parametrize(("values", "expected"), SCALES)
def test_the_scale_of_images_is_what_the_preprocessor_says(
    values: dict[str, object], expected: ImageScale, tmp_path: Path
) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    found = image_scale(tmp_path)
    assert found.mean == pytest.approx(expected.mean)
    assert found.std == pytest.approx(expected.std)
    assert (len(found.mean), len(found.std)) == (len(expected.mean), len(expected.std))


def test_without_a_preprocessor_the_scale_is_the_usual_one(tmp_path: Path) -> None:
    assert image_scale(tmp_path) == ImageScale((0.5,), (0.5,))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"crop_size": {"height": 224, "width": 112}}, (224, 112)),
        ({"crop_size": 224, "do_center_crop": True}, (224, 224)),
        ({"crop_size": {"height": 224, "width": 224}, "do_center_crop": False}, None),
        ({"crop_size": {"shortest_edge": 224}}, None),
        ({"crop_size": {"height": 0, "width": 224}}, None),
        ({}, None),
    ],
)
def test_the_size_of_images_is_what_the_preprocessor_crops_to(
    values: dict[str, object], expected: tuple[int, int] | None, tmp_path: Path
) -> None:
    assert image_crop(tmp_path) is None
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    assert image_crop(tmp_path) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0, 0.5]},
        {"image_mean": [0.5, 0.5, 0.5], "image_std": [-0.5]},
        {"image_mean": [123, 116, 103], "image_std": [58, 57, 57]},
        {"image_mean": [0.5, 0.4], "image_std": [0.5]},
        {"image_mean": [], "image_std": []},
        {"image_mean": ["0.5"] * 3, "image_std": [0.5]},
        {"image_mean": [float("nan")] * 3, "image_std": [0.5]},
        {"image_mean": [True, True, True], "image_std": [0.5]},
        {"image_mean": [0.5, 0.5, 0.5]},
        IMAGENET | {"rescale_factor": 0},
        IMAGENET | {"rescale_factor": "x"},
    ],
)
def test_a_scale_that_is_none_is_refused(
    values: dict[str, object], tmp_path: Path, refusal: Callable[..., str]
) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    refusal(lambda: image_scale(tmp_path), f"{tmp_path.name}: preprocessor_config.json", "expected")
