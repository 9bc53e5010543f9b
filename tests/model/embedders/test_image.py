"""Images enter a body in the scale, shape and channels that it was trained with."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny import SIZES, TinyFiles
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.embedders.image import ImageEmbedder

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@pytest.fixture
def imagenet(files: TinyFiles, tmp_path: Path) -> str:
    """The tiny ViT with a preprocessor beside it."""
    shutil.copytree(files.body, tmp_path / "vit")
    preprocessor = {"do_normalize": True, "image_mean": MEAN, "image_std": STD}
    (tmp_path / "vit" / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return str(tmp_path / "vit")


def pictures(channels: int, low: float = 0.0, high: float = 1.0, size: tuple[int, int] = (16, 16)) -> LabelledDataset:
    """Noise that reaches from `low` to `high` in the training rows."""
    values = np.random.default_rng(0).random((12, channels, *size))
    values[:, :, 0, 0], values[:, :, 0, 1] = 0, 1
    inputs = (low + values * (high - low)).astype(np.float32)
    return make_dataset("pictures", Modality.IMAGE, inputs, np.arange(12) % 2, ["a", "b"])


def embedder(data: LabelledDataset, where: str) -> ImageEmbedder:
    found = make_model(data, load_body(where)).embedder
    assert isinstance(found, ImageEmbedder)
    return found


def saved(folder: Path, **config: object) -> str:
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    ViTModel(ViTConfig(**SIZES, patch_size=4, **config), add_pooling_layer=False).save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 255.0), (-3.0, 5.0)])
def test_an_image_is_scaled_by_the_mean_and_deviation_of_each_channel(low: float, high: float, imagenet: str) -> None:
    data = pictures(3, low, high)
    found = embedder(data, imagenet).resized(torch.from_numpy(data.inputs))
    unit = torch.from_numpy((data.inputs - low) / (high - low))
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    torch.testing.assert_close(found, (unit - mean) / std, atol=1e-4, rtol=1e-4)


def test_black_and_white_have_the_numbers_that_everybody_knows(imagenet: str) -> None:
    data = pictures(3)
    layer = embedder(data, imagenet)
    black, white = (layer.resized(torch.full((1, 3, 16, 16), level))[0, :, 0, 0] for level in (0.0, 1.0))
    torch.testing.assert_close(black, torch.tensor([-2.1179, -2.0357, -1.8044]), atol=1e-4, rtol=0)
    torch.testing.assert_close(white, torch.tensor([2.2489, 2.4286, 2.64]), atol=1e-4, rtol=0)


def test_without_a_preprocessor_the_scale_is_the_one_of_before(files: TinyFiles) -> None:
    data = pictures(3, -3.0, 5.0)
    layer = embedder(data, files.body)
    assert torch.equal(layer.shift, torch.tensor(1.0))
    assert torch.equal(layer.scale, torch.tensor(4.0))


def test_a_grey_image_is_seen_as_the_same_image_in_three_channels(imagenet: str) -> None:
    grey = pictures(1)
    inputs = np.repeat(grey.inputs, 3, axis=1)
    colour = make_dataset("pictures", Modality.IMAGE, inputs, np.arange(12) % 2, ["a", "b"])
    one, three = embedder(grey, imagenet), embedder(colour, imagenet)
    assert one.project.weight.shape[1] == three.project.weight.shape[1] - 2
    expected = three(torch.from_numpy(inputs))
    torch.testing.assert_close(one(torch.from_numpy(grey.inputs)), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("channels", [2, 4, 7])
def test_other_channels_take_the_scale_of_the_filters_that_see_them(channels: int, imagenet: str) -> None:
    layer = embedder(pictures(channels), imagenet)
    found = layer.resized(torch.zeros(1, channels, 16, 16))[0, :, 0, 0]
    expected = [-MEAN[k % 3] / STD[k % 3] for k in range(channels)]
    torch.testing.assert_close(found, torch.tensor(expected), atol=1e-4, rtol=0)


def test_a_field_is_standardised_whatever_pictures_the_body_saw(imagenet: str, files: TinyFiles) -> None:
    values = np.random.default_rng(0).normal(5, 2, (12, 1, 16, 16)).astype(np.float32)
    data = make_dataset("fields", Modality.FIELD, values, np.arange(12) % 2, ["a", "b"])
    with_scale, without = (embedder(data, where).state_dict() for where in (imagenet, files.body))
    assert all(torch.equal(with_scale[name], without[name]) for name in without)


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_a_body_of_one_channel_sees_the_mean_of_all(channels: int, tmp_path: Path) -> None:
    where = saved(tmp_path, image_size=16, num_channels=1)
    data = pictures(channels)
    images = torch.from_numpy(data.inputs)
    mean = embedder(pictures(1), where)(images.mean(dim=1, keepdim=True))
    torch.testing.assert_close(embedder(data, where)(images), mean, atol=1e-5, rtol=1e-4)


def test_a_body_of_oblong_images_has_its_own_grid_and_is_the_original_network(tmp_path: Path) -> None:
    from transformers import AutoModel

    where = saved(tmp_path, image_size=(8, 24))
    data = pictures(3, size=(8, 24))
    model = make_model(data, load_body(where)).eval()
    layer = model.embedder
    assert (layer.grid, layer.n_tokens) == ((2, 6), 12)
    images = torch.from_numpy(data.inputs)
    original = AutoModel.from_pretrained(where, add_pooling_layer=False).eval()
    with torch.no_grad():
        expected = original(layer.resized(images)).last_hidden_state[:, 1:]
        torch.testing.assert_close(model.body(layer(images)), expected, atol=1e-5, rtol=1e-5)
