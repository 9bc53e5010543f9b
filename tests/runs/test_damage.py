"""What is wrong with a run's files is said with what can be done."""

import json
from pathlib import Path

import pytest

from tests.results import a_result
from xmodal_core.runs.damage import damage, damaged
from xmodal_core.runs.rundir import RunDir

SPEC = {"method": "finetune", "target": "digits", "body": "fractal-vit"}
KINDS = {
    "empty": b"",
    "zeros": bytes(64),
    "cut": b'{"method": "fin',
    "no text": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "missing keys": b'{"seed": 1}',
    "wrong types": json.dumps({**SPEC, "seed": "one", "settings": [], "target": 7}).encode(),
    "wrong numbers": json.dumps({**SPEC, "seed": -1}).encode(),
    "unknown field": json.dumps({**SPEC, "colour": 1}).encode(),
    "another schema": json.dumps({**SPEC, "schema": 99}).encode(),
    "deep": b"[" * 100_000,
    "huge number": b'{"method": "finetune", "target": "digits", "body": "b", "seed": ' + b"9" * 3000 + b"}",
}


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create(tmp_path, json.dumps(SPEC))


def test_a_sound_run_has_nothing_to_say(run: RunDir) -> None:
    assert damage(run) is None
    run.write_result(a_result("finetune"))
    assert damaged([run]) == []


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_a_damaged_specification_is_one_sentence(run: RunDir, content: bytes) -> None:
    (run.path / "spec.json").write_bytes(content)
    (said,) = damaged([run])
    assert said.startswith(f"Run {run.path.name} cannot be read: ")
    assert "removed" in said
    assert "\n" not in said
    assert len(said) < 500


@pytest.mark.parametrize("content", [KINDS[k] for k in ("empty", "zeros", "cut", "no text", "a list", "deep")])
def test_a_damaged_result_is_one_sentence_that_says_how_to_have_it_again(run: RunDir, content: bytes) -> None:
    run.write_checkpoint(b"")
    (run.path / "result.json").write_bytes(content)
    assert "evaluated anew" in str(damage(run))
