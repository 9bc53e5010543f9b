"""LSG as a method: refusals, controls, the frozen guide, resume, and what is left at inference."""

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.methods.resuming import gone_on, leaving_checkpoints, metrics, resumed, same_weights
from tests.tiny import FRUIT, TinyFiles
from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import predict
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, TrainState
from xmodal_core.methods.lsg import Lsg
from xmodal_core.methods.stages.given import Given, check_given
from xmodal_core.methods.stages.guided import NameGuide, guide_ramp
from xmodal_core.methods.stages.refine import Refinement
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.runs.run import Run

STEPS = 4


@pytest.fixture
def guided(prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run of a few steps under guidance by names, or of another method for comparison."""

    def make(method: str = "lsg", **changes: object) -> Run:
        return prepared(method, budget={"refine_steps": STEPS}, **changes)

    return make


@pytest.fixture
def numbers(files: TinyFiles) -> str:
    """The same series, whose classes have no names."""
    return files.data(Modality.SERIES)


def losses(run: Run) -> list[float]:
    return [step.metrics["loss"] for step in run.steps()]


def named(names: tuple[str, ...], task: Task = Task.CLASSIFICATION) -> LabelledDataset:
    rows = np.random.default_rng(0).normal(size=(40, 1, 24))
    labels = np.arange(40) % max(len(names), 2)
    targets = {
        Task.CLASSIFICATION: labels,
        Task.MULTILABEL: np.stack([(labels != c) for c in range(max(len(names), 2))], axis=1).astype(np.float32),
        Task.REGRESSION: labels[:, None].astype(np.float32),
        Task.DENSE: rows,
    }[task]
    class_names = names if task in (Task.CLASSIFICATION, Task.MULTILABEL) else ()
    return make_dataset("fruit", Modality.SERIES, rows, targets, class_names, task=task)


def test_a_run_wired_by_label_goes_on_bit_for_bit_from_any_cut(guided: Callable[..., Run], tmp_path: Path) -> None:
    whole = guided(wire="label")
    expected = metrics(whole)
    assert all(type(v) is float and np.isfinite(v) for step in expected for v in step.values())
    seen, checkpoints = leaving_checkpoints(guided(wire="label"), tmp_path)
    assert seen == expected, "a run does not notice that it is kept"
    assert len(checkpoints) == STEPS + 1
    for cut, checkpoint in enumerate(checkpoints):
        # the second process needs neither the encoder nor the cache: the checkpoint has the guide
        second = guided(wire="label")
        assert gone_on(second, checkpoint) == expected[cut:], f"cut after {cut}"
        assert same_weights(whole.state.modules, second.state.modules)


def test_the_guide_is_bit_identical_after_the_stage_and_the_projector_learns(guided: Callable[..., Run]) -> None:
    run = guided()
    next(run.steps())
    before = {name: tensor.clone() for name, tensor in run.state.memo.items()}
    projector = run.state.modules["guide_projector"].weight.detach().clone()
    list(run.steps())
    assert {"guide_w1", "guide_w2", "guide_nodes", "guide_adjacency"} <= set(before)
    assert all(torch.equal(tensor, run.state.memo[name]) for name, tensor in before.items())
    assert not torch.equal(projector, run.state.modules["guide_projector"].weight)


def test_weight_zero_is_fine_tuning_bit_for_bit_and_reads_no_name(guided: Callable[..., Run], numbers: str) -> None:
    plain, off = guided("finetune", target=numbers), guided(target=numbers, guide_weight=0)
    assert metrics(plain) == metrics(off)
    assert same_weights(plain.state.model, off.state.model)
    assert off.state.memo.keys() == plain.state.memo.keys()


def test_guidance_changes_training_from_the_second_step_on(guided: Callable[..., Run]) -> None:
    unclipped = {"clip_norm": 0.0}  # the norm is summed in another order where there is a projector
    under_names = [s.metrics["task_loss"] for s in guided(**unclipped).steps()]
    plain = losses(guided("finetune", **unclipped))
    assert under_names[:2] == plain[:2]  # the warm-up starts at 0, so the first update is that of fine-tuning
    assert under_names[2:] != plain[2:]
    assert [guide_ramp(step, 100) for step in (0, 5, 10, 99)] == [0, 0.5, 1, 1]


def test_inference_needs_neither_projector_nor_graph(guided: Callable[..., Run]) -> None:
    run = guided()
    list(run.steps())
    rows = run.target.rows("test")
    before = predict(run.state.model, run.target, rows)
    del run.state.modules["guide_projector"]
    run.state.memo.clear()
    assert torch.equal(predict(run.state.model, run.target, rows), before)
    assert not [name for name, _ in run.state.model.named_modules() if "guide" in name]


def test_controls_and_seeds_guide_differently(guided: Callable[..., Run]) -> None:
    found = {control: losses(guided(control=control)) for control in ("names", "shuffled", "random")}
    assert len({tuple(values) for values in found.values()}) == 3


def test_leakage_free_reading_is_logged_and_the_leaking_one_is_not(guided: Callable[..., Run]) -> None:
    assert "guide_accuracy" in next(guided().steps()).metrics
    assert "guide_accuracy" not in next(guided(wire="label").steps()).metrics


def test_the_first_step_says_what_the_names_are_worth(files: TinyFiles, guided: Callable[..., Run]) -> None:
    step = next(guided().steps())
    assert step.metrics["guide_classes"] == 3
    assert 0 <= step.metrics["guide_held_out_sentences"] <= 1
    assert "guide_p" not in step.metrics  # three classes are too few to test
    fruit = ("apple", "pineapple", "cherry", "blackcherry", "fig")
    step = next(guided(target=files.data(Modality.SERIES, n=75, n_classes=5, names=fruit)).steps())
    assert -1 <= step.metrics["guide_rho"] <= 1
    assert 0 < step.metrics["guide_p"] <= 1


@pytest.mark.parametrize(
    ("data", "settings", "words"),
    [
        (named(("0", "1", "2")), {}, ("3 of 3 class names", "describe")),
        (named(("class_3", "label 7")), {}, ("2 of 2 class names",)),
        (named(("cat", "7")), {}, ("1 of 2 class names",)),
        (named((), Task.REGRESSION), {}, ("regression", "choose another method")),
        (named((), Task.DENSE), {}, ("dense", "choose another method")),
        (named(FRUIT), {"descriptions": "plum: blue"}, ("'plum: blue'", "class name: description")),
        (named(FRUIT), {"keep_names": "plum"}, ("'plum'", "no class")),
    ],
)
def test_what_cannot_guide_is_refused_in_a_sentence_without_a_body(
    data: LabelledDataset, settings: dict[str, str], words: tuple[str, ...], refusal: Callable[..., str]
) -> None:
    refusal(lambda: check_given(Lsg(**settings), Given(data)), *words)


def test_too_large_a_graph_is_refused(refusal: Callable[..., str]) -> None:
    words = [f"{a}{b}" for a in "bcdfghjklmnpqrstvwxz" for b in ("aba", "ebe", "ibi", "obo", "ubu")]
    names = tuple(f"{a} {b}" for a in words for b in ("north", "south", "west", "east", "top"))
    data = dataclasses.replace(named(FRUIT), class_names=names)
    refusal(lambda: Lsg(prompts=10).read_names(data), "5000 nodes", "lower prompts")
    assert Lsg(prompts=5).read_names(data).refusal is None


def test_descriptions_give_numbers_a_meaning_and_the_user_may_vouch(guided: Callable[..., Run], numbers: str) -> None:
    with pytest.raises(SettingsError, match="3 of 3"):
        guided(target=numbers)
    described = guided(target=numbers, descriptions="0: apple | 1: banana | 2: cherry")
    assert losses(described) == losses(guided())
    assert len(losses(guided(target=numbers, keep_names="*", neighbours=1))) == STEPS


def test_classes_with_equal_names_take_no_part(files: TinyFiles) -> None:
    data = named(("apple", "banana", "Apple", "cherry", "fig"))
    model = make_model(data, load_body(files.body), seed=0)
    state = TrainState(model, 0, torch.device("cpu"))
    guide = NameGuide.learn(state, data, Lsg(encoder="lexical"))
    assert guide.classes.tolist() == [1, 3, 4]
    features = torch.randn(4, model.body.output_size)
    regression, align, metrics = guide.losses(features, torch.tensor([0, 2, 2, 0]))
    assert regression.item() == align.item() == 0
    assert metrics == {}
    mixed = guide.losses(features, torch.tensor([0, 3, 2, 1]))
    assert mixed[0].item() == pytest.approx(guide.losses(features[[1, 3]], torch.tensor([3, 1]))[0].item())


def test_vectors_of_the_users_own_that_coincide_are_refused(guided: Callable[..., Run], tmp_path: Path) -> None:
    np.save(tmp_path / "same.npy", np.ones((3, 4)))
    with pytest.raises(SettingsError, match="3 of 3"):
        losses(guided(encoder=str(tmp_path / "same.npy")))


@pytest.mark.parametrize("wire", ["none", "label"])
def test_several_labels_a_sample_are_guided_too(files: TinyFiles, wire: str) -> None:
    data = named(FRUIT, Task.MULTILABEL)
    method = Lsg(encoder="lexical", wire=wire, batch_size=8)
    state = TrainState(make_model(data, load_body(files.body)), 0, torch.device("cpu"))
    steps = list(method.steps(state, None, data, Budget(refine_steps=3)))
    assert all(np.isfinite(v) for s in steps for v in s.metrics.values())
    assert steps[-1].metrics["guide_align"] > 0


def test_two_classes_are_guided_without_any_relation_between_them(files: TinyFiles) -> None:
    data = named(("rest", "grip"))
    method = Lsg(encoder="lexical", batch_size=8)
    assert "regularisation" in method.read_names(data).note
    state = TrainState(make_model(data, load_body(files.body)), 0, torch.device("cpu"))
    assert len(list(method.steps(state, None, data, Budget(refine_steps=2)))) == 2
    assert not state.memo["guide_adjacency"][0, 1]


def test_guidance_pulls_features_to_their_names(prepared: Callable[..., Run]) -> None:
    settings = {"batch_size": 36, "learning_rate": 1e-2, "guide_align_weight": 1.0}
    run = prepared("lsg", budget={"refine_steps": 40}, **settings)
    steps = list(run.steps())
    assert steps[-1].metrics["guide_regression"] < 0.8 * steps[0].metrics["guide_regression"]
    assert steps[-1].metrics["guide_accuracy"] > steps[0].metrics["guide_accuracy"]


@pytest.fixture
def combined(prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run of another method whose refinement is guided by names."""
    budget = {"align_steps": 2, "curriculum_steps": 2, "refine_steps": 2}
    return partial(prepared, budget=budget, guidance={"encoder": "lexical"})


@pytest.mark.parametrize("method", [m for m, kind in METHODS.items() if issubclass(kind, Refinement) and m != "lsg"])
def test_every_method_that_fine_tunes_may_do_so_under_guidance(method: str, combined: Callable[..., Run]) -> None:
    steps = list(combined(method).steps())
    assert "guide_regression" in steps[-1].metrics
    assert steps[-1].stage == "refine"
    assert not any("guide_regression" in s.metrics for s in steps if s.stage != "refine")


def test_a_combination_is_resumed_bit_for_bit(combined: Callable[..., Run], tmp_path: Path) -> None:
    whole, first, second = (combined("orca") for _ in range(3))
    assert resumed(first, 3, second, tmp_path) == metrics(whole)


def test_fine_tuning_under_guidance_is_lsg(combined: Callable[..., Run], prepared: Callable[..., Run]) -> None:
    assert losses(combined("finetune")) == losses(prepared("lsg", budget={"refine_steps": 2}))


def test_guidance_that_cannot_be_is_refused_before_the_body_is_loaded(
    combined: Callable[..., Run], numbers: str, refusal: Callable[..., str]
) -> None:
    refusal(lambda: combined("simple", guidance={}), "simple", "guidance")
    refusal(lambda: combined("lsg", guidance={}), "lsg", "guidance")
    refusal(lambda: combined("orca", guidance={"colour": 1}), "guidance has no setting 'colour'")
    refusal(lambda: combined("orca", guidance={"neighbours": 99}), "neighbours is 99")
    refusal(lambda: combined("orca", target=numbers, body="nowhere", guidance={}), "names")
