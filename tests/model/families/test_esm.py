"""ESM reads amino acids, by rotary or by learned positions."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from tests.families import TEXT, encoder, native, saved
from tests.tiny import SIZES, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.model.crossmodal import load_body, make_model


def test_a_language_is_not_made_of_amino_acids(tmp_path: Path, refusal: Callable[..., str]) -> None:
    body = load_body(saved("esm", tmp_path))
    refusal(lambda: make_model(tiny_dataset(Modality.TEXT), body), "reads amino acids", "knows 0%")


def test_rotary_positions_stay_in_the_blocks_and_a_head_for_contacts_may_be_missing(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file
    from transformers import EsmConfig, EsmModel

    torch.manual_seed(0)
    config = EsmConfig(
        **SIZES, **TEXT, pad_token_id=1, mask_token_id=32, token_dropout=True, position_embedding_type="rotary"
    )
    where, original = saved("esm", tmp_path, EsmModel(config).eval()), None
    original = EsmModel.from_pretrained(where).eval()
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: w for name, w in weights.items() if "contact_head" not in name}
    assert len(kept) < len(weights)
    save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
    data = native("esm")
    model = make_model(data, load_body(where)).eval()
    assert model.body.stem.positions is None
    inputs = model.embedder.prepare(data, np.arange(4))
    batch = model.embedder.tokenizer(data.inputs[:4].tolist(), padding="max_length", max_length=32, return_tensors="pt")
    mask = model.embedder.mask(inputs)
    with torch.no_grad():
        expected = encoder("esm", original)(**batch).last_hidden_state
        found = model.body(model.embedder(inputs), mask)
    torch.testing.assert_close(found[mask], expected[mask], atol=1e-5, rtol=1e-4)
