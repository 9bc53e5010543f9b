"""Every method behind every readout and every start: trains, goes on bit for bit, and says what it read by."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.methods.resuming import metrics, resumed, same_weights
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import ModelError, SettingsError
from xmodal_core.methods import METHODS
from xmodal_core.model.settings import READOUTS
from xmodal_core.runs.run import Run

BUDGET = {"align_steps": 2, "curriculum_steps": 2, "refine_steps": 3}
WITH_BODY = [name for name in METHODS if METHODS[name].has_body]
OTHERS = [name for name in READOUTS if name != "mean"]


@pytest.mark.parametrize("readout", OTHERS)
@pytest.mark.parametrize("method", WITH_BODY)
def test_a_method_trains_behind_every_readout_and_goes_on_bit_for_bit(
    method: str, readout: str, prepared: Callable[..., Run], tmp_path: Path
) -> None:
    if (method, readout) == ("linear_probe", "attention"):
        with pytest.raises(SettingsError, match="readout is attention, but linear_probe can have mean, last, flat"):
            prepared(method, model={"readout": readout})
        return
    whole, first, second = (prepared(method, budget=BUDGET, model={"readout": readout}) for _ in range(3))
    read = [p.clone() for p in whole.state.model.readout.parameters()]
    expected = metrics(whole)
    assert all(np.isfinite(v) for step in expected for v in step.values())
    assert not any(torch.equal(a, b) for a, b in zip(read, whole.state.model.readout.parameters(), strict=True))
    assert resumed(first, len(expected) // 2, second, tmp_path) == expected
    assert same_weights(whole.state.model, second.state.model)
    said = whole.result(0.0).model
    assert said is not None
    assert (said.readout, said.positions, said.start) == (readout, "before", "standard")


@pytest.mark.parametrize("task", [task for task in Task if task is not Task.CLASSIFICATION])
@pytest.mark.parametrize("readout", OTHERS)
def test_fine_tuning_trains_behind_every_readout_on_every_task(
    readout: str, task: Task, files: TinyFiles, prepared: Callable[..., Run], tmp_path: Path
) -> None:
    budget = {"refine_steps": 3}
    if task in (Task.DENSE, Task.SEGMENTATION):
        with pytest.raises(ModelError, match=re.escape(f"readout is {readout}, but ") + ".* in every cell"):
            prepared("finetune", files.task(task), budget=budget, model={"readout": readout})
        return
    runs = [prepared("finetune", files.task(task), budget=budget, model={"readout": readout}) for _ in range(3)]
    expected = metrics(runs[0])
    assert all(np.isfinite(v) for step in expected for v in step.values())
    assert resumed(runs[1], 2, runs[2], tmp_path) == expected


@pytest.mark.parametrize("positions", ["after", "none"])
def test_the_source_keeps_its_positions_wherever_the_targets_are(
    positions: str, files: TinyFiles, prepared: Callable[..., Run]
) -> None:
    """Its own embedding layer is the body's, which has them in one place only."""
    from xmodal_core.model.crossmodal import source_model

    road = (files.data(Modality.SERIES), files.data(Modality.IMAGE, n=90))
    run = prepared("pare", *road, budget=BUDGET, model={"positions": positions})
    assert (run.state.model.embedder.tokens.positions is None) == (positions == "none")
    assert run.source is not None
    source = source_model(run.source, run.state.model.body)
    inputs = source.embedder.prepare(run.source, np.arange(3))
    usual = prepared("pare", *road, budget=BUDGET)
    own = source_model(run.source, usual.state.model.body)
    with torch.no_grad():
        assert torch.equal(source.embedder(inputs), own.embedder(inputs))
