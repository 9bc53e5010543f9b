"""DINOv2: what hid patches in pretraining is no part of the body."""

from pathlib import Path

from safetensors.torch import load_file, save_file

from tests.families import saved
from xmodal_core.model.crossmodal import load_body


def test_a_file_without_the_token_of_a_mask_is_whole(tmp_path: Path) -> None:
    where = saved("dinov2", tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: w for name, w in weights.items() if "mask_token" not in name}
    assert len(kept) == len(weights) - 1
    save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
    assert load_body(where).max_tokens == 16
