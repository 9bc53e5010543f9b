"""RECRAFT's first stage: what it equals when a part is off, what it never touches, and what it refuses."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.methods.resuming import metrics, resumed, same_weights
from tests.tiny import TinyFiles, save_npz, tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.methods.base import Stage
from xmodal_core.methods.stages.feature_label import Losses
from xmodal_core.methods.stages.progress import UNREAD, said
from xmodal_core.model.crossmodal import source_model
from xmodal_core.runs.run import Run
from xmodal_core.runs.spec import RunSpec

BUDGET = {"align_steps": 4, "refine_steps": 2}
BALANCED = {"rows_per_label": 8, "head_steps": 2, "align_batch": 16}


@pytest.fixture
def recraft(prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run of a few steps, on other data where they are given."""
    return partial(_made, prepared, "recraft", BALANCED)


@pytest.fixture
def orca(prepared: Callable[..., Run]) -> Callable[..., Run]:
    return partial(_made, prepared, "orca", {"align_batch": 16})


def _made(prepared: Callable[..., Run], method: str, usual: dict[str, object], *data: str, **settings: object) -> Run:
    budget = BUDGET | {"align_steps": settings.pop("align_steps", BUDGET["align_steps"])}
    return prepared(method, *data, budget=budget, **(usual | settings))


def digest(module: nn.Module) -> str:
    return hashlib.blake2b(b"".join(t.numpy().tobytes() for t in module.state_dict().values())).hexdigest()


def aligned(run: Run) -> list[dict[str, float]]:
    """Metrics of the stage; the run stands at its end."""
    steps = run.steps()
    return [dict(next(steps).metrics) for _ in range(run.budget.align_steps)]


def test_neither_the_body_nor_the_source_head_changes_and_the_embedder_does(recraft: Callable[..., Run]) -> None:
    run = recraft()
    model = run.state.model
    body, predictor, embedder = digest(model.body), digest(model.predictor), digest(model.embedder)
    heads = set()
    for step in run.steps():
        if step.stage is Stage.REFINE:
            break
        heads.add(digest(run.state.modules["source_head"]))
        assert (digest(model.body), digest(model.predictor)) == (body, predictor)
    assert len(heads) == 1
    assert digest(model.embedder) != embedder
    assert all(p.grad is None for p in run.state.modules["source_head"].parameters())


def test_without_distortion_it_is_label_free_orca_bit_for_bit(
    recraft: Callable[..., Run], orca: Callable[..., Run]
) -> None:
    mine, theirs = recraft(distortion_weight=0.0), orca(objective="sinkhorn")
    found, expected = aligned(mine), aligned(theirs)
    assert [step["objective"] for step in found] == [step["objective"] for step in expected]
    assert same_weights(mine.state.model, theirs.state.model)
    assert all("distortion_loss" not in step for step in found)
    assert found[-1].keys() >= {"heldout_distortion", "heldout_distortion_chance", "heldout_answer_entropy"}


@pytest.mark.parametrize("distortion", ["entropy", "information"])
def test_the_sum_is_of_both_parts_and_the_first_feature_loss_is_the_unit(
    distortion: str, recraft: Callable[..., Run]
) -> None:
    steps = aligned(recraft(distortion=distortion, feature_weight=0.5, distortion_weight=2.0))
    for step in steps:
        lowered = step["distortion_loss"] - (step["answer_entropy"] if distortion == "information" else 0.0)
        expected = 0.5 * step["feature_loss"] + 2.0 * steps[0]["feature_loss"] * lowered
        assert step["objective"] == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_a_sequence_takes_features_first_then_labels_and_goes_on_at_the_turn(
    recraft: Callable[..., Run], tmp_path: Path
) -> None:
    make = partial(recraft, align_schedule="sequence", distortion_share=0.5)
    run = make()
    steps = aligned(run)
    assert ["feature_loss" in step for step in steps] == [True, True, False, False]
    assert ["distortion_loss" in step for step in steps] == [False, False, True, True]
    alone = recraft(distortion_weight=0.0, align_steps=2)
    assert [step["feature_loss"] for step in aligned(alone)] == [step["feature_loss"] for step in steps[:2]]
    whole = metrics(make())
    for cut in (1, 2, 3):
        assert resumed(make(), cut, make(), tmp_path) == whole
    optimizer = run.state.optimizer
    assert optimizer is not None
    assert {int(slots["step"]) for slots in optimizer.state.values()} == {2}  # fresh at the turn


