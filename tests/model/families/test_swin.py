"""Swin and Swin v2 take their own grid of patches and hand on a smaller one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.families import saved
from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.methods.lora import attention_projections
from xmodal_core.model.crossmodal import load_body, make_model


@pytest.mark.parametrize("family", ["swin", "swinv2"])
def test_images_are_taken_and_series_refused(family: str, tmp_path: Path, refusal: Callable[..., str]) -> None:
    body = load_body(saved(family, tmp_path))
    assert (body.hidden_size, body.output_size, body.merged) == (8, 16, 2)
    assert body(torch.zeros(1, 64, 8)).shape == (1, 16, 16)
    assert make_model(tiny_dataset(Modality.IMAGE), body)(torch.rand(2, 1, 8, 8)).shape == (2, 3)
    assert not [name for name in attention_projections(body.transformer) if "position" in name]
    refusal(lambda: make_model(tiny_dataset(Modality.SERIES), body), "takes exactly 64 image patches")
