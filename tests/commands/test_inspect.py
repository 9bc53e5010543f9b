import json

import numpy as np

from tests.command_line import call, fruit
from xmodal_core.data.named import load_named


def test_the_card_says_what_was_made_of_a_file(capsys, tmp_path):
    code, out, err = call(capsys, "inspect", fruit(tmp_path / "fruit.csv"))
    assert (code, err) == (0, "")
    card = {line[:10].strip(): line[10:] for line in out.splitlines() if not line.startswith(" ")}
    assert card["file"].startswith("fruit.csv, ")
    assert card["samples"] == "60 rows of a table, each of 2 features"
    assert card["label"].startswith("'kind'")
    assert card["task"] == "classification, 3 classes: apple, fig, pear"
    assert card["splits"] == "36 train, 12 val, 12 test"
    assert card["features"] == "weight (number)"
    assert "colour (3 categories: blue, green, red)" in out


def test_a_doubt_is_told_with_what_to_say_and_leaves_the_exit_code_alone(capsys, tmp_path):
    path = fruit(tmp_path / "fruit.csv", unlabelled=(4, 7))
    code, out, err = call(capsys, "inspect", path)
    assert (code, err) == (0, "")
    (warning,) = [line for line in out.splitlines() if line.startswith("warning: ")]
    assert "2 of 60 rows have no label" in warning
    assert warning.endswith("(--read missing=drop).")
    assert "2 rows (row 5, row 8): they have no label" in out
    silenced = call(capsys, "inspect", path, "--read", "missing=drop")
    assert silenced[0] == 0
    assert "warning" not in silenced[1]


def test_json_is_the_understanding_with_name_and_content(capsys, tmp_path):
    path = fruit(tmp_path / "fruit.csv", unlabelled=(4,))
    data = load_named(path)
    assert data.understanding is not None
    found = json.loads(call(capsys, "inspect", path, "--json")[1])
    assert list(found)[:3] == ["schema", "name", "content_hash"]
    assert found == {"name": "fruit", "content_hash": data.content_hash} | data.understanding.to_json()
    (warning,) = found["warnings"]
    assert {"code", "message", "fix"} <= set(warning)
    assert warning["mends"] == {"missing": "drop"}


def test_what_is_said_changes_what_is_read_and_the_content(capsys, tmp_path):
    path = fruit(tmp_path / "fruit.csv")
    plain, other = (
        json.loads(call(capsys, "inspect", path, "--json", *said)[1]) for said in ((), ("--read", "label=colour"))
    )
    assert other["label"] == "colour"
    assert other["reading"] == {"label": "colour"}
    assert other["content_hash"] != plain["content_hash"]
    as_json = json.loads(call(capsys, "inspect", path, "--json", "--read", '{"label": "colour"}')[1])
    assert as_json == other


def test_what_cannot_be_read_or_was_never_a_file_is_refused(capsys, tmp_path):
    np.savez(tmp_path / "alone.npz", X=np.eye(4))
    for arguments, word in (
        ([str(tmp_path / "alone.npz")], "such as X and y"),
        (["wine"], "ships"),
        (["missing.csv"], "missing.csv"),
        ([fruit(tmp_path / "fruit.csv"), "--read", "labels=kind"], "--read has no 'labels'"),
        ([fruit(tmp_path / "fruit.csv"), "--read", "level=1"], "level means nothing"),
        ([fruit(tmp_path / "fruit.csv"), "--read", "label=none"], "give the file to predict"),
    ):
        code, out, err = call(capsys, "inspect", *arguments)
        assert (code, out) == (2, "")
        assert word in err
        assert len(err.splitlines()) == 1
