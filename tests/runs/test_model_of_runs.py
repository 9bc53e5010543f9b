"""The model of a stored run: resumed, asked about new rows, measured; and runs of before, which stay what they were."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from tests.methods.resuming import metrics, resumed, same_weights
from tests.tiny import TinyFiles
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.model.settings import READOUTS
from xmodal_core.reuse.measure import measure_reuse
from xmodal_core.runs.checkpoint import dump_checkpoint
from xmodal_core.runs.new_rows import predict_file, trained
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import RunSpec, spec_from_json
from xmodal_core.runs.worker import execute

STEPS = 3
BESIDE: dict[str, dict[str, str]] = {  # each start and each place of positions with one of the readouts
    "mean": {"start": "norm", "positions": "none"},
    "last": {"positions": "after"},
    "flat": {"start": "standard"},
    "mean+flat": {"start": "standard", "stem": "linear"},
    "attention": {"start": "standard", "positions": "after"},
    "first": {},
}


@pytest.fixture
def asked(files: TinyFiles) -> Callable[[str], RunSpec]:
    """Series on a text body; the readout of a first token on an image body, which has one."""

    def make(readout: str) -> RunSpec:
        body = files.body if readout == "first" else files.text_body
        source = files.data(Modality.IMAGE if readout == "first" else Modality.TEXT, n=90)
        model = {"readout": readout} | BESIDE[readout]
        target, budget = files.data(Modality.SERIES), {"align_steps": 1, "refine_steps": STEPS}
        return RunSpec("orca", target, body, source, 3, {}, budget, model=model)

    return make


@pytest.mark.parametrize("readout", READOUTS)
def test_a_run_is_resumed_bit_for_bit(readout: str, asked: Callable[[str], RunSpec], tmp_path: Path) -> None:
    whole = prepare(asked(readout))
    expected = metrics(whole)
    for cut in (1, 2, STEPS + 1):  # before the predictor is first trained, after it, and at the end
        second = prepare(asked(readout))
        assert resumed(prepare(asked(readout)), cut, second, tmp_path) == expected
        assert same_weights(whole.state.model, second.state.model)


@pytest.mark.parametrize("readout", READOUTS)
def test_a_stored_run_says_what_it_is_answers_for_rows_and_is_measured(
    readout: str, asked: Callable[[str], RunSpec], tmp_path: Path
) -> None:
    spec = asked(readout)
    run = RunDir.create(tmp_path / "runs", spec.to_json())
    execute(run.path, follow_control=False)
    result, kept = run.result(), run.read_predictions()
    assert result is not None
    assert result.model is not None
    assert result.model.to_json().items() >= ({"readout": readout, "scaling": "channel"} | BESIDE[readout]).items()
    again = predict_file(trained(run), Path(spec.target))
    probabilities = [name for name in again.columns if name.startswith("probability")]
    assert len(probabilities) == 3
    for name in probabilities:
        assert again.columns[name] == pytest.approx(kept[name], abs=1e-5)
    report = measure_reuse(run)
    assert np.isfinite(report.source_inputs.cka).all()
    assert report.knowledge is not None


# What the code before there were settings of a model wrote: its specification, the names of what its network had beside
# the body, and the losses of its four steps of fine-tuning with seed 3.
BEFORE = {
    "method": "finetune",
    "target": "",
    "body": "",
    "source": "",
    "seed": 3,
    "settings": {},
    "budget": {"refine_steps": 4},
    "guidance": None,
    "train_rows": 0,
    "shuffle_labels": False,
    "waypoints": 0,
    "schema": 1,
}
PATCHES = {"project.bias", "project.weight", "shift", "scale", "tokens.positions"}
NORM = {"tokens.norm.bias", "tokens.norm.weight"}
FEATURES = {"bias", "direction", "categories.weight", "counts", "first", "is_number", "shift", "scale"}
LINEAR = {"bias", "weight"}
DENSE = {"project.bias", "project.weight"}
KINDS: Mapping[str, tuple[set[str], set[str], list[float]]] = {
    "series": (PATCHES | NORM, LINEAR, [1.423209, 1.454864, 1.482031, 1.332182]),
    "image": (PATCHES, LINEAR, [1.110160, 0.967736, 0.884003, 0.817034]),
    "table": (FEATURES | NORM | {"tokens.positions"}, LINEAR, [1.096766, 1.135895, 1.059840, 1.122872]),
    "dense": (PATCHES, DENSE, [1.097595, 1.002733, 0.961562, 0.966752]),
}


def spec_of_before(kind: str, files: TinyFiles) -> dict[str, Any]:
    target = {
        "series": lambda: files.data(Modality.SERIES),
        "image": lambda: files.data(Modality.IMAGE),
        "table": lambda: files.data(Modality.TABULAR),
        "dense": lambda: files.task(Task.DENSE),
    }[kind]()
    return BEFORE | {"target": target, "body": files.text_body if kind in ("series", "table") else files.body}


def half_done(folder: Path, spec: dict[str, Any]) -> tuple[RunDir, Run]:
    """A run directory with two steps behind it."""
    out = RunDir.create(folder, json.dumps(spec, indent=1))
    run = prepare(spec_from_json(json.dumps(spec)))
    steps = run.steps()
    for _ in range(2):
        next(steps)
    out.write_checkpoint(dump_checkpoint(run, 1.0))
    return out, run


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_before_has_its_own_names_goes_on_with_its_own_numbers_and_answers_for_new_rows(
    kind: str, files: TinyFiles, tmp_path: Path
) -> None:
    of_embedder, of_predictor, losses = KINDS[kind]
    spec = spec_of_before(kind, files)
    out, _ = half_done(tmp_path / "runs", spec)
    with safe_open(out.checkpoint, framework="np") as file:
        names = [name.removeprefix("modules/model.") for name in file.keys()]  # noqa: SIM118
    for part, own in (("embedder.", of_embedder), ("predictor.", of_predictor), ("readout.", set())):
        assert {name.removeprefix(part) for name in names if name.startswith(part)} == own
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    assert main(["run", str(path), "--out", str(out.path), "--resume"]) == 0
    assert out.spec_values() == spec
    assert [step["metrics"]["loss"] for step in out.read_steps()[0]] == pytest.approx(losses[2:], rel=1e-3)
    answers = tmp_path / ("new.npz" if kind == "dense" else "new.csv")
    assert main(["predict", str(out.path), spec["target"], "--out", str(answers)]) == 0
    assert answers.is_file()
    result = out.result()
    assert result is not None
    assert result.model is not None
    assert (result.model.compat, result.model.positions, result.model.readout) == ("earlier", "after", "mean")


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("series", {}, ("flat", "linear")),
        ("series", {"readout": "mean"}, ("mean", "linear")),
        ("image", {"stem": "conv"}, ("flat", "conv")),
        ("table", {}, ("flat", "linear")),
        ("dense", {}, ("mean", "linear")),
    ],
)
def test_a_specification_of_schema_2_keeps_what_auto_stood_for_then(
    kind: str, said: dict[str, str], expected: tuple[str, str], files: TinyFiles
) -> None:
    spec = spec_of_before(kind, files) | {"schema": 2, "model": said}
    model = prepare(spec_from_json(json.dumps(spec))).state.model.settings
    assert (model.readout, model.stem) == expected


def test_a_specification_of_today_has_the_defaults_of_today(files: TinyFiles) -> None:
    spec = spec_of_before("series", files) | {"schema": 3, "model": {}}
    model = prepare(spec_from_json(json.dumps(spec))).state.model.settings
    assert (model.readout, model.stem) == ("mean+flat", "conv")
