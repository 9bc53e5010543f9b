import json
from pathlib import Path

from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING
from xmodal_core.methods.stages.progress import UNREAD
from xmodal_core.reuse.note import stage_note
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir


def record(done: int, stage: str, metrics: dict[str, float]) -> StepRecord:
    place = {"done": done, "stage": stage, "index": done, "total": done}
    return {**place, "metrics": metrics, "seconds": 0.0, "frame": False}  # type: ignore[typeddict-item]


def run_of(folder: Path, method: str, ratios: list[float], stage: str = "align") -> RunDir:
    run = RunDir.create(folder, json.dumps({"method": method}))
    for done, ratio in enumerate(ratios, start=1):
        run.append_step(record(done, stage, {"meta_ratio": ratio}))
    return run


def test_a_meta_gradient_that_did_nothing_is_said_of_mona_alone(tmp_path: Path) -> None:
    assert stage_note(run_of(tmp_path, "mona", [0.0, 0.0])) == EQUALS_PRETRAINING
    assert stage_note(run_of(tmp_path, "orca", [0.0, 0.0])) == ""


def test_a_meta_gradient_that_counts_and_a_run_that_did_not_align_have_no_note(tmp_path: Path) -> None:
    assert stage_note(run_of(tmp_path, "mona", [0.5, 0.5])) == ""
    assert stage_note(run_of(tmp_path, "mona", [])) == ""
    assert stage_note(run_of(tmp_path, "mona", [0.0], stage="refine")) == ""


def test_a_collapse_of_distortion_is_said_of_recraft_alone_and_a_gain_is_not(tmp_path: Path) -> None:
    names = ("distortion", "distortion_chance", "distortion_noise", "answer_entropy")

    def recraft(method: str, *last: float) -> RunDir:
        run = RunDir.create(tmp_path, json.dumps({"method": method}))
        first = dict(zip([f"start_{name}" for name in names], (1.4, 1.5, 0.01, 1.6), strict=True))
        now = dict(zip([f"heldout_{name}" for name in names], last, strict=True))
        run.append_step(record(1, "align", {"head_accuracy": 0.9} | first | now))
        return run

    assert "collapse" in stage_note(recraft("recraft", 0.1, 0.11, 0.01, 0.12))
    assert stage_note(recraft("recraft", 0.9, 1.5, 0.01, 1.6)) == ""
    assert stage_note(recraft("orca", 0.1, 0.11, 0.01, 0.12)) == ""


def test_recraft_without_held_out_rows_is_said_to_be_untested(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, json.dumps({"method": "recraft"}))
    run.append_step(record(1, "align", {"head_accuracy": 0.9}))
    assert stage_note(run) == UNREAD
