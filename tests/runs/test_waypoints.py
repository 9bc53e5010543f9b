"""The body kept along a run: at which steps, with what in it, and without a trace in the training."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from xmodal_core.runs.checkpoint import load_checkpoint
from xmodal_core.runs.run import prepare
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import spec_from_json
from xmodal_core.runs.state import Control
from xmodal_core.runs.waypoints import load_waypoint, waypoint_steps
from xmodal_core.runs.worker import execute

BUDGET = {"align_steps": 2, "curriculum_steps": 2, "refine_steps": 4}


def tensors(path: Path) -> dict[str, np.ndarray]:
    with safe_open(path, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict


def assert_equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, tensor in other.items():
        np.testing.assert_array_equal(one[name], tensor, err_msg=name)


@pytest.mark.parametrize(
    ("total", "n", "expected"),
    [
        (315, 6, (53, 105, 158, 210, 263, 315)),
        (10, 1, (10,)),
        (3, 6, (1, 2, 3)),
        (4, 4, (1, 2, 3, 4)),
        (10, 0, ()),
        (0, 5, ()),
    ],
)
def test_waypoints_are_spread_evenly_and_the_last_step_is_one(total: int, n: int, expected: tuple[int, ...]) -> None:
    assert waypoint_steps(total, n) == expected


@pytest.mark.parametrize("method", ["finetune", "orca_pare", "mona", "lora"])
def test_training_is_the_same_bit_for_bit_with_waypoints_and_without(
    new_run: Callable[..., RunDir], method: str
) -> None:
    without, with_them = (new_run(method=method, budget=BUDGET, waypoints=n) for n in (0, 3))
    for run in (without, with_them):
        execute(run.path, follow_control=False)
    assert_equal(tensors(with_them.checkpoint), tensors(without.checkpoint))
    records = [[r["metrics"] for r in run.read_steps()[0]] for run in (with_them, without)]
    assert records[0] == records[1]
    assert with_them.result().test == without.result().test  # type: ignore[union-attr]
    assert without.waypoint_numbers() == []
    assert not (without.path / "waypoints").exists()
    total = len(records[0])
    assert with_them.waypoint_numbers() == list(waypoint_steps(total, 3))


def test_the_last_waypoint_is_the_body_of_the_checkpoint_and_an_earlier_one_is_not(
    new_run: Callable[..., RunDir],
) -> None:
    run = new_run(waypoints=2)
    execute(run.path, follow_control=False)
    prefix = "modules/model.body."
    final = {k.removeprefix(prefix): v for k, v in tensors(run.checkpoint).items() if k.startswith(prefix)}
    assert_equal(tensors(run.waypoint(4)), final)
    assert any((tensors(run.waypoint(2))[name] != tensor).any() for name, tensor in final.items())
    assert {v.dtype for v in tensors(run.waypoint(2)).values()} == {np.dtype(np.float32)}


def test_the_score_kept_at_the_last_step_is_that_of_the_result(new_run: Callable[..., RunDir]) -> None:
    run = new_run(waypoints=2)
    execute(run.path, follow_control=False)
    prepared = prepare(spec_from_json((run.path / "spec.json").read_text()))
    body = prepared.state.model.body
    evaluated = load_waypoint(run.waypoint(4), body)
    assert evaluated == run.result().validation  # type: ignore[union-attr]
    load_checkpoint(prepared, run.checkpoint)
    assert_equal(tensors(run.waypoint(4)), {k: v.numpy() for k, v in body.state_dict().items()})


def test_a_run_that_was_cut_keeps_the_same_files(new_run: Callable[..., RunDir]) -> None:
    whole, cut = new_run(method="orca", budget=BUDGET, waypoints=3), new_run(method="orca", budget=BUDGET, waypoints=3)
    execute(whole.path, follow_control=False)
    cut.write_control(Control(run_until=3))
    execute(cut.path, follow_control=True)
    assert cut.waypoint_numbers() == [2]
    cut.write_waypoint(4, b"of steps that the checkpoint has not seen")
    execute(cut.path, follow_control=False)
    assert cut.waypoint_numbers() == whole.waypoint_numbers() == [2, 4, 6]
    for number in (2, 4, 6):
        assert cut.waypoint(number).read_bytes() == whole.waypoint(number).read_bytes()


def test_waypoints_after_a_checkpoint_are_dropped_with_the_records(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, "{}")
    for number in (2, 4, 6):
        run.write_waypoint(number, b"")
    run.cut_steps(4)
    assert run.waypoint_numbers() == [2, 4]


def test_a_method_without_a_body_keeps_none(new_run: Callable[..., RunDir]) -> None:
    run = new_run(method="simple", waypoints=2)
    execute(run.path, follow_control=False)
    assert run.result() is not None
    assert run.waypoint_numbers() == []


def test_a_damaged_waypoint_is_told(new_run: Callable[..., RunDir], refusal: Callable[..., str]) -> None:
    run = new_run()
    body = prepare(spec_from_json((run.path / "spec.json").read_text())).state.model.body
    run.write_waypoint(2, b"no tensors")
    refusal(lambda: load_waypoint(run.waypoint(2), body), "000002")
    refusal(lambda: load_waypoint(run.waypoint(3), body), "000003")