def test_a_step_is_the_same_under_other_names_of_the_labels(recraft: Callable[..., Run]) -> None:
    run, renamed = recraft(), recraft()
    renamed.target = dataclasses.replace(renamed.target, targets=(renamed.target.targets + 1) % 3)
    for one, other in zip((losses_of(r).distortion(0) for r in (run,)), (_same_rows(renamed, run),), strict=True):
        torch.testing.assert_close(one.conditional, other.conditional)
        torch.testing.assert_close(one.marginal, other.marginal)


def _same_rows(renamed: Run, like: Run):
    """The renamed run's distortion on the batch that the other draws: drawing goes by name, entropies do not."""
    mine, theirs = losses_of(renamed), losses_of(like)
    mine.told, shares = theirs.told + 5, torch.zeros(9, dtype=torch.long)
    shares[5:8] = theirs.shares
    mine.shares = shares
    return mine.distortion(0)


def losses_of(run: Run) -> Losses:
    assert run.source is not None
    torch.manual_seed(0)
    side = source_model(run.source, run.state.model.body)
    run.state.modules["source_head"] = nn.Linear(side.body.output_size, run.source.n_classes)
    return Losses(run.state, run.source, side, run.target, run.method)


def test_shuffled_labels_keep_their_shares_and_are_dealt_once(recraft: Callable[..., Run]) -> None:
    losses, again = (losses_of(recraft(distortion_labels="shuffled")) for _ in range(2))
    assert torch.equal(losses.told, again.told)
    assert torch.equal(losses.told.bincount(), losses.labels.bincount())
    assert not torch.equal(losses.told, losses.labels)


def test_information_is_gained_where_it_is_asked_for(recraft: Callable[..., Run]) -> None:
    run = recraft(distortion="information", feature_weight=0.0, align_steps=25, align_learning_rate=1e-2)
    steps = aligned(run)
    sentence, is_fine = said(steps)
    assert is_fine, sentence
    assert steps[-1]["heldout_progress"] > 0.1
    assert all(step["heldout_progress"] >= 0 for step in steps if "heldout_progress" in step)


def test_a_collapse_is_no_progress_however_far_the_distortion_falls(recraft: Callable[..., Run]) -> None:
    run = recraft(distortion_labels="shuffled", feature_weight=0.0, align_steps=25, align_learning_rate=3e-2)
    steps = aligned(run)
    assert steps[-1]["heldout_distortion"] < steps[0]["start_distortion"] / 2
    assert steps[-1]["heldout_progress"] == 0.0
    sentence, is_fine = said(steps)
    assert not is_fine
    assert "collapse onto fewer source classes" in sentence


def test_distortion_costs_a_forward_pass_and_no_gradient_of_the_body_s_weights(recraft: Callable[..., Run]) -> None:
    """A step of fine-tuning is three passes of its rows: forward, by inputs, by weights. This is two."""
    losses = losses_of(recraft())
    embedder = [p for p in losses.state.model.embedder.parameters() if p.requires_grad]
    with FlopCounterMode(display=False) as forward:
        loss, _ = losses.labels_alone(0)
    with FlopCounterMode(display=False) as backward:
        torch.autograd.grad(loss, embedder, allow_unused=True)
    assert 0.9 * forward.get_total_flops() < backward.get_total_flops() < 1.3 * forward.get_total_flops()
    with FlopCounterMode(display=False) as whole:
        losses.labels_alone(0)[0].backward()
    assert whole.get_total_flops() > 2.7 * forward.get_total_flops()  # what it would be with them


