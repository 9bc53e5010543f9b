"""GPT-2 is causal: the last real token is read, padding comes behind it, and no padding word is needed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.families import made, saved
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.model.bodies import load_transformer
from xmodal_core.model.body import last_real
from xmodal_core.model.crossmodal import load_body, make_model


def letters(*texts: str) -> LabelledDataset:
    many = np.array(texts * 6)
    return make_dataset("letters", Modality.TEXT, many, np.arange(len(many)) % 2, ["a", "b"])


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_text_is_read_at_its_last_letter_as_if_it_were_alone(side: str, tmp_path: Path) -> None:
    where, data = saved("gpt2", tmp_path), letters("abc", "hello", "z", "ba")
    config = (tmp_path / "tokenizer_config.json").read_text()
    (tmp_path / "tokenizer_config.json").write_text(config.replace("{", f'{{"padding_side": "{side}",', 1))
    model, original = make_model(data, load_body(where)).eval(), made("gpt2").base_model
    found = model.features(model.embedder.prepare(data, np.arange(4)))
    with torch.no_grad():
        for row, text in zip(found, data.inputs[:4].tolist(), strict=True):
            ids = model.embedder.tokenizer(text, return_tensors="pt")["input_ids"]
            torch.testing.assert_close(row, original(ids).last_hidden_state[0, -1], atol=1e-5, rtol=1e-4)


def test_an_empty_text_is_an_end_of_a_text(tmp_path: Path) -> None:
    data = letters("", "ab")
    model = make_model(data, load_body(saved("gpt2", tmp_path))).eval()
    inputs = model.embedder.prepare(data, np.arange(2))
    assert model.embedder.mask(inputs).sum(dim=1).tolist() == [1, 2]
    assert torch.isfinite(model(inputs)).all()
    assert torch.isfinite(model.embedded(inputs)).all()


def test_masks_that_old_files_keep_are_no_weights(tmp_path: Path) -> None:
    where = saved("gpt2", tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    masks = {f"transformer.h.{i}.attn.{name}": torch.ones(1) for i in range(2) for name in ("bias", "masked_bias")}
    save_file(weights | masks, tmp_path / "model.safetensors", {"format": "pt"})
    assert load_transformer(where).tokenizer.pad_token == "<|endoftext|>"


def test_the_last_real_token_is_the_last_that_is_not_masked() -> None:
    tokens = torch.arange(12.0).reshape(2, 3, 2)
    mask = torch.tensor([[True, True, False], [True, False, False]])
    assert last_real(tokens, mask).tolist() == [[2.0, 3.0], [6.0, 7.0]]
    assert last_real(tokens, None).tolist() == [[4.0, 5.0], [10.0, 11.0]]
