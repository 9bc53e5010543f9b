"""What state.json says: only what is known, and the same when it is read back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState

QUEUED = RunState("queued", pid=17)
RUNNING = replace(QUEUED, state="running", device="cpu", total=5, done=3, stage="refine", stage_index=1, stage_total=3)


def test_a_queued_worker_tells_its_process_and_that_it_has_no_pace() -> None:
    assert QUEUED.to_json() == {"state": "queued", "pid": 17, "steps_per_second": None}


def test_a_running_worker_tells_its_place_and_no_error() -> None:
    assert RUNNING.to_json() == {
        "state": "running",
        "device": "cpu",
        "total": 5,
        "done": 3,
        "stage": "refine",
        "stage_index": 1,
        "stage_total": 3,
        "pid": 17,
        "steps_per_second": None,
    }


def test_a_run_without_steps_has_a_place_in_no_stage() -> None:
    assert replace(RUNNING, stage=None, stage_index=0, stage_total=0).to_json()["stage"] is None


@pytest.mark.parametrize("state", [RunState(), RunState("cancelled"), QUEUED, replace(RUNNING, error="It broke.")])
def test_a_state_comes_back_as_it_was_written(state: RunState) -> None:
    assert RunState.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_a_field_of_another_version_is_left_out(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, "{}")
    (run.path / "state.json").write_text('{"state": "paused", "done": 4, "colour": "red", "error": null}')
    assert run.read_state() == RunState("paused", done=4)


@pytest.mark.parametrize("values", [{"done": "three"}, {"state": 1}, {"stage_total": 2.5}, {"device": []}])
def test_a_value_of_another_kind_is_named(values: dict[str, object]) -> None:
    (name,) = values
    with pytest.raises(ValueError, match=name):
        RunState.from_json(values)