def test_readings_come_about_five_times_and_at_the_end_on_validation_rows(recraft: Callable[..., Run]) -> None:
    run = recraft(align_steps=13)
    steps = aligned(run)
    assert [i for i, step in enumerate(steps, 1) if "heldout_distortion" in step] == [2, 4, 6, 8, 10, 12, 13]
    assert steps[-1]["distortion_n"] == len(run.target.rows("val"))
    assert {"head_accuracy", "head_slope_limit", "head_steep_share", "start_distortion"} <= steps[0].keys()
    assert "head_accuracy" not in steps[1]


def test_a_target_without_validation_rows_has_no_reading_and_says_so(
    recraft: Callable[..., Run],
) -> None:
    run = recraft()
    splits = np.where(run.target.splits == "val", "train", run.target.splits)
    run.target = dataclasses.replace(run.target, splits=splits)
    steps = aligned(run)
    assert not any("heldout_distortion" in step for step in steps)
    assert said(steps) == (UNREAD, False)


def test_a_label_with_one_row_is_left_out(recraft: Callable[..., Run]) -> None:
    run = recraft()
    targets, train = run.target.targets.copy(), run.target.rows("train")
    targets[train] = np.arange(len(train)) % 2
    targets[train[0]] = 2
    run.target = dataclasses.replace(run.target, targets=targets)
    losses = losses_of(run)
    found = losses.distortion(0)
    assert torch.isfinite(found.conditional)
    assert losses.shares[2] == 1  # of the data; never drawn


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"feature_weight": 0.0, "distortion_weight": 0.0}, ("both 0", "align_steps")),
        ({"align_schedule": "sequence", "distortion_weight": 0.0}, ("train nothing", "distortion_share")),
        ({"objective": "otdd"}, ("objective is 'otdd'", "sinkhorn")),
        ({"distortion": "mean"}, ("entropy, information",)),
    ],
)
def test_settings_that_leave_nothing_to_lower_are_refused(
    settings: dict[str, object], words: tuple[str, ...], recraft: Callable[..., Run], refusal: Callable[..., str]
) -> None:
    refusal(lambda: recraft(**settings), *words)


def test_a_source_without_classes_and_labels_without_pairs_are_refused(
    files: TinyFiles, recraft: Callable[..., Run], tmp_path: Path, refusal: Callable[..., str]
) -> None:
    fields = tiny_task(Task.REGRESSION, Modality.IMAGE)
    path = save_npz(tmp_path / "fields.npz", fields, task="regression")
    refusal(lambda: recraft(files.data(Modality.SERIES), path), "without classes", "source head", "orca")
    series = tiny_dataset(Modality.SERIES)
    targets, train = series.targets.copy(), series.rows("train")
    targets[train] = 0
    targets[train[0]] = 1
    lone = save_npz(tmp_path / "lone.npz", dataclasses.replace(series, targets=targets))
    refusal(lambda: recraft(lone), "1 label(s) with 2 training rows", "choose orca or finetune")


def test_a_loss_that_is_not_finite_stops_the_stage(recraft: Callable[..., Run], refusal: Callable[..., str]) -> None:
    run = recraft()
    steps = run.steps()
    next(steps)
    next(run.state.modules["source_head"].parameters()).mul_(torch.nan)
    refusal(lambda: next(steps), "diverged at step 2", "lower align_learning_rate")


def test_a_specification_names_its_settings(files: TinyFiles) -> None:
    spec = RunSpec(
        "recraft", files.data(Modality.SERIES), files.body, "fractals", settings={"distortion": "information"}
    )
    assert json.loads(spec.to_json())["settings"] == {"distortion": "information"}
