"""AST's patches overlap: a grid of them is counted by strides."""

from pathlib import Path

import torch

from tests.families import native, saved
from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.model.crossmodal import load_body, make_model

FAMILY = "audio-spectrogram-transformer"


def test_a_spectrogram_of_ten_bands_and_nineteen_steps_has_three_times_six_patches(tmp_path: Path) -> None:
    body = load_body(saved(FAMILY, tmp_path))
    layer = make_model(native(FAMILY), body).embedder
    assert layer.grid == (3, 6)  # (10 - 4) / 3 + 1, (19 - 4) / 3 + 1
    assert body.max_tokens == layer.n_tokens == 18
    assert layer(torch.rand(2, 1, 10, 19)).shape == (2, 18, 16)


def test_a_picture_is_resized_to_its_size_and_its_channels_are_fitted(tmp_path: Path) -> None:
    model = make_model(tiny_dataset(Modality.IMAGE), load_body(saved(FAMILY, tmp_path)))
    assert model.embedder.size == (10, 19)
    assert model(torch.rand(2, 1, 8, 8)).shape == (2, 3)
