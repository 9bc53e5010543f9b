import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from xmodal_core.reuse.follow import WAYPOINTS, Followers, followed_root, followers_of, start_followers
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import RunSpec, spec_from_json

SPEC = RunSpec("finetune", "digits", "fractal-vit", seed=3, budget={"refine_steps": 5})


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create(tmp_path / "runs", SPEC.to_json())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[RunDir, int]]:
    """Runs that were let go, and until when."""
    found: list[tuple[RunDir, int]] = []
    monkeypatch.setattr(job, "go", lambda run, until: found.append((run, until)))
    return found


@pytest.fixture
def another(tmp_path: Path) -> Callable[..., RunDir]:
    def made(**changes: object) -> RunDir:
        return RunDir.create(followed_root(tmp_path), replace(SPEC, **changes).to_json())  # type: ignore[arg-type]

    return made


def test_the_same_run_with_waypoints_and_its_control_follow_a_run(run: RunDir, another: Callable[..., RunDir]) -> None:
    again, control = another(waypoints=6), another(waypoints=2, shuffle_labels=True)
    assert followers_of(run, [run, again, control]) == Followers(again, control)
    assert followers_of(run, [another(waypoints=3), again]).again != again, "the first of two"
    assert Followers(None, control).started() == [control]


def test_another_seed_no_waypoints_and_a_damaged_directory_follow_nothing(
    run: RunDir, another: Callable[..., RunDir]
) -> None:
    torn, strange, gone = (another(waypoints=6) for _ in range(3))
    (torn.path / "spec.json").write_text("{")
    (strange.path / "spec.json").write_bytes(b"\xff\xfe")
    (gone.path / "spec.json").unlink()
    others = [run, another(waypoints=6, seed=4), another(), torn, strange, gone]
    assert followers_of(run, others) == Followers()


def test_what_is_missing_is_created_and_goes_to_its_end(
    run: RunDir, tmp_path: Path, asked: list[tuple[RunDir, int]]
) -> None:
    start_followers(run, Followers(), followed_root(tmp_path))
    specs = [spec_from_json((one.path / "spec.json").read_text()) for one, _ in asked]
    assert specs == [replace(SPEC, waypoints=WAYPOINTS, shuffle_labels=shuffled) for shuffled in (False, True)]
    assert [until for _, until in asked] == [5, 5]
    assert followers_of(run, [one for one, _ in asked]).started() == [one for one, _ in asked]


def test_what_goes_on_is_kept_and_what_has_failed_is_started_anew(
    run: RunDir, another: Callable[..., RunDir], tmp_path: Path, asked: list[tuple[RunDir, int]]
) -> None:
    paused, failed = another(waypoints=6), another(waypoints=6, shuffle_labels=True)
    for one, state in ((paused, "paused"), (failed, "failed")):
        (one.path / "state.json").write_text(json.dumps({"state": state, "done": 2, "total": 5}))
    start_followers(run, Followers(paused, failed), followed_root(tmp_path))
    (first, _), (second, _) = asked
    assert first == paused
    assert second not in (paused, failed)
    assert second.spec_values()["shuffle_labels"] is True
