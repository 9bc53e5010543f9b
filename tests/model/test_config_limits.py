"""A configuration of a stranger asks for nothing that no body has: no code of others, no numbers without bounds."""

import json
import math
from pathlib import Path

import pytest

from tests.tiny import save_tiny_bert, save_tiny_vit
from xmodal_core.errors import ModelError
from xmodal_core.model.config_limits import MOST, check_config, check_size
from xmodal_core.model.pretrained import load_folder
from xmodal_core.model.stored import check_folder

HERE = Path("body")


def changed(folder: Path, **changes: object) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


@pytest.mark.parametrize(
    "asked",
    [
        {"_attn_implementation": "flash_attention_2"},
        {"attn_implementation": "kernels-community/flash-attn"},
        {"text_config": {"attn_implementation": {"": "someone/kernel"}}},
        {"num_hidden_layers": 1001},
        {"depths": [2, 10**7, 2]},
        {"hidden_size": MOST + 1},
        {"vision_config": {"image_size": [224, 10**9]}},
        {"layer_norm_eps": math.inf},
        {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}},
    ],
)
def test_what_no_body_has_is_refused(asked: dict[str, object], refusal) -> None:
    text = refusal(lambda: check_config(HERE, asked), "body: ", "config.json")
    assert len(text) < 300


def test_what_bodies_have_is_taken() -> None:
    check_config(HERE, {"_attn_implementation": "sdpa", "attn_implementation": None, "vocab_size": 256_000})
    check_config(HERE, {"num_hidden_layers": 126, "use_cache": True, "id2label": {"0": "a"}, "eps": 1e-12, "x": -1})


def test_a_network_that_the_files_do_not_hold_is_refused_before_it_is_made(tmp_path: Path) -> None:
    folder = changed(Path(save_tiny_vit(tmp_path / "vit")), hidden_size=8192, intermediate_size=32768)
    check_folder(folder)
    with pytest.raises(ModelError, match=r"describes a network of [\d,]+ weights, expected about the [\d,]+"):
        load_folder(folder)
    check_size(HERE, 10_000_000, 1)  # a pooler, a head
    with pytest.raises(ModelError):
        check_size(HERE, 50_000_001, 10_000_000)


@pytest.mark.parametrize("save", [save_tiny_vit, save_tiny_bert])
@pytest.mark.parametrize(
    "asked", [{"attn_implementation": "kernels-community/flash-attn"}, {"num_hidden_layers": 10**7}]
)
def test_a_hostile_folder_is_refused_from_its_files(tmp_path: Path, save, asked: dict[str, object]) -> None:
    folder = changed(Path(save(tmp_path / "body")), **asked)
    with pytest.raises(ModelError):
        check_folder(folder)
