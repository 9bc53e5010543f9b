"""What the files of a body tell before a weight is read, each damage in its sentence."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.model.stored import check_folder

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 346\n"

Damage = Callable[[Path], object]


@pytest.fixture
def vit(files: TinyFiles, tmp_path: Path) -> Path:
    """A copy of a whole ViT to be damaged."""
    return Path(shutil.copytree(files.body, tmp_path / "vit"))


@pytest.fixture
def bert(files: TinyFiles, tmp_path: Path) -> Path:
    return Path(shutil.copytree(files.text_body, tmp_path / "bert"))


def shards(folder: Path) -> Path:
    """The body in two shards, as transformers splits a larger one."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(weights)
    placed = {}
    for number, some in enumerate((names[::2], names[1::2]), start=1):
        shard = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in some}, folder / shard, metadata={"format": "pt"})
        placed |= dict.fromkeys(some, shard)
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": placed}))
    return folder


def configured(**values: object) -> Damage:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | values))

    return change


def placed(change: Callable[[dict[str, str]], object]) -> Damage:
    """A change of the index of two shards."""

    def damage(folder: Path) -> None:
        index = json.loads((shards(folder) / INDEX).read_text())
        change(index["weight_map"])
        (folder / INDEX).write_text(json.dumps(index))

    return damage


def cut(name: str, size: int) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def written(name: str, content: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(content)


def a_folder(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).mkdir()


def stored_as(dtype: str) -> Damage:
    def change(folder: Path) -> None:
        import torch
        from safetensors.torch import load_file, save_file

        weights = load_file(folder / WEIGHTS)
        save_file({name: w.to(getattr(torch, dtype)) for name, w in weights.items()}, folder / WEIGHTS)

    return change


DAMAGES: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "no configuration": (lambda f: (f / "config.json").unlink(), ("no config.json",)),
    "an adapter alone": (
        lambda f: (f / "config.json").rename(f / "adapter_config.json"),
        ("no config.json", "adapter", "merge"),
    ),
    "a body in a folder inside": (
        lambda f: ((f / "step-9").mkdir(), (f / "config.json").rename(f / "step-9" / "config.json")),
        ("no config.json", "there is one in step-9", "give "),
    ),
    "a configuration with NaN": (configured(layer_norm_eps=float("nan")), ("config.json is no JSON object",)),
    "a configuration in UTF-16": (
        lambda f: (f / "config.json").write_bytes((f / "config.json").read_text().encode("utf-16")),
        ("config.json is no JSON object",),
    ),
    "a scale of no image": (
        written("preprocessor_config.json", b'{"image_mean": [0.5], "image_std": [0]}'),
        ("preprocessor_config.json has image_mean", "deviations above 0"),
    ),
    "a crop of no image": (
        written("preprocessor_config.json", b'{"crop_size": 1000000}'),
        ("1,000,000 x 1,000,000", "at most 4,096"),
    ),
    "a configuration that is a web page": (written("config.json", b"<html>"), ("config.json is no JSON object",)),
    "a configuration that is a list": (written("config.json", b"[]"), ("config.json is no JSON object",)),
    "a configuration that is no text": (written("config.json", b"\xff\xfe{}"), ("config.json is no JSON object",)),
    "a configuration that is a pointer": (written("config.json", LFS), ("config.json is a Git LFS pointer",)),
    "no family": (configured(model_type=None), ("no model_type", "ViT")),
    "another family": (configured(model_type="llama"), ("'llama'", "ViT", "HuBERT")),
    "a family that is no name": (configured(model_type=["vit"]), ("['vit']",)),
    "a quantised body": (configured(quantization_config={"bits": 4}), ("quantised",)),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), ("no .safetensors file",)),
    "weights by another name": (lambda f: (f / WEIGHTS).rename(f / "vit.safetensors"), ("vit.safetensors but no",)),
    "weights that are a folder": (a_folder, ("model.safetensors is a folder",)),
    "empty weights": (written(WEIGHTS, b""), ("model.safetensors is empty",)),
    "weights that are a pointer": (written(WEIGHTS, LFS), ("Git LFS pointer", "git lfs pull")),
    "weights that are a web page": (written(WEIGHTS, b"<!doctype html><html></html>"), ("a web page",)),
    "weights that are noise": (written(WEIGHTS, bytes(range(256)) * 9), ("no safetensors file",)),
    "weights that are a pickle": (written(WEIGHTS, b"PK\x03\x04" + bytes(99)), ("no safetensors file",)),
    "weights of a few bytes": (cut(WEIGHTS, 5), ("no safetensors file",)),
    "weights cut in the header": (cut(WEIGHTS, 100), ("cut short in its header",)),
    "weights cut in the numbers": (cut(WEIGHTS, 9000), ("9000 bytes, expected", "cut short")),
    "weights with more behind": (
        lambda f: (f / WEIGHTS).write_bytes((f / WEIGHTS).read_bytes() + b"more"),
        ("bytes, expected", "changed"),
    ),
    "an odd header": (written(WEIGHTS, (11).to_bytes(8, "little") + b'{"a":[1,2]}'), ("no safetensors file",)),
    "eight-bit weights": (stored_as("int8"), ("stored as I8", "16 bits")),
    "eight-bit floats": (stored_as("float8_e4m3fn"), ("stored as F8_E4M3",)),
    "a shard missing": (lambda f: (shards(f) / "model-00001-of-00002.safetensors").unlink(), ("00001", "is missing")),
    "a shard cut": (lambda f: cut("model-00002-of-00002.safetensors", 4000)(shards(f)), ("00002", "cut short")),
    "a shard elsewhere": (
        placed(lambda index: index.update(dict.fromkeys(index, "../a.safetensors"))),
        ("../a.safetensors is missing",),
    ),
    "a shard of pickles": (
        placed(lambda index: index.update(dict.fromkeys(index, "pytorch_model.bin"))),
        ("names pytorch_model.bin", "can run code"),
    ),
    "a weight that is not in its shard": (
        placed(lambda index: index.update(more="model-00002-of-00002.safetensors")),
        ("does not hold 1 weight(s) (more)",),
    ),
    "an empty index": (placed(lambda index: index.clear()), ("no weight_map",)),
    "shards without an index": (lambda f: (shards(f) / INDEX).unlink(), ("but no model.safetensors",)),
    "an index that is no JSON": (lambda f: (shards(f) / INDEX).write_text("{"), ("is no JSON object",)),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_that_files_show_is_named(what: str, vit: Path, refusal: Callable[..., str]) -> None:
    damage, words = DAMAGES[what]
    damage(vit)
    refusal(lambda: check_folder(vit), "vit", *words)


