"""What a workspace shows, read from its files; nothing where there are none, or damaged ones."""

import json

from tests.results import a_result
from xmodal_core.classroom.shown import Shown, shown
from xmodal_core.runs.rundir import RunDir

SPEC = json.dumps({"schema": 3, "method": "orca", "target": "t.npz", "body": "b", "seed": 0})


def test_an_empty_workspace_shows_nothing(tmp_path):
    found = shown(tmp_path, "none", "none")
    assert (found.gap, list(found.falls), found.told_apart, list(found.results), found.gain) == (
        None,
        [],
        None,
        [],
        None,
    )


def test_a_run_shows_how_its_gap_fell_and_what_it_scored(tmp_path):
    run = RunDir.create(tmp_path / "runs", SPEC)
    rest = {"total": 3, "seconds": 1.0, "frame": False}
    metrics = [{"heldout_otdd": 10.0 - i, "heldout_knn_accuracy": i / 10, "heldout_n": 36.0} for i in (1, 2, 3)]
    lines = [{"done": i, "stage": "align", "index": i, "metrics": m, **rest} for i, m in enumerate(metrics, 1)]
    lines.append({"done": 4, "stage": "refine", "index": 1, "metrics": {"loss": 1.0}, **rest})
    (run.path / "steps.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run.path / "result.json").write_text(json.dumps(a_result("orca", score=0.75).to_json()))
    found = shown(tmp_path, "none", run.path.name)
    assert list(found.falls) == [9.0, 8.0, 7.0]
    assert found.told_apart == (0.1, 0.3)
    assert found.scores("orca") == [0.75]
    assert found.scores("finetune") == []
    (run.path / "steps.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines).replace("36.0", "16.0"))
    assert shown(tmp_path, "none", run.path.name).told_apart is None, "too few rows to have neighbours"
    (run.path / "result.json").write_text("{")
    assert shown(tmp_path, "none", run.path.name).scores("orca") == []


def test_names_that_lead_out_of_the_workspace_show_nothing(tmp_path):
    assert shown(tmp_path, "../../etc/passwd", "../..") == Shown()
