"""`kept/` has the objects that were written before they became values, and the lines that were printed of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from xmodal_core.reuse.report import ReuseReport, Trajectory, kept_reports, kept_reuse, kept_trajectory
from xmodal_core.runs.rundir import RunDir

KEPT = Path(__file__).parent / "kept"


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))
    return found


def refused() -> dict[str, Any]:
    values = kept("reuse")
    knowledge = {"embedders": {}, "target_labels": "", "k": 20, "n": 12, "refused": "One cluster."}
    return values | {"knowledge": knowledge}


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create(tmp_path, "{}")


@pytest.fixture
def control(tmp_path: Path) -> RunDir:
    return RunDir.create_at(tmp_path / kept("trajectory")["control_run"], "{}")


@pytest.mark.parametrize("values", [kept("reuse"), kept("undefined"), refused()])
def test_a_report_that_was_kept_is_written_as_it_was(values: dict[str, Any]) -> None:
    found = ReuseReport.from_json(values)
    assert json.dumps(found.to_json()) == json.dumps(values), "names, values and their order"
    assert ReuseReport.from_json(found.to_json()) == found


@pytest.mark.parametrize("alone", [False, True])
def test_a_trajectory_that_was_kept_is_written_as_it_was(alone: bool) -> None:
    values = kept("trajectory") | ({"control": None, "control_run": None} if alone else {})
    found = Trajectory.from_json(values)
    assert json.dumps(found.to_json()) == json.dumps(values), "names, values and their order"
    assert Trajectory.from_json(found.to_json()) == found


def test_a_probe_has_no_neighbours_and_its_json_no_k() -> None:
    found = ReuseReport.from_json(kept("reuse"))
    assert found.probe is not None
    assert "k" not in found.probe.to_json()
    assert found.retention.to_json()["k"] == found.retention.k == 20
    assert found.retention.to_json()["retention"] is None, "nothing to retain is said, not left out"


def test_what_was_written_is_read_and_what_was_not_is_none(run: RunDir, control: RunDir) -> None:
    assert kept_reuse(run) is None
    assert kept_trajectory(run, control) is None
    report, along = ReuseReport.from_json(kept("reuse")), Trajectory.from_json(kept("trajectory"))
    run.write_reuse(report.to_json())
    run.write_trajectory(along.to_json())
    assert kept_reuse(run) == report
    assert kept_trajectory(run, control) == along
    assert kept_reports([control, run]) == {run.path.name: report}


def test_a_trajectory_beside_another_control_or_without_points_is_none(run: RunDir, control: RunDir) -> None:
    run.write_trajectory(kept("trajectory"))
    assert kept_trajectory(run, run) is None
    for part in ("points", "control"):
        run.write_trajectory(kept("trajectory") | {part: []})
        assert kept_trajectory(run, control) is None


NEIGHBOURS = kept("reuse")["retention"]
DAMAGED = {
    "another object": {"hello": 1},
    "a number for an object": kept("reuse") | {"retention": 3},
    "a text for a number": kept("reuse") | {"seed": "0"},
    "a truth value for a number": kept("reuse") | {"seed": True},
    "half an interval": kept("reuse") | {"retention": NEIGHBOURS | {"after_minus_before_interval": [0]}},
    "a number for a list": kept("reuse") | {"target_inputs": kept("reuse")["target_inputs"] | {"cka": 1.0}},
    "no layers": kept("reuse") | {"source_inputs": {"cka": [], "drift": [], "n": 1}},
    "a layer more on one side": kept("reuse") | {"source_inputs": {"cka": [1, 1, 1], "drift": [0, 0, 0], "n": 1}},
    "curves of two lengths": kept("reuse") | {"source_inputs": kept("reuse")["source_inputs"] | {"drift": [0.1]}},
    "an embedder too few": kept("reuse") | {"knowledge": kept("reuse")["knowledge"] | {"embedders": {}}},
    "a missing part": {name: value for name, value in kept("reuse").items() if name != "source_inputs"},
}


@pytest.mark.parametrize("values", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_report_is_none(run: RunDir, values: dict[str, Any]) -> None:
    run.write_reuse(values)
    assert kept_reuse(run) is None


@pytest.mark.parametrize("change", [{"points": 3}, {"points": [{"step": 0}]}, {"control": "no"}, {"score_name": None}])
def test_a_damaged_trajectory_is_none(run: RunDir, control: RunDir, change: dict[str, Any]) -> None:
    run.write_trajectory(kept("trajectory") | change)
    assert kept_trajectory(run, control) is None


def test_a_retention_that_was_kept_of_a_body_worse_than_random_weights_is_measured_again(
    run: RunDir, control: RunDir
) -> None:
    """Earlier versions read (0.7 - 0.9) / (0.5 - 0.9) = 0.5 as half of the knowledge kept."""
    values = kept("reuse")
    values["retention"] |= {"before": 0.5, "after": 0.7, "random": 0.9, "retention": 0.5}
    run.write_reuse(values)
    assert kept_reuse(run) is None
    along = kept("trajectory")
    along |= {"before": 0.5, "random": 0.9, "points": [along["points"][0] | {"retention": 0.5}]}
    run.write_trajectory(along)
    assert kept_trajectory(run, control) is None


def test_why_there_is_no_retention_is_kept_beside_its_null() -> None:
    values = kept("reuse")
    values["retention"]["undefined"] = "No lead."
    found = ReuseReport.from_json(values)
    assert found.to_json()["retention"]["retention"] is None
    assert found.retention.undefined == found.to_json()["retention"]["undefined"] == "No lead."
