import numpy as np
import pytest
import torch

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.model.crossmodal import CrossModalModel
from xmodal_core.runs import run as runs
from xmodal_core.runs.spec import RunSpec


@pytest.mark.parametrize("task", [Task.CLASSIFICATION, Task.REGRESSION, Task.SEGMENTATION])
def test_the_outcome_has_the_result_and_every_row_and_asks_for_each_once(
    task: Task, files: TinyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.prepare(RunSpec("scratch", files.task(task), files.body), torch.device("cpu"))
    expected = run.result(1.0)
    asked: list[int] = []
    predict = runs.predict

    def counted(model: CrossModalModel, dataset: LabelledDataset, rows: np.ndarray) -> object:
        asked.extend(rows.tolist())
        return predict(model, dataset, rows)

    monkeypatch.setattr(runs, "predict", counted)
    outcome = run.outcome(1.0)
    columns = outcome.predictions
    assert outcome.result == expected
    assert outcome.test_rows.explains(expected.test.score, expected.test.n)
    assert sorted(asked) == list(range(len(run.target)))
    assert columns["uid"].tolist() == run.target.uid.tolist()
    assert columns["split"].tolist() == run.target.splits.tolist()
