"""DINOv2: images have the size that its preprocessor gives them; what hid patches in pretraining is no part of it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.families import encoder, made, saved
from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.model.crossmodal import load_body, make_model


@pytest.mark.parametrize("size", [(8, 8), (24, 12), (16, 16)])
def test_images_have_the_size_of_the_preprocessor(size: tuple[int, int], tmp_path: Path) -> None:
    where = saved("dinov2", tmp_path)
    crop = {"crop_size": {"height": size[0], "width": size[1]}, "do_center_crop": True}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(crop))
    images = np.random.default_rng(0).random((12, 3, *size), dtype=np.float32)
    model = make_model(make_dataset("i", Modality.IMAGE, images, np.arange(12) % 2, "ab"), load_body(where)).eval()
    model.embedder.shift.zero_(), model.embedder.scale.fill_(1.0)
    assert model.embedder.grid == (size[0] // 4, size[1] // 4)
    with torch.no_grad():
        expected = encoder("dinov2", made("dinov2"))(torch.from_numpy(images)).last_hidden_state[:, 1:]
        torch.testing.assert_close(model.body(model.embedder(torch.from_numpy(images))), expected, atol=1e-5, rtol=1e-4)
    assert load_body(where, pretrained=False).max_tokens == model.body.max_tokens


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"crop_size": "8"},
        {"crop_size": 8, "do_center_crop": False},
        {"crop_size": {"height": 2, "width": 2}},
        {"crop_size": {"height": 8}},
    ],
)
def test_a_preprocessor_that_says_no_size_leaves_the_configurations(values: dict[str, object], tmp_path: Path) -> None:
    where = saved("dinov2", tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    assert load_body(where).max_tokens == 16


def test_a_file_without_the_token_of_a_mask_is_whole(tmp_path: Path) -> None:
    where = saved("dinov2", tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: w for name, w in weights.items() if "mask_token" not in name}
    assert len(kept) == len(weights) - 1
    save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
    assert load_body(where).max_tokens == 16
