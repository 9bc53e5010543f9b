"""A workspace on the command line."""

import json
import os

import pytest

from tests.command_line import call
from tests.results import a_result
from xmodal_core.runs.rundir import RunDir


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path / "home"))
    run = RunDir.create_at(tmp_path / "home" / "workspaces" / "default" / "runs" / "orca-0-ab", '{"method": "orca"}')
    run.write_result(a_result("orca"))
    run.write_checkpoint(os.urandom(2 << 20))
    return tmp_path


def test_it_goes_away_in_a_file_and_comes_in_elsewhere(capsys, home):
    code, said, _ = call(capsys, "workspace", "size")
    assert code == 0
    assert said.split()[:3] == ["uploads", "0.0", "MiB"]
    assert "2.0 MiB" in said
    code, said, _ = call(capsys, "workspace", "export", str(home / "mine.zip"), "--weights", "--json")
    assert (code, json.loads(said)["files"]) == (0, 3)
    assert call(capsys, "workspace", "import", str(home / "mine.zip"), "--workspace", "other")[1].startswith("3 files")
    moved = RunDir.open(home / "home" / "workspaces" / "other" / "runs" / "orca-0-ab")
    assert moved.result() == a_result("orca")
    assert "0 files name" in call(capsys, "workspace", "relocate", "--workspace", str(moved.path.parents[1]))[1]


def test_room_is_told_before_it_is_made(capsys, home):
    weights = home / "home" / "workspaces" / "default" / "runs" / "orca-0-ab" / "checkpoint.safetensors"
    told = call(capsys, "workspace", "room", "--quota", "0.001", "--dry-run")[1]
    assert told.startswith("weights of 1 runs and 0 whole runs would go, 2.0 MiB")
    assert weights.exists()
    assert "went" in call(capsys, "workspace", "room", "--quota", "0.001")[1]
    assert not weights.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["size", "--workspace", "nobody"], "nobody is no workspace"),
        (["export"], "expected FILE.zip"),
        (["import", "absent.zip"], "is no file"),
        (["room", "--quota", "-1"], "expected gibibytes"),
        (["dance"], "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_one_line(capsys, home, arguments, words):
    code, _, complaint = call(capsys, "workspace", *arguments)
    assert code == 2
    assert words in complaint
