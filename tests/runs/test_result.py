"""`result.json`: one that a worker of version 0.1.0 wrote is read and written as it stands; others are refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.results import a_result
from xmodal_core.runs.result import Asked, RunResult
from xmodal_core.runs.rundir import RunDir

STORED = (Path(__file__).parent / "result.json").read_text(encoding="utf-8").strip()


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create_at(tmp_path / "run", "{}")


def test_a_stored_result_is_read_and_written_as_it_stands(run: RunDir) -> None:
    (run.path / "result.json").write_text(STORED, encoding="utf-8")
    result = run.result()
    assert result is not None
    assert (result.method, result.test.n, result.target.n_train) == ("finetune", 12, 36)
    assert result.asked == Asked("t.npz", "vit", {"batch_size": 4}, None, 0, False, budget={"refine_steps": 2})
    run.write_result(result)
    assert (run.path / "result.json").read_text(encoding="utf-8") == STORED
    assert RunResult.from_json(result.to_json()) == result


def test_without_validation_rows_there_is_an_empty_object(run: RunDir) -> None:
    result = a_result("finetune")
    assert result.to_json()["validation"] == {}
    run.write_result(result)
    assert run.result() == result


def without(values: dict[str, Any], *road: str) -> dict[str, Any]:
    first, *rest = road
    kept = {key: value for key, value in values.items() if key != first}
    return kept | {first: without(values[first], *rest)} if rest else kept


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (without(json.loads(STORED), "test"), "result.json of run has no test, expected an object"),
        (without(json.loads(STORED), "test", "score"), "test of result.json of run has no score"),
        (without(json.loads(STORED), "target", "n_train"), "target of result.json of run has no n_train"),
        (without(json.loads(STORED), "spec", "guidance"), "the specification in result.json of run has no guidance"),
        (json.loads(STORED) | {"seed": "0"}, "seed of result.json of run is '0', expected a whole number"),
        (json.loads(STORED) | {"spec": None}, "spec of result.json of run is None, expected an object"),
    ],
)
def test_a_damaged_result_and_one_from_before_the_first_release_are_refused(
    run: RunDir, refusal: Callable[..., str], values: dict[str, Any], words: str
) -> None:
    (run.path / "result.json").write_text(json.dumps(values), encoding="utf-8")
    refusal(run.result, words)
