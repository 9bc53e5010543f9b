import json
from pathlib import Path

from tests.pages.runs import runs_root, written_run
from xmodal_core.reuse.beside import beside
from xmodal_core.runs.job import list_runs


def test_only_finished_runs_from_random_weights_on_the_same_rows_stand_beside_a_run(tmp_path: Path) -> None:
    run = written_run(tmp_path, "finetune", accuracy=0.9)
    for seed, accuracy in ((0, 0.4), (1, 0.6)):
        written_run(tmp_path, "scratch", accuracy=accuracy, seed=seed)
    written_run(tmp_path, "scratch", done=2)
    written_run(tmp_path, "scratch", accuracy=0.1, train_rows=100)
    written_run(tmp_path, "scratch", accuracy=0.1, body="minilm")
    written_run(tmp_path, "stat_matched", accuracy=0.1)
    damaged = written_run(tmp_path, "scratch", accuracy=0.1)
    (damaged.path / "result.json").write_text("{")
    found = beside(run, list_runs(runs_root(tmp_path)))
    assert found is not None
    assert (found.own, found.n, found.random, found.random_mean) == (0.9, 357, (0.4, 0.6), 0.5)


def test_without_validation_rows_nothing_is_known(tmp_path: Path) -> None:
    run = written_run(tmp_path, "finetune", accuracy=0.9)
    values = json.loads((run.path / "result.json").read_text())
    (run.path / "result.json").write_text(json.dumps(values | {"validation": {}}))
    assert beside(run, [run]) is None
