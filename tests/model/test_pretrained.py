"""A body is loaded whole and in single precision, or refused in one sentence; transformers itself is not heard."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality
from xmodal_core.model.bodies import load_transformer
from xmodal_core.model.crossmodal import load_body, make_model

Weights = dict[str, Tensor]
Change = Callable[[Weights], Weights]


def copy(where: str, folder: Path, change: Change = dict, **config: object) -> str:
    """A body with its weights and its configuration changed."""
    shutil.copytree(where, folder, dirs_exist_ok=True)
    weights = change(load_file(folder / "model.safetensors"))
    save_file({name: w.contiguous() for name, w in weights.items()}, folder / "model.safetensors", {"format": "pt"})
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | config))
    return str(folder)


def renamed(old: str, new: str) -> Change:
    return lambda weights: {name.replace(old, new): w for name, w in weights.items()}


def under(prefix: str) -> Change:
    return lambda weights: {prefix + name: w for name, w in weights.items()}


def without(part: str) -> Change:
    return lambda weights: {name: w for name, w in weights.items() if part not in name}


def beside(**more: Tensor) -> Change:
    return lambda weights: weights | {name.replace("__", "."): w for name, w in more.items()}


def cast(dtype: torch.dtype) -> Change:
    return lambda weights: {name: w.to(dtype) for name, w in weights.items()}


def filled(name: str, value: float) -> Change:
    return lambda weights: weights | {name: torch.full_like(weights[name], value)}


HARMLESS: dict[str, tuple[str, Change]] = {
    "of a classifier": ("body", lambda w: under("vit.")(w) | {"classifier.weight": torch.zeros(3, 16)}),
    "with a pooler that is not used": ("body", beside(pooler__dense__weight=torch.full((16, 16), float("nan")))),
    "with the token of a mask": ("body", beside(embeddings__mask_token=torch.zeros(1, 1, 16))),
    "in double precision": ("body", cast(torch.float64)),
    "under its own prefix": ("text_body", under("bert.")),
    "with norms by their old names": (
        "text_body",
        lambda w: renamed("LayerNorm.weight", "LayerNorm.gamma")(renamed("LayerNorm.bias", "LayerNorm.beta")(w)),
    ),
    "with positions counted in the file": ("text_body", beside(embeddings__position_ids=torch.arange(40)[None])),
    "with a tied head": ("text_body", beside(cls__predictions__decoder__bias=torch.zeros(16))),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_the_body_does_not_use_changes_nothing(what: str, files: TinyFiles, tmp_path: Path) -> None:
    kind, change = HARMLESS[what]
    where = getattr(files, kind)
    found, expected = (load_transformer(w).transformer.state_dict() for w in (copy(where, tmp_path, change), where))
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_segments_that_are_all_zero_as_in_roberta_are_no_damage(files: TinyFiles, tmp_path: Path) -> None:
    name = "embeddings.token_type_embeddings.weight"
    assert not load_transformer(copy(files.text_body, tmp_path, filled(name, 0.0))).transformer.state_dict()[name].any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", ["body", "text_body"])
def test_half_precision_is_loaded_as_single_and_can_be_trained(
    kind: str, dtype: torch.dtype, files: TinyFiles, tmp_path: Path
) -> None:
    where = copy(getattr(files, kind), tmp_path, cast(dtype), dtype=str(dtype).removeprefix("torch."))
    data = tiny_dataset(Modality.TEXT if kind == "text_body" else Modality.IMAGE)
    for pretrained in (True, False):
        model = make_model(data, load_body(where, pretrained=pretrained))
        assert {p.dtype for p in model.parameters()} == {torch.float32}
        model(model.embedder.prepare(data, np.arange(4))).sum().backward()
    half = load_transformer(where).transformer.state_dict()
    for name, whole in load_transformer(getattr(files, kind)).transformer.state_dict().items():
        torch.testing.assert_close(half[name], whole, rtol=0.01, atol=1e-3)


# the body, how its weights are changed, what its configuration says otherwise, words of the sentence
Refused = tuple[str, Change, dict[str, object], tuple[str, ...]]
REFUSED: dict[str, Refused] = {
    "names of another library": ("body", renamed("encoder.layer", "blocks"), {}, ("are not in its files", "layers.0")),
    "a prefix of a wrapper": ("body", under("module."), {}, ("38 of 38", "found module.embeddings.cls_token")),
    "a prefix of a larger model": ("text_body", under("model."), {}, ("37 of 37", "found model.embeddings")),
    "the last layer missing": ("body", without("layer.1."), {}, ("16 of 38", "layers.1.attention.k_proj.bias", "...")),
    "the first layer missing": ("text_body", without("layer.0."), {}, ("16 of 37", "encoder.layer.0")),
    "one bias missing": ("body", without("layernorm.bias"), {}, ("1 of 38", "layernorm.bias")),
    "a layer more in the file": ("body", dict, {"num_hidden_layers": 1}, ("16 weights of blocks", "layers.1")),
    "all layers more in the file": ("body", dict, {"num_hidden_layers": 0}, ("32 weights of blocks", "layers.0")),
    "biases more in the file": ("body", dict, {"qkv_bias": False}, ("6 weights of blocks", "q_proj.bias")),
    "positions that are not used": (
        "text_body",
        beside(encoder__layer__0__attention__self__distance_embedding__weight=torch.zeros(79, 8)),
        {},
        ("1 weights of blocks", "distance_embedding"),
    ),
    "another width": ("body", dict, {"hidden_size": 32}, ("36 of 38", "cls_token (1, 1, 16) for (1, 1, 32)")),
    "other positions": ("text_body", dict, {"max_position_embeddings": 50}, ("(40, 16) for (50, 16)",)),
    "another vocabulary": ("text_body", dict, {"vocab_size": 20}, ("word_embeddings.weight (16, 16) for (20, 16)",)),
    "other channels": ("body", dict, {"num_channels": 1}, ("(16, 3, 4, 4) for (16, 1, 4, 4)",)),
    "flat weights": ("body", lambda w: {n: x.flatten() for n, x in w.items()}, {}, ("another shape",)),
    "NaN": ("body", filled("embeddings.position_embeddings", float("nan")), {}, ("1 of 38", "NaN", "position_emb")),
    "infinity": ("text_body", filled("embeddings.LayerNorm.bias", float("inf")), {}, ("1 of 37", "infinite")),
    "numbers too large": ("body", lambda w: {n: x.double() * 1e200 for n, x in w.items()}, {}, ("infinite",)),
    "zeros": ("text_body", filled("embeddings.word_embeddings.weight", 0.0), {}, ("1 of 37", "one value throughout")),
    "one value": ("body", lambda w: {n: x * 0 + 0.02 for n, x in w.items()}, {}, ("13 of 38", "one value throughout")),
    "a width that is no number": ("body", dict, {"hidden_size": "wide"}, ("could not be loaded", "hidden_size")),
    "no heads": ("body", dict, {"num_attention_heads": 0}, ("could not be loaded",)),
    "patches without a side": ("body", dict, {"patch_size": 0}, ("could not be loaded",)),
    "an unknown activation": ("body", dict, {"hidden_act": "nope"}, ("could not be loaded (unknown 'nope')",)),
    "a padding word beyond the vocabulary": ("text_body", dict, {"pad_token_id": 99}, ("could not be loaded",)),
    "a property of transformers": ("body", dict, {"use_return_dict": False}, ("could not be loaded",)),
    "RoBERTa without a padding word": (
        "text_body",
        dict,
        {"model_type": "roberta", "pad_token_id": None},
        ("no pad_token_id",),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_body_that_is_not_whole_is_refused_with_the_first_few_names(
    what: str, files: TinyFiles, tmp_path: Path, refusal: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    kind, change, config, words = REFUSED[what]
    where = copy(getattr(files, kind), tmp_path / "mine", change, **config)
    capfd.readouterr()
    refusal(lambda: load_transformer(where), "mine", *words)
    assert capfd.readouterr() == ("", "")


def test_what_a_configuration_wants_returned_is_not_asked(files: TinyFiles, tmp_path: Path) -> None:
    where = copy(files.body, tmp_path, return_dict=False, output_hidden_states=True)
    assert load_body(where)(torch.zeros(2, 16, 16)).shape == (2, 16, 16)


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TOKENIZERS: dict[str, tuple[str, str, str]] = {
    "more words than rows": ("vocab.txt", "\n".join([*SPECIAL, *map(str, range(40))]), "44, but its embedding has 16"),
    "no words": ("vocab.txt", "\n".join(SPECIAL), "no tokenizer that knows a word"),
    "no unknown word": ("vocab.txt", "\n".join(["[PAD]", *SPECIAL[2:], "red"]), "tokenizer could not be loaded"),
    "no padding": ("tokenizer_config.json", '{"tokenizer_class": "BertTokenizer", "pad_token": null}', "no padding"),
    "a vocabulary cut short": ("tokenizer.json", '{"version": "1.0", "model": {"ty', "tokenizer could not be loaded"),
    "an empty object": ("tokenizer.json", "{}", "tokenizer could not be loaded"),
    "settings cut short": ("tokenizer_config.json", '{"tokenizer', "tokenizer could not be loaded"),
}


@pytest.mark.parametrize("what", TOKENIZERS)
def test_a_tokenizer_that_does_not_fit_is_refused(
    what: str, files: TinyFiles, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    name, content, words = TOKENIZERS[what]
    shutil.copytree(files.text_body, tmp_path / "mine")
    if name == "vocab.txt":
        (tmp_path / "mine" / "tokenizer.json").unlink()
    (tmp_path / "mine" / name).write_text(content)
    refusal(lambda: load_transformer(str(tmp_path / "mine")), "mine", words)


def test_what_transformers_says_elsewhere_is_left_alone(files: TinyFiles) -> None:
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    load_transformer(files.body)
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


def test_the_same_body_gives_the_same_digits(files: TinyFiles) -> None:
    data = tiny_dataset(Modality.IMAGE)
    for pretrained in (True, False):
        first, second = (make_model(data, load_body(files.body, pretrained=pretrained)).state_dict() for _ in range(2))
        assert all(torch.equal(first[name], second[name]) for name in first)


# of the shared folder of cases: what becomes of each, and the words of the refusal
CASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("M00_vit", "M02_sharded", "M05_vit_classifier", "M06_vit_one_channel", "M07_vit_rectangular"), ()),
    **dict.fromkeys(("M09_vit_imagenet_mean_std", "M10a_fp16", "M10c_fp16_bert", "M16_swin", "M24_deit"), ()),
    **dict.fromkeys(("M05b_vit_mae", "M11a_dinov2", "M11c_clip_vision", "M16b_swin_window7_on_8x8", "M16c_swinv2"), ()),
    "M01_bin_only": ("no .safetensors file",),
    "M02b_sharded_one_missing": ("model-00002-of-00005.safetensors is missing", "embeddings.cls_token"),
    "M03_prefix_module": ("38 of 38", "embeddings.cls_token", "found module."),
    "M03c_timm_names": ("36 of 38", "embeddings.cls_token"),
    "M04_last_layer_missing": ("16 of 38", "layers.1.attention.k_proj.bias"),
    **dict.fromkeys(("M08_bert_no_tokenizer", "M11b_distilbert", "M25b_xlm_roberta"), ("no tokenizer",)),
    "M12_lora_adapter_only": ("no config.json",),
    "M13_config_without_model_type": ("no model_type",),
    "M17_bert_12_positions": ("12 positions", "at least 32"),
    "M20_shape_mismatch": ("another shape",),
    "M21_git_lfs_pointer": ("Git LFS pointer",),
    "M22_config_invalid_json": ("no JSON",),
    "M23_config_html": ("no JSON",),
    "M26_nan_weights": ("NaN", "position_embeddings"),
}


@pytest.mark.parametrize("name", CASES)
def test_every_body_of_the_shared_cases_is_measured_twice_alike_or_refused_in_one_line(
    name: str, shared: Path, files: TinyFiles, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "cases" / "bodies" / name
    if not folder.is_dir():
        pytest.skip("no such case here")
    modality = Modality.TEXT if "bert" in name else Modality.IMAGE
    data = files.data(modality)
    command = ["gap", "--source", data, "--target", data, "--body", str(folder), "--metrics", "mmd", "--no-curve"]
    capfd.readouterr()
    said = []
    for _ in range(1 if CASES[name] else 2):
        code = main([*command, "--permutations", "5", "--json"])
        found = capfd.readouterr()
        said.append({k: v for k, v in json.loads(found.out or "{}").items() if k != "seconds"})
        assert code == (2 if CASES[name] else 0), found.err
        assert len(found.err.splitlines()) == bool(CASES[name]), found.err
        assert all(words in found.err for words in CASES[name]), found.err
    assert said[0] == said[-1]
