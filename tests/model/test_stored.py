"""What the files of a body tell before a weight is read, each damage in its sentence."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.model.image_scale import ImageScale
from xmodal_core.model.stored import check_folder, image_crop, image_scale

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


IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
IMAGENET_SCALE = ImageScale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
SCALES: list[tuple[dict[str, object], ImageScale]] = [
    ({}, ImageScale()),
    (IMAGENET, IMAGENET_SCALE),
    (IMAGENET | {"do_normalize": True, "do_rescale": True, "rescale_factor": 1 / 255}, IMAGENET_SCALE),
    (IMAGENET | {"do_normalize": False}, ImageScale((0.0,), (1.0,))),
    (IMAGENET | {"do_rescale": False}, IMAGENET_SCALE),
    ({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}, ImageScale()),
    ({"image_mean": [0.5], "image_std": 0.25}, ImageScale((0.5,), (0.25,))),
    ({"image_mean": [51, 102, 204], "image_std": [51], "do_rescale": False}, ImageScale((0.2, 0.4, 0.8), (0.2,))),
    ({"image_mean": [1, 1, 1], "image_std": [1, 1, 1], "rescale_factor": 2 / 255}, ImageScale()),
]


@pytest.mark.parametrize(("values", "expected"), SCALES)
def test_the_scale_of_images_is_what_the_preprocessor_says(
    values: dict[str, object], expected: ImageScale, tmp_path: Path
) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    found = image_scale(tmp_path)
    assert found.mean == pytest.approx(expected.mean)
    assert found.std == pytest.approx(expected.std)
    assert (len(found.mean), len(found.std)) == (len(expected.mean), len(expected.std))


def test_without_a_preprocessor_the_scale_is_the_usual_one(tmp_path: Path) -> None:
    assert image_scale(tmp_path) == ImageScale((0.5,), (0.5,))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"crop_size": {"height": 224, "width": 112}}, (224, 112)),
        ({"crop_size": 224, "do_center_crop": True}, (224, 224)),
        ({"crop_size": {"height": 224, "width": 224}, "do_center_crop": False}, None),
        ({"crop_size": {"shortest_edge": 224}}, None),
        ({"crop_size": {"height": 0, "width": 224}}, None),
        ({}, None),
    ],
)
def test_the_size_of_images_is_what_the_preprocessor_crops_to(
    values: dict[str, object], expected: tuple[int, int] | None, tmp_path: Path
) -> None:
    assert image_crop(tmp_path) is None
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    assert image_crop(tmp_path) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0, 0.5]},
        {"image_mean": [0.5, 0.5, 0.5], "image_std": [-0.5]},
        {"image_mean": [123, 116, 103], "image_std": [58, 57, 57]},
        {"image_mean": [0.5, 0.4], "image_std": [0.5]},
        {"image_mean": [], "image_std": []},
        {"image_mean": ["0.5"] * 3, "image_std": [0.5]},
        {"image_mean": [float("nan")] * 3, "image_std": [0.5]},
        {"image_mean": [True, True, True], "image_std": [0.5]},
        {"image_mean": [0.5, 0.5, 0.5]},
        IMAGENET | {"rescale_factor": 0},
        IMAGENET | {"rescale_factor": "x"},
    ],
)
def test_a_scale_that_is_none_is_refused(values: dict[str, object], vit: Path, refusal: Callable[..., str]) -> None:
    (vit / "preprocessor_config.json").write_text(json.dumps(values))
    refusal(lambda: check_folder(vit), "vit: preprocessor_config.json", "expected")
