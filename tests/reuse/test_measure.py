"""Reuse reports of runs whose answer is known: nothing trained, everything replaced, nothing comparable."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.named import load_named
from xmodal_core.methods.lora import Lora, add_adapters
from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING
from xmodal_core.model.crossmodal import load_body, source_model
from xmodal_core.reuse.diagnostics.weights import weight_distance
from xmodal_core.reuse.held_out import held_out_source, retention_source, unlike
from xmodal_core.reuse.knowledge import embedder_reading
from xmodal_core.reuse.measure import effective_weights, measure_reuse
from xmodal_core.reuse.networks import kept, layer_states, see, voters
from xmodal_core.reuse.note import stage_note
from xmodal_core.reuse.report import ReuseReport, Trajectory
from xmodal_core.reuse.trajectory import measure_trajectory
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import RunSpec
from xmodal_core.runs.worker import execute

STEPS = 6


@pytest.fixture(scope="module")
def finished(files: TinyFiles, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., RunDir]:
    """Finished runs, each trained once in this module."""
    root, known = tmp_path_factory.mktemp("runs"), {}
    road = {
        "target": files.data(Modality.IMAGE),
        "source": files.data(Modality.IMAGE, n=90, seed=1),
        "body": files.body,
    }

    def run(method: str = "finetune", **changes: Any) -> RunDir:
        spec = {"method": method, "seed": 3, "budget": {"refine_steps": STEPS}, **road, **changes}
        text = json.dumps(spec)
        if text not in known:
            known[text] = RunDir.create(root, text)
            execute(known[text].path, follow_control=False)
        return known[text]

    return run


def test_a_body_that_did_not_change_has_kept_everything(finished: Callable[..., RunDir]) -> None:
    found = measure_reuse(finished(budget={"refine_steps": 0}))
    assert set(found.by_reader()) == {"retention", "probe"}
    for reading in found.by_reader().values():
        assert reading.before == reading.after
        assert reading.after_minus_before_interval == (0, 0)
        assert reading.retention in (1.0, None)
    for curves in (found.source_inputs, found.target_inputs):
        assert curves.cka == pytest.approx((1, 1), abs=1e-6)
        assert curves.drift == (0, 0)
        assert curves.mutual_knn == (1, 1)
    assert found.weights is not None
    assert set(found.weights.values()) == {0.0}
    assert found.knowledge is not None
    assert found.knowledge.embedders["start"] == found.knowledge.embedders["trained"]
    assert ReuseReport.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_training_shows_in_every_reading_of_the_layers(finished: Callable[..., RunDir]) -> None:
    found = measure_reuse(finished())
    assert max(found.source_inputs.cka) < 1
    assert min(found.source_inputs.drift) > 0
    assert found.weights is not None
    assert min(found.weights.values()) > 0
    assert list(found.weights)[-1] == "all"


def test_a_run_from_random_weights_is_compared_with_its_own_start(finished: Callable[..., RunDir]) -> None:
    for method in ("scratch", "stat_matched"):
        found = measure_reuse(finished(method, budget={"refine_steps": 0}))
        assert found.weights is not None
        assert found.weights["all"] == 0
        assert found.source_inputs.drift == (0, 0)


def test_a_body_replaced_by_random_weights_has_kept_next_to_nothing() -> None:
    spec = RunSpec("finetune", "digits", "fractal-vit")
    bodies = {
        "before": load_body(spec.body),
        "after": load_body(spec.body, pretrained=False, seed=5),
        "random": load_body(spec.body, pretrained=False, seed=6),
    }
    held_out = retention_source(spec, bodies["before"], n_bank=400, n_query=200)
    seen = {name: see(held_out, bodies["before"], body) for name, body in bodies.items()}
    for reader in ("knn", "probe"):
        found = kept(held_out, seen, reader, seed=0)
        assert 0.9 > found.before > found.random + 0.4, "hard enough to lose something, and much to lose"
        assert found.retention is not None
        assert abs(found.retention) < 0.3
        assert found.undefined is None
        assert found.after_minus_before_interval[1] < 0
        assert kept(held_out, seen | {"after": seen["before"]}, reader, seed=0).retention == 1


def test_a_random_body_in_the_place_of_the_pretrained_one_has_no_retention_but_a_sentence() -> None:
    """What it stands for: a body whose source is not what it was pretrained on."""
    spec, pretrained = RunSpec("finetune", "digits", "fractal-vit"), load_body("fractal-vit")
    held_out = retention_source(spec, pretrained, n_bank=400, n_query=200)
    random, trained = (see(held_out, pretrained, load_body(spec.body, pretrained=own, seed=6)) for own in (False, True))
    for reader in ("knn", "probe"):
        found = kept(held_out, {"before": random, "after": random, "random": trained}, reader, seed=0)
        assert found.retention is None
        assert "expected a lead" in (found.undefined or "")
        assert json.loads(json.dumps(found.to_json()))["retention"] is None


def test_retention_asks_about_more_classes_than_runs_read_and_a_few_bank_rows_of_each(files: TinyFiles) -> None:
    image, text = load_body("fractal-vit"), load_body(files.body)
    fine = retention_source(RunSpec("finetune", "digits", "fractal-vit"), image)
    assert fine.source.n_classes == 200
    assert (len(fine.bank), len(fine.query), fine.bank_of_a_class, voters(fine)) == (2000, 1000, 10, 10)
    assert "of 200 classes" in fine.describe()
    own = files.data(Modality.IMAGE, n=150)
    coarse = retention_source(RunSpec("orca", own, files.body, own), text)
    assert (coarse.source.n_classes, len(coarse.bank), voters(coarse)) == (3, 30, 10)


@pytest.mark.parametrize("source", ["scipy_docs", "fractals"])
def test_no_held_out_row_of_a_source_is_one_that_a_stage_trains_on(source: str) -> None:
    """The sentences are finite in number: another draw has the same training rows, which have to go."""
    spec = RunSpec("mona", "digits", "minilm" if source == "scipy_docs" else "fractal-vit", source)
    trained = load_named(source, seed=0)
    taken = {row.tobytes() for row in trained.inputs[trained.rows("train")]}
    for held_out in (held_out_source(spec, load_body(spec.body)), retention_source(spec, load_body(spec.body))):
        assert not set(held_out.bank) & set(held_out.query)
        asked = held_out.source.inputs[np.concatenate([held_out.bank, held_out.query])]
        assert not any(row.tobytes() in taken for row in asked)
        assert len(held_out.bank) >= 10 * held_out.source.n_classes
        assert set(held_out.source.targets[held_out.query]) == set(range(held_out.source.n_classes))


def test_rows_are_told_apart_by_content_and_not_by_place() -> None:
    one, other = tiny_dataset(Modality.TEXT, seed=0), tiny_dataset(Modality.TEXT, n=30)
    assert unlike(one, other, np.arange(30)).tolist() == list(range(30, 60))
    assert len(unlike(one, other, np.arange(0))) == 60


def test_a_source_that_leaves_too_little_is_told(files: TinyFiles, refusal: Callable[..., str]) -> None:
    spec = RunSpec("orca", files.data(Modality.IMAGE), files.body, files.data(Modality.IMAGE, n=6))
    refusal(lambda: held_out_source(spec, load_body(spec.body)), "no stage trains on")


def test_more_target_than_source_classes_leave_the_discrepancy_undefined(
    files: TinyFiles, finished: Callable[..., RunDir]
) -> None:
    found = measure_reuse(finished(target=files.data(Modality.IMAGE, n=120, n_classes=5))).knowledge
    assert found is not None
    assert (found.n_labels, found.n_source_classes) == (5, 3)
    for reading in found.embedders.values():
        assert reading.discrepancy is None
        assert reading.one_to_one_kappa is None
        assert "5 target classes and 3 source classes" in reading.undefined
        assert np.isfinite(reading.kappa)


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.DENSE, Task.MULTILABEL, Task.SEGMENTATION])
def test_targets_without_classes_are_read_by_pseudo_labels_that_are_named(
    files: TinyFiles, finished: Callable[..., RunDir], task: Task
) -> None:
    found = measure_reuse(finished(target=files.task(task, Modality.IMAGE, n=120))).knowledge
    assert found is not None
    assert "k-means clusters" in found.target_labels
    assert found.n_labels is not None
    assert found.n_source_classes is not None
    for embedder in found.embedders.values():
        assert (embedder.discrepancy is None) == (found.n_labels > found.n_source_classes)


def test_a_posterior_that_names_the_labels_reads_one_and_one_that_knows_nothing_reads_chance() -> None:
    labels = np.arange(120) % 3
    sure = embedder_reading(np.full((120, 4), 0.01) + 0.96 * np.eye(4)[(labels + 2) % 4], labels, seed=0)
    assert sure.kappa == pytest.approx(1 - 0.03 / (1 - 1 / 3), abs=0.03)
    assert sure.discrepancy is not None
    assert sure.discrepancy.relative < 0.05
    nothing = embedder_reading(np.full((120, 4), 0.25), labels, seed=0)
    assert nothing.kappa == pytest.approx(0, abs=1e-9)
    assert nothing.discrepancy is not None
    assert nothing.discrepancy.normalised == pytest.approx(1)


def test_adapters_count_as_what_they_add_to_the_weights(files: TinyFiles) -> None:
    plain, adapted = load_body(files.body), load_body(files.body)
    add_adapters(adapted, Lora(rank=2, alpha=6), seed=0)
    before = effective_weights(plain)
    assert set(weight_distance(before, effective_weights(adapted)).values()) == {0.0}
    modules = {n: m for n, m in adapted.named_modules() if hasattr(m, "get_delta_weight")}
    name, module = next(iter(modules.items()))
    with torch.no_grad():
        module.lora_B["default"].weight.fill_(0.5)
    weight = f"{name}.weight"
    added = 3 * (module.lora_B["default"].weight @ module.lora_A["default"].weight).detach().numpy()  # alpha / rank = 3
    np.testing.assert_allclose(effective_weights(adapted)[weight] - before[weight], added, atol=1e-6)


def test_a_trajectory_of_a_frozen_body_stays_where_it_started(finished: Callable[..., RunDir]) -> None:
    found = measure_trajectory(finished("linear_probe", waypoints=3))
    assert [point.step for point in found.points] == [0, 2, 4, 6]
    assert {point.accuracy for point in found.points} == {found.before}
    assert {point.drift for point in found.points} == {0.0}
    assert [point.cka for point in found.points] == pytest.approx([1] * 4)
    assert found.control is None


def test_a_trajectory_ends_where_the_run_ends_and_its_control_goes_along(finished: Callable[..., RunDir]) -> None:
    run, control = finished(waypoints=3), finished(waypoints=2, shuffle_labels=True)
    found = measure_trajectory(run, control)
    assert Trajectory.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert found.control is not None
    assert [point.step for point in found.control] == [0, 3, 6]
    start, *_, last = found.points
    assert (start.cka, start.drift, start.score) == (pytest.approx(1), 0, None)
    assert last.drift > found.points[1].drift > 0
    result = run.result()
    assert result is not None
    assert (last.score, last.n_score) == (result.validation.score, result.validation.n)
    assert found.control[-1].score == control.result().validation.score  # type: ignore[union-attr]
    assert found.control[0] == start
    whole = measure_reuse(run)
    assert found.n_bank == whole.retention.n_bank, "so few rows that both take all"
    assert last.accuracy == whole.retention.after
    assert whole.probe is not None
    assert last.probe == whole.probe.after


def test_a_run_without_waypoints_and_a_wrong_control_are_told(
    finished: Callable[..., RunDir], refusal: Callable[..., str]
) -> None:
    run = finished(waypoints=3)
    refusal(lambda: measure_trajectory(finished()), "waypoints")
    refusal(lambda: measure_trajectory(run, finished()), "nothing", "shuffle_labels")
    refusal(lambda: measure_trajectory(run, finished(shuffle_labels=True)), "kept no bodies")
    other = finished(waypoints=3, shuffle_labels=True, seed=4)
    refusal(lambda: measure_trajectory(run, other), "seed")


def test_a_meta_gradient_that_did_nothing_is_said(finished: Callable[..., RunDir]) -> None:
    budget = {"align_steps": 4, "refine_steps": 1}
    still = finished("mona", budget=budget, settings={"strength": 0.0})
    assert measure_reuse(still).note == EQUALS_PRETRAINING
    strong = finished("mona", budget=budget, settings={"strength": 1.0})
    assert stage_note(strong) == ""
    assert stage_note(finished()) == ""


def test_layers_leave_out_what_enters_the_first_block(files: TinyFiles) -> None:
    body, data = load_body(files.body), tiny_dataset(Modality.IMAGE)
    embedder = source_model(data, body).embedder
    states = layer_states(embedder, body, embedder.prepare(data, np.arange(7)))
    assert [state.shape for state in states] == [(7, 16), (7, 16)]


def test_the_command_prints_report_and_trajectory(
    finished: Callable[..., RunDir], capsys: pytest.CaptureFixture[str]
) -> None:
    run, control = finished(waypoints=3), finished(waypoints=2, shuffle_labels=True)
    asked = ["reuse", str(run.path), "--control", str(control.path)]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["trajectory"]["points"]) == 4
    assert {"retention", "probe", "weights", "knowledge", "note"} <= set(found)
    assert main(asked) == 0
    text = capsys.readouterr().out
    assert "control, shuffled labels, step 6: retention" in text
    assert "fresh linear probe" in text
    assert "kappa" in text
    assert main(["reuse", str(finished().path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trajectory"] is None
    assert main([*asked[:2], "--control", str(run.path)]) == 2
    assert "shuffle_labels" in capsys.readouterr().err
