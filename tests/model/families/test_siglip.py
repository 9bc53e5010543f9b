"""SigLIP reads the padding of a text, and pools the last token."""

from pathlib import Path

import numpy as np
import torch

from tests.families import LENGTH, encoder, made, native, saved
from xmodal_core.model.crossmodal import load_body, make_model


def test_a_text_has_its_full_length_and_is_pooled_where_the_original_pools(tmp_path: Path) -> None:
    data = native("siglip_text_model")
    model = make_model(data, load_body(saved("siglip_text_model", tmp_path))).eval()
    inputs = model.embedder.prepare(data, np.arange(4))
    original = encoder("siglip_text_model", made("siglip_text_model"))
    assert inputs.shape == (4, LENGTH)
    with torch.no_grad():
        expected = original(inputs).pooler_output
        torch.testing.assert_close(original.head(model.features(inputs)), expected, atol=1e-5, rtol=1e-4)
