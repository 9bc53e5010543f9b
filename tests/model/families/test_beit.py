"""BEiT's positions: beside the tokens, in every block, or once for all blocks."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.families import IMAGES, encoder, native, saved
from tests.tiny import SIZES, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.model.crossmodal import load_body, make_model


@pytest.mark.parametrize("mean", [True, False])
@pytest.mark.parametrize("positions", ["use_shared_relative_position_bias", "use_absolute_position_embeddings"])
def test_every_kind_of_positions_is_the_originals(positions: str, mean: bool, tmp_path: Path) -> None:
    from transformers import BeitConfig, BeitModel

    torch.manual_seed(0)
    whole = BeitModel(BeitConfig(**SIZES, **IMAGES, use_mean_pooling=mean, **{positions: True})).eval()
    with torch.no_grad():
        for parameter in whole.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.2)
    body = load_body(saved("beit", tmp_path, whole)).eval()
    model = make_model(native("beit"), body).eval()
    images = torch.from_numpy(native("beit").inputs[:3])
    model.embedder.shift.zero_(), model.embedder.scale.fill_(1.0)
    with torch.no_grad():
        expected = encoder("beit", whole)(images).last_hidden_state[:, 1:]
        torch.testing.assert_close(body(model.embedder(images)), expected, atol=1e-5, rtol=1e-4)
    assert body.exact_tokens is ("relative" in positions)


def test_relative_positions_know_one_grid(tmp_path: Path, refusal: Callable[..., str]) -> None:
    body = load_body(saved("beit", tmp_path))
    assert make_model(tiny_dataset(Modality.IMAGE), body)(torch.rand(2, 1, 8, 8)).shape == (2, 3)
    refusal(lambda: make_model(tiny_dataset(Modality.SERIES), body), "takes exactly 16 image patches")
