"""The linear probe trains the predictor alone, on features in their own units."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.methods.resuming import metrics, resumed
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.methods.base import Budget, TrainState
from xmodal_core.methods.linear_probe import LinearProbe, frozen_features
from xmodal_core.model.crossmodal import BodyChoice
from xmodal_core.model.predictor import Standardise
from xmodal_core.model.settings import ModelSettings
from xmodal_core.runs.run import Run
from xmodal_core.runs.spec import RunSpec


@pytest.fixture
def run(prepared: Callable[..., Run]) -> Run:
    return prepared("linear_probe", budget={"refine_steps": 40}, batch_size=LinearProbe().batch_size)


def fields() -> LabelledDataset:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(30, 1, 8, 8)).astype(np.float32)
    return make_dataset("fields", Modality.FIELD, inputs, 3 + 2 * inputs, (), task=Task.DENSE)


def test_only_the_predictor_moves_and_it_learns(run: Run) -> None:
    before = {name: p.clone() for name, p in run.state.model.named_parameters()}
    steps = list(run.steps())
    moved = {name for name, p in run.state.model.named_parameters() if not torch.equal(p, before[name])}
    # behind its units and the root of the places
    assert moved == {"predictor.2.weight", "predictor.2.bias"}
    assert steps[-1].metrics["loss"] < 0.5 * steps[0].metrics["loss"]


def test_features_that_are_kept_give_the_outputs_of_the_whole_network(run: Run) -> None:
    list(run.steps())
    model = run.state.model
    inputs = model.embedder.prepare(run.target, run.target.rows("train"))
    with torch.no_grad():
        torch.testing.assert_close(model.predictor(frozen_features(model, inputs)), model(inputs))


def test_a_predictor_without_weights_is_no_probe(files: TinyFiles, refusal) -> None:
    series = np.random.default_rng(0).normal(size=(30, 1, 8))
    data = make_dataset("waves", Modality.SERIES, series, series, (), task=Task.DENSE)
    body = BodyChoice(files.text_body, settings=ModelSettings(compat="released"))
    refusal(lambda: LinearProbe().build(data, body, 0), "waves", "without weights", "choose compat ours")


def test_units_are_those_of_the_training_rows() -> None:
    scale = Standardise(2)
    scale.fit(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
    assert scale(torch.tensor([[1.0, 5.0], [3.0, 6.0]])).tolist()[0] == [-1.0, 0.0]
    assert scale.shift.tolist() == [2.0, 5.0]
    tokens = torch.tensor([[[1.0, 0.0]], [[3.0, 2.0]]])  # (n, l, d) as of a dense target
    scale.fit(tokens)
    assert scale(tokens).flatten().tolist() == [-1.0, -1.0, 1.0, 1.0]


def test_a_dense_target_is_probed_token_by_token_and_goes_on_bit_for_bit(files: TinyFiles, tmp_path: Path) -> None:
    target, method, plan = fields(), LinearProbe(batch_size=8), {"refine_steps": 4}

    def fresh() -> Run:
        state = TrainState(method.build(target, BodyChoice(files.body), 0), 0, torch.device("cpu"))
        return Run(RunSpec(method.name, "t", "b", budget=plan), method, Budget(**plan), state, None, target)

    second = fresh()
    assert resumed(fresh(), 2, second, tmp_path) == metrics(fresh())
    outputs = second.state.model(torch.from_numpy(target.inputs[:3]))
    assert outputs.shape == (3, 1, 8, 8)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"start": "norm"}, "start is norm, but linear_probe can have standard"),
        (
            {"readout": "attention"},
            "readout is attention, but linear_probe can have mean, last, flat, mean+flat, first",
        ),
    ],
)
def test_what_it_would_not_train_or_never_has_is_refused(refusal, model: dict[str, str], words: str) -> None:
    refusal(lambda: RunSpec("linear_probe", "digits", "fractal-vit", model=model), words)
    assert RunSpec("linear_probe", "digits", "fractal-vit", model={"start": "standard", "readout": "flat"})
