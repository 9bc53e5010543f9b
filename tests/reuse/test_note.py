import json
from pathlib import Path

from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING
from xmodal_core.reuse.note import stage_note
from xmodal_core.runs.rundir import RunDir


def run_of(folder: Path, method: str, ratios: list[float], stage: str = "align") -> RunDir:
    run = RunDir.create(folder, json.dumps({"method": method}))
    for done, ratio in enumerate(ratios, start=1):
        run.append_step({"done": done, "stage": stage, "metrics": {"meta_ratio": ratio}})
    return run


def test_a_meta_gradient_that_did_nothing_is_said_of_mona_alone(tmp_path: Path) -> None:
    assert stage_note(run_of(tmp_path, "mona", [0.0, 0.0])) == EQUALS_PRETRAINING
    assert stage_note(run_of(tmp_path, "orca", [0.0, 0.0])) == ""


def test_a_meta_gradient_that_counts_and_a_run_that_did_not_align_have_no_note(tmp_path: Path) -> None:
    assert stage_note(run_of(tmp_path, "mona", [0.5, 0.5])) == ""
    assert stage_note(run_of(tmp_path, "mona", [])) == ""
    assert stage_note(run_of(tmp_path, "mona", [0.0], stage="refine")) == ""
