"""Uploads are named where they are."""

import json
from pathlib import Path

from xmodal_core.workspace.places import anywhere, relocate, settled

HERE = "/home/somebody/.cache/xmodal/workspaces/default/uploads/0123456789abcdef.npz"


def test_an_upload_is_named_without_its_place_and_again_with_one(tmp_path: Path) -> None:
    spec = {"target": f"{HERE}@shuffled", "source": "fractals", "beside": [{"x": HERE}], "text": f"see {HERE} for more"}
    packed = json.loads(anywhere(json.dumps(spec).encode()))
    assert packed["target"] == "uploads/0123456789abcdef.npz@shuffled"
    assert packed["beside"][0]["x"] == "uploads/0123456789abcdef.npz"
    assert packed["source"] == "fractals"
    back = json.loads(settled(json.dumps(packed).encode(), tmp_path))
    assert back["target"] == str(tmp_path.resolve() / "uploads" / "0123456789abcdef.npz@shuffled")
    windows = json.dumps({"target": r"C:\x\uploads\0123456789abcdef.npz"}).encode()
    assert json.loads(anywhere(windows))["target"] == "uploads/0123456789abcdef.npz"


def test_what_names_no_upload_keeps_its_bytes(tmp_path: Path) -> None:
    for content in (b'{"a" :  1}', b"uploads, but no JSON", b'{"uploads":   2}', b"[" * 100_000 + b"uploads"):
        assert anywhere(content) == content == settled(content, tmp_path)


def test_a_workspace_that_was_moved_names_its_own_uploads(tmp_path: Path) -> None:
    spec = tmp_path / "runs" / "a" / "spec.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"target": HERE}))
    assert relocate(tmp_path) == 1
    assert json.loads(spec.read_text())["target"] == str(tmp_path.resolve() / "uploads" / "0123456789abcdef.npz")
    assert relocate(tmp_path) == 0
