"""Two towers in a folder, each a body by its address."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.families import encoder, made, native, save_tokenizer, saved
from tests.tiny import SIZES, TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.model.bodies import check_kept, load_transformer
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.facts import body_facts


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both towers; for reading only."""
    folder = tmp_path_factory.mktemp("clip")
    saved("clip_text_model", folder)
    return folder


@pytest.mark.parametrize(
    ("address", "modality"), [("", Modality.IMAGE), ("#image", Modality.IMAGE), ("#text", Modality.TEXT)]
)
def test_a_tower_has_an_address_and_the_image_tower_needs_none(address: str, modality: Modality, both: Path) -> None:
    facts, body = body_facts(f"{both}{address}"), load_body(f"{both}{address}")
    assert facts is not None
    assert facts.modality is body.modality is modality
    check_kept(f"{both}{address}")


@pytest.mark.parametrize("tower", ["image", "text"])
def test_a_folder_of_one_tower_needs_no_address(tower: str, tmp_path: Path, refusal: Callable[..., str]) -> None:
    family, other = {"image": ("clip_vision_model", "text"), "text": ("clip_text_model", "image")}[tower]
    whole = made(family)
    encoder(family, whole).save_pretrained(tmp_path)
    save_tokenizer("clip_text_model", tmp_path)
    plain, addressed = load_transformer(str(tmp_path)), load_transformer(f"{tmp_path}#{tower}")
    for loaded in (plain, addressed):
        state, expected = loaded.transformer.state_dict(), encoder(family, whole).state_dict()
        assert all(torch.equal(state[name], expected[name]) for name in state)
    refusal(lambda: load_transformer(f"{tmp_path}#{other}"), f"found #{other}", "one tower only")


def test_an_address_of_no_tower_is_refused(both: Path, files: TinyFiles, refusal: Callable[..., str]) -> None:
    refusal(lambda: load_transformer(f"{both}#sound"), "#image and #text", "found #sound")
    refusal(lambda: load_transformer(f"{files.body}#text"), "one tower only", "found #text")
    refusal(lambda: load_transformer("/no/such/folder#text"), "/no/such/folder#text", "no such folder")
    assert body_facts(f"{files.body}#text") is None


def test_a_folder_of_that_very_name_comes_first(files: TinyFiles, tmp_path: Path) -> None:
    shutil.copytree(files.body, tmp_path / "mine#text")
    assert load_body(str(tmp_path / "mine#text")).modality is Modality.IMAGE


def test_the_image_tower_reads_no_word_and_needs_no_tokenizer(both: Path, tmp_path: Path) -> None:
    shutil.copytree(both, tmp_path, dirs_exist_ok=True)
    for path in (*tmp_path.glob("tokenizer*"), *tmp_path.glob("special*")):
        path.unlink()
    assert load_body(str(tmp_path)).modality is Modality.IMAGE


def test_damage_of_the_other_tower_is_not_this_ones_and_blocks_too_many_are(
    both: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    shutil.copytree(both, tmp_path, dirs_exist_ok=True)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: w for name, w in weights.items() if not name.startswith("text_model.encoder.layers.1")}
    save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
    assert load_body(str(tmp_path)).n_layers == 2
    refusal(lambda: load_transformer(f"{tmp_path}#text"), "of the body are not in its files", "layers.1")
    config = (tmp_path / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace('"num_hidden_layers": 2', '"num_hidden_layers": 1'))
    refusal(lambda: load_transformer(str(tmp_path)), "16 weights of blocks", "layers.1")


def test_a_text_is_read_where_it_ends_though_the_end_is_also_the_padding(both: Path) -> None:
    data = native("clip_text_model")
    model = make_model(data, load_body(f"{both}#text")).eval()
    inputs = model.embedder.prepare(data, np.arange(4))
    batch = model.embedder.tokenizer(data.inputs[:4].tolist(), padding=True, return_tensors="pt")
    original = encoder("clip_text_model", made("clip_text_model"))
    with torch.no_grad():
        expected = original(**{name: batch[name] for name in ("input_ids", "attention_mask")}).pooler_output
        torch.testing.assert_close(model.features(inputs), expected, atol=1e-5, rtol=1e-4)


def test_a_projection_is_left_behind(tmp_path: Path) -> None:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    CLIPVisionModelWithProjection(CLIPVisionConfig(**SIZES, image_size=16, patch_size=4)).save_pretrained(tmp_path)
    assert load_body(str(tmp_path)).max_tokens == 16
