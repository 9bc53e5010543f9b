"""A workspace goes away in one file and comes back; a file of strangers gets nothing through."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.results import a_result
from xmodal_core.runs.rundir import RunDir
from xmodal_core.workspace.bundle import MANIFEST, Taken, pack, take_in


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A finished run on an upload."""
    folder = tmp_path / "here"
    upload = folder / "uploads" / "0123456789abcdef.npz"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(b"data")
    run = RunDir.create_at(folder / "runs" / "orca-0-ab", json.dumps({"method": "orca", "target": str(upload)}))
    run.write_result(a_result("orca"))
    run.write_checkpoint(b"weights")
    return folder


def packed(workspace: Path, **how: bool) -> io.BytesIO:
    file = io.BytesIO()
    pack(workspace, file, **how)
    file.seek(0)
    return file


def test_what_was_taken_away_comes_in_elsewhere_and_is_at_home_there(workspace: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    file = packed(workspace)
    with zipfile.ZipFile(file) as zipped:
        assert not any(str(tmp_path).encode() in zipped.read(name) for name in zipped.namelist())
    assert take_in(file, there) == Taken(files=3, there=0)
    run = RunDir.open(there / "runs" / "orca-0-ab")
    assert run.result() == a_result("orca")
    assert run.spec_values()["target"] == str((there / "uploads" / "0123456789abcdef.npz").resolve())
    assert run.identity() == RunDir.open(workspace / "runs" / "orca-0-ab").identity()
    assert not run.checkpoint.exists()
    run.write_result(a_result("finetune"))
    assert take_in(packed(workspace, weights=True), there) == Taken(files=1, there=3), "what is there stays"
    assert run.result() == a_result("finetune")
    assert run.checkpoint.read_bytes() == b"weights"


def archive(files: dict[str, bytes], manifest: object = None) -> io.BytesIO:
    file = io.BytesIO()
    about = {"kind": "xmodal workspace", "schema": 1} if manifest is None else manifest
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(MANIFEST, json.dumps(about))
        for name, content in files.items():
            zipped.writestr(name, content)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../outside.json", b"{}"),
        ("/etc/cron.d/evil.json", b"{}"),
        ("runs/../../outside.json", b"{}"),
        ("runs\\..\\outside.json", b"{}"),
        ("other/a.json", b"{}"),
        ("runs/a/run.py", b"print()"),
        ("runs/a/b.pkl", b""),
        ("runs/a/.hidden.json", b""),
        ("spec.json", b""),
        ("runs/a/steps.jsonl", bytes(30 << 20)),
    ],
)
def test_what_is_no_part_of_a_workspace_is_refused_and_nothing_is_written(
    tmp_path: Path, refusal: Callable[..., str], name: str, content: bytes
) -> None:
    there = tmp_path / "there"
    refusal(lambda: take_in(archive({"gap/a.json": b"{}", name: content}), there), "export it again")
    assert not there.exists()
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.mark.parametrize("manifest", [[], {"kind": "other"}, {"kind": "xmodal workspace", "schema": "1"}])
def test_a_zip_of_something_else_is_refused(tmp_path: Path, refusal: Callable[..., str], manifest: object) -> None:
    refusal(lambda: take_in(archive({}, manifest), tmp_path), MANIFEST)
    refusal(lambda: take_in(io.BytesIO(b"no zip"), tmp_path), "no zip file")


def test_a_workspace_of_a_later_version_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    later = {"kind": "xmodal workspace", "schema": 2, "version": "9.0"}
    refusal(lambda: take_in(archive({}, later), tmp_path), "9.0", "newer version")


def test_a_damaged_file_is_named_and_not_kept(tmp_path: Path, refusal: Callable[..., str]) -> None:
    content = archive({"gap/a.npz": bytes(range(256)) * 40}).getvalue()
    place = content.index(b"gap/a.npz") + 40
    damaged = content[:place] + bytes(20) + content[place + 20 :]
    refusal(lambda: take_in(io.BytesIO(damaged), tmp_path / "there"), "damaged")
    assert not (tmp_path / "there" / "gap" / "a.npz").exists()