def test_whole_bodies_pass_in_one_file_and_in_shards(vit: Path, bert: Path) -> None:
    check_folder(vit)
    check_folder(bert)
    check_folder(shards(vit))
    check_folder(shards(bert))


@pytest.mark.parametrize("content", [None, b"", LFS])
def test_a_text_body_without_a_vocabulary_is_none(
    content: bytes | None, bert: Path, refusal: Callable[..., str]
) -> None:
    for path in (bert / "tokenizer.json", bert / "vocab.txt"):
        path.unlink(missing_ok=True)
    if content is not None:
        (bert / "tokenizer.json").write_bytes(content)
    refusal(lambda: check_folder(bert), "bert", "pointer" if content else "no tokenizer")


@pytest.mark.parametrize(
    ("name", "words"), [("vocab.json", "no merges.txt"), ("spiece.model", "vocabulary in spiece.model only")]
)
def test_half_a_vocabulary_is_none(
    name: str, words: str, bert: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for path in (bert / "tokenizer.json", bert / "vocab.txt"):
        path.unlink(missing_ok=True)
    (bert / name).write_bytes(b"{}")
    refusal(lambda: check_folder(bert), "bert", words)
    (bert / "merges.txt").write_text("")
    (bert / "tokenizer.json").write_text("{}")
    check_folder(bert)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be read here")
def test_a_file_that_may_not_be_read_is_refused(vit: Path, refusal: Callable[..., str]) -> None:
    (vit / WEIGHTS).chmod(0)
    refusal(lambda: check_folder(vit), "cannot be read", "permissions")


def test_a_file_that_fails_to_open_is_refused(
    vit: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    def closed(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", closed)
    refusal(lambda: check_folder(vit), "cannot be read (Permission denied)", "permissions")
