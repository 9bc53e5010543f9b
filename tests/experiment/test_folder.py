"""The directory of an experiment."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from xmodal_core.experiment.design import Design
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.progress import Progress, Tried
from xmodal_core.runs.process import ProcessStamp

DESIGN = Design("digits", "fractal-vit", arms=("finetune",))


def test_all_that_is_written_comes_back(tmp_path: Path) -> None:
    kept = ExperimentDir.create_at(tmp_path / "one", DESIGN)
    assert (kept.progress(), kept.state(), kept.process()) == (None, (None, None), None)
    tried = Tried("Fine-tuning", "finetune", 1e-3, 0, 90, 0, None, chosen=False)
    progress = Progress("Training.", 4, ("a", "b"), (tried,))
    kept.write_progress(progress)
    kept.write_state("failed", "no memory.")
    kept.write_process(ProcessStamp(7, 1.5))
    again = ExperimentDir.open(tmp_path / "one")
    assert again.design() == DESIGN
    assert again.progress() == progress
    assert again.state() == ("failed", "no memory.")
    assert again.process() == ProcessStamp(7, 1.5)


def test_a_directory_is_of_one_design(tmp_path: Path, refusal: Callable[..., str]) -> None:
    ExperimentDir.create_at(tmp_path, DESIGN)
    assert ExperimentDir.create_at(tmp_path, DESIGN).design() == DESIGN
    refusal(lambda: ExperimentDir.create_at(tmp_path, replace(DESIGN, seeds=(5,))), "another design")
    refusal(lambda: ExperimentDir.open(tmp_path / "missing"), "holds no experiment")
