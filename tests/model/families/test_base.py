"""What every entry of FAMILIES promises: a body behind its own embedding layer is the original network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.families import encoder, made, native, saved
from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.methods.frozen import freeze_all_but_norms
from xmodal_core.methods.lora import Lora, add_adapters
from xmodal_core.methods.stat_matched import match_statistics
from xmodal_core.model.bodies import load_transformer
from xmodal_core.model.body import Body, masked_mean
from xmodal_core.model.crossmodal import CrossModalModel, load_body, make_model
from xmodal_core.model.facts import body_facts
from xmodal_core.model.families import FAMILIES
from xmodal_core.semantics.encoders import encode_names

TEXTS = [name for name, family in FAMILIES.items() if family.modality is Modality.TEXT]
IMAGES = [name for name, family in FAMILIES.items() if family.modality is Modality.IMAGE]
SOUNDS = [name for name, family in FAMILIES.items() if family.modality is Modality.SERIES]
CLOSE = {"atol": 2e-5, "rtol": 1e-4}


Folder = Callable[[str], str]


def model_and_original(family: str, folder: Folder) -> tuple[CrossModalModel, Any]:
    """A body behind its own embedding layer in the scale of its inputs, and the network that was saved."""
    model = make_model(native(family), load_body(folder(family))).eval()
    if family in IMAGES:
        model.embedder.shift.zero_()
        model.embedder.scale.fill_(1.0)
    return model, encoder(family, made(family))


def native_reading(family: str, original: Any, model: CrossModalModel) -> tuple[Tensor, Tensor | None, Any]:
    """Prepared native samples, which of their tokens are real, and what the original says of them."""
    data = native(family)
    inputs = model.embedder.prepare(data, np.arange(4))
    with torch.no_grad():
        if family == "vit_mae":
            original.embeddings.config.mask_ratio = 0.0
            in_place = torch.arange(16.0).expand(4, -1)
            return inputs, None, original(inputs, noise=in_place, output_hidden_states=True)
        if family == "audio-spectrogram-transformer":  # it reads time before mel bands
            return inputs, None, original(inputs[:, 0].transpose(1, 2), output_hidden_states=True)
        if family in IMAGES:
            return inputs, None, original(inputs, output_hidden_states=True)
        batch = model.embedder.tokenizer(  # type: ignore[operator]
            data.inputs[:4].tolist(), padding="max_length", max_length=inputs.shape[1], return_tensors="pt"
        )
        if family == "siglip_text_model":  # as it was trained, it reads its padding
            return inputs, None, original(batch["input_ids"], output_hidden_states=True)
        mask = batch["attention_mask"]
        return inputs, mask.bool(), original(batch["input_ids"], attention_mask=mask, output_hidden_states=True)


def real(tokens: Tensor, mask: Tensor | None) -> Tensor:
    return tokens if mask is None else tokens[mask]


@pytest.mark.parametrize("family", [*IMAGES, *TEXTS])
def test_a_body_behind_its_own_embedding_layer_is_the_original_network(family: str, folder: Folder) -> None:
    model, original = model_and_original(family, folder)
    inputs, mask, expected = native_reading(family, original, model)
    n_prefix = len(getattr(FAMILIES[family], "prefix_tokens", ()))
    found_mask = model.embedder.mask(inputs)
    assert (found_mask is None) == (mask is None)
    assert mask is None or torch.equal(found_mask, mask)
    with torch.no_grad():
        found = model.body(model.embedder(inputs), found_mask)
        layers = model.body.layers(model.embedder(inputs), found_mask)
    torch.testing.assert_close(real(found, mask), real(expected.last_hidden_state[:, n_prefix:], mask), **CLOSE)
    assert len(layers) == len(expected.hidden_states) == model.body.n_layers + 1
    for state, whole in zip(layers, expected.hidden_states, strict=True):
        torch.testing.assert_close(state, masked_mean(whole[:, n_prefix:], mask), **CLOSE)


@pytest.mark.parametrize("family", [name for name in TEXTS if name != "esm"])
def test_names_of_classes_are_read_by_every_body_of_a_language(family: str, folder: Folder) -> None:
    found = encode_names(["red green", "blue", "a"], folder(family), n_prompts=2)
    assert found.nodes.shape == (3, 2, 16)
    np.testing.assert_allclose(np.linalg.norm(found.nodes, axis=-1), 1, atol=1e-5)
    assert found.known[:2].all()


LEARNED = [name for name in TEXTS if name not in ("modernbert", "t5")]  # the others' positions are in their blocks


@pytest.mark.parametrize("family", TEXTS)
def test_a_stem_has_the_norm_and_from_the_first_on_the_positions_of_its_layer(family: str, folder: Folder) -> None:
    stem = load_body(folder(family)).eval().stem
    layer = stem.word_embeddings
    assert layer is not None
    assert (stem.positions is not None) == (family in LEARNED)
    inner = getattr(layer, "layer", layer)
    named = dict(inner.named_modules())
    ids = torch.tensor([[4, 6, 5, 5, 4]])
    names = ("word_embeddings", "tok_embeddings", "token_embedding", "words")
    tokens = next(named[name] for name in names if name in named)(ids)
    tokens = tokens * 0.88 if family == "esm" else tokens  # one letter of eight was hidden in pretraining
    if "token_type_embeddings" in named:
        tokens = tokens + named["token_type_embeddings"].weight[0]
    if stem.positions is not None:
        tokens = tokens + stem.positions[: ids.shape[1]]
    if stem.norm is not None:
        tokens = torch.nn.functional.layer_norm(tokens, tokens.shape[-1:], *stem.norm, eps=1e-5)
    torch.testing.assert_close(layer(input_ids=ids), tokens, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("family", SOUNDS)
def test_a_sound_body_behind_its_own_front_end_is_the_original_network(family: str, folder: Folder) -> None:
    body, original = load_body(folder(family)).eval(), encoder(family, made(family))
    wave = torch.from_numpy(native(family).inputs[:4, 0])
    length = torch.tensor([64, 64, 40, 27])
    mask = torch.arange(64) < length[:, None]
    with torch.no_grad():
        heard = original.feature_projection(original.feature_extractor(wave).transpose(1, 2))
        tokens = heard[0] if isinstance(heard, tuple) else heard
        for waves, real_tokens in ((None, None), (mask, original._get_feature_vector_attention_mask(15, mask.long()))):
            attention = None if waves is None else waves.long()
            expected = original(wave, attention_mask=attention, output_hidden_states=True)
            kept = None if real_tokens is None else real_tokens.bool()
            torch.testing.assert_close(real(body(tokens, kept), kept), real(expected.last_hidden_state, kept), **CLOSE)
            for state, whole in zip(body.layers(tokens, kept), expected.hidden_states, strict=True):
                torch.testing.assert_close(state, masked_mean(whole, kept), **CLOSE)


@pytest.mark.parametrize("family", [*TEXTS, *SOUNDS])
def test_padding_does_not_change_the_reading_of_real_tokens(family: str, folder: Folder) -> None:
    body = load_body(folder(family)).eval()
    tokens = torch.randn(3, 9, body.hidden_size, generator=torch.Generator().manual_seed(0))
    mask = torch.arange(9).expand(3, -1) < 5
    other = torch.where(mask.unsqueeze(-1), tokens, 7.0)
    with torch.no_grad():
        alone, padded, changed = body.read(tokens[:, :5]), body.read(tokens, mask), body.read(other, mask)
    torch.testing.assert_close(padded.tokens[:, :5], alone.tokens, **CLOSE)
    torch.testing.assert_close(changed.tokens[:, :5], alone.tokens, **CLOSE)
    torch.testing.assert_close(body.pooled(padded, mask), body.pooled(alone), **CLOSE)
    assert torch.equal(tokens, torch.randn(3, 9, body.hidden_size, generator=torch.Generator().manual_seed(0)))


def of_its_length(body: Body) -> Tensor:
    return torch.randn(2, body.max_tokens if body.exact_tokens else 8, body.hidden_size)


@pytest.mark.parametrize("family", FAMILIES)
def test_training_draws_nothing_and_reaches_every_weight(family: str, folder: Folder) -> None:
    body = load_body(folder(family)).train()
    tokens = of_its_length(body)
    first, again = body.read(tokens), body.read(tokens)
    assert torch.equal(first.tokens, again.tokens)
    assert first.tokens.shape[-1] == body.output_size
    (body.pooled(first) ** 2).sum().backward()
    assert not [name for name, p in body.named_parameters() if p.grad is None]


@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_drops_is_off(family: str, folder: Folder) -> None:
    heads = ("classifier", "classif", "qa", "summary", "final", "quantizer", "token_dropout")
    entries = load_transformer(folder(family)).transformer.config.to_dict().items()
    drops = {name: value for name, value in entries if "drop" in name and not any(head in name for head in heads)}
    assert drops
    assert not any(drops.values()), drops


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_known_before_loading_is_what_is_loaded(family: str, folder: Folder) -> None:
    facts, body = body_facts(folder(family)), load_body(folder(family))
    assert facts is not None
    assert (facts.modality, facts.exact_tokens, facts.has_blocks) == (body.modality, body.exact_tokens, True)
    assert facts.text_tokens == (body.max_tokens if family in TEXTS else None)
    assert (body.stem.tokenizer is not None) == (family in TEXTS)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_random_body_has_the_architecture_and_none_of_the_weights(family: str, folder: Folder) -> None:
    pretrained, drawn = load_body(folder(family)), load_body(folder(family), pretrained=False)
    pairs = list(zip(pretrained.parameters(), drawn.parameters(), strict=True))
    assert all(p.shape == q.shape for p, q in pairs)
    assert not [1 for p, q in pairs if p.ndim > 1 and p.numel() > 1 and torch.equal(p, q)]


@pytest.mark.parametrize("family", FAMILIES)
def test_methods_that_look_into_a_body_find_what_they_look_for(family: str, folder: Folder) -> None:
    frozen, adapted, noise = (load_body(folder(family)) for _ in range(3))
    freeze_all_but_norms(frozen)
    norms = [name for name, p in frozen.named_parameters() if p.requires_grad]
    assert len(norms) >= 2 * frozen.n_layers
    add_adapters(adapted, Lora(rank=2), seed=0)
    lora = [name for name, _ in adapted.named_parameters() if "lora_A" in name]
    assert len(lora) >= adapted.n_layers
    adapted(of_its_length(adapted)).sum().backward()
    match_statistics(noise, seed=0)
    assert torch.isfinite(noise(of_its_length(noise))).all()


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES, Modality.SEQUENCE, Modality.TABULAR])
@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in ("swin", "swinv2", "beit")])
def test_every_modality_goes_through_every_family(family: str, modality: Modality, folder: Folder) -> None:
    body, data = load_body(folder(family)), tiny_dataset(modality)
    model = make_model(data, body)
    inputs = model.embedder.prepare(data, np.arange(5))
    tokens = model.embedder(inputs)
    assert tokens.shape == (5, model.embedder.n_tokens, body.hidden_size)
    assert model.embedder.n_tokens <= body.max_tokens
    assert model(inputs).shape == (5, 3)
    model(inputs).sum().backward()
    assert all(
        p.grad is not None for p in model.embedder.parameters() if p.requires_grad and p.numel() > body.hidden_size
    )


Weights = dict[str, Tensor]


def changed(family: str, folder: Path, change: Callable[[Weights, str], Weights]) -> str:
    """A checkpoint with a change in the weights of its second block."""
    where = saved(family, folder)
    weights = load_file(folder / "model.safetensors")
    side = {"image": "vision", "text": "text_"}.get(FAMILIES[family].tower, "")
    inside = [name for name in weights if side in name and ".1." in name and "decoder." not in name]
    last = max(name for name in inside if weights[name].ndim > 1)
    weights = {name: w.contiguous() for name, w in change(weights, last).items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return where


@pytest.mark.parametrize("family", FAMILIES)
def test_a_weight_that_is_missing_misshaped_or_no_number_is_refused(
    family: str, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    wrong: dict[str, Callable[[Weights, str], Weights]] = {
        "not in its files": lambda w, name: {n: x for n, x in w.items() if n != name},
        "another shape": lambda w, name: w | {name: w[name][:-1]},
        "NaN": lambda w, name: w | {name: torch.full_like(w[name], torch.nan)},
    }
    for number, (words, change) in enumerate(wrong.items()):
        where = changed(family, tmp_path / str(number), change)
        refusal(lambda where=where: load_transformer(where), words)


@pytest.mark.parametrize("family", FAMILIES)
def test_half_precision_is_loaded_as_single(family: str, tmp_path: Path) -> None:
    where = saved(family, tmp_path, made(family).half())
    for pretrained in (True, False):
        body = load_body(where, pretrained=pretrained)
        assert {p.dtype for p in body.parameters()} == {torch.float32}
        assert body(of_its_length(body)).dtype == torch.float32


@pytest.mark.parametrize("family", TEXTS)
def test_a_text_family_without_a_tokenizer_is_refused(family: str, tmp_path: Path, refusal: Callable[..., str]) -> None:
    made(family).save_pretrained(tmp_path)
    tower = f"#{FAMILIES[family].tower}" if FAMILIES[family].tower else ""
    refusal(lambda: load_transformer(f"{tmp_path}{tower}"), "no tokenizer")
