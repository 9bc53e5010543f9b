"""Two steps of every stage tell how long a run takes, and the run that is measured is left as runs are."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.experiment.pace import Pace
from xmodal_core.experiment.pacing import main, measure_pace
from xmodal_core.methods import METHODS
from xmodal_core.runs.spec import RunSpec


@pytest.fixture
def spec(files: TinyFiles) -> Callable[..., RunSpec]:
    target, source = files.data(Modality.IMAGE), files.data(Modality.IMAGE, n=90, seed=1)

    def made(method: str, align: int = 30, curriculum: int = 40, refine: int = 60) -> RunSpec:
        budget = {"align_steps": align, "curriculum_steps": curriculum, "refine_steps": refine}
        own = {f"{stage}_steps": budget[f"{stage}_steps"] for stage in METHODS[method].stages}
        return RunSpec(method, target, files.body, source, budget=own)

    return made


@pytest.mark.parametrize("method", ["finetune", "orca_pare", "simple", "mona", "recraft"])
def test_every_stage_of_a_method_has_a_pace(spec: Callable[..., RunSpec], method: str) -> None:
    found = measure_pace(spec(method))
    assert set(found.stages) == {str(stage) for stage in METHODS[method].stages}
    assert all(stage.step_s > 0 for stage in found.stages.values())
    assert found.n_rows == 60
    assert min(found.prepare_s, found.row_s, found.save_s) > 0
    assert found.memory > 50 * 2**20
    assert found.failed == ""


@pytest.mark.parametrize("total", [1, 2, 15, 25, 30])
def test_however_few_steps_there_are(spec: Callable[..., RunSpec], total: int) -> None:
    found = measure_pace(spec("orca", align=total, refine=total))
    assert set(found.stages) == {"align", "refine"}
    assert (found.stages["refine"].reading_s > 0) <= (total >= 20)


def test_what_cannot_be_run_is_kept_as_a_sentence(tmp_path: Path, spec: Callable[..., RunSpec]) -> None:
    values = json.loads(spec("finetune").to_json()) | {"target": str(tmp_path / "gone.npz")}
    (tmp_path / "spec.json").write_text(json.dumps(values))
    assert main([str(tmp_path / "spec.json"), str(tmp_path / "pace.json")]) == 0
    assert "gone.npz" in Pace.from_json(json.loads((tmp_path / "pace.json").read_text())).failed
