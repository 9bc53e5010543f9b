"""The simple baseline learns on every modality and task, and goes on bit for bit although trees are not stored."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.methods.resuming import gone_on, leaving_checkpoints
from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.errors import ModelError, SettingsError
from xmodal_core.methods.base import Budget, TrainState, draw_rows
from xmodal_core.methods.simple import Simple
from xmodal_core.model.boosting import RATES, BoostedTrees
from xmodal_core.model.simple import OneHotTable, SequenceCounts, SideBySide
from xmodal_core.runs.run import Run
from xmodal_core.runs.spec import RunSpec


def tabular(task: Task, n: int = 60) -> LabelledDataset:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(n, 3)).astype(np.float32)
    inputs[:, 2] = rng.integers(0, 4, n)
    numbers = np.stack([inputs[:, 0] + (inputs[:, 2] == 2), 10 * inputs[:, 1]], axis=1)
    if task is Task.REGRESSION:
        return make_dataset("numbers", Modality.TABULAR, inputs, numbers, (), category_counts=(0, 0, 4), task=task)
    labels = np.concatenate([numbers > 0, np.ones((n, 1))], axis=1)  # the third label is always there
    return make_dataset("labels", Modality.TABULAR, inputs, labels, "abc", category_counts=(0, 0, 4), task=task)


def dense(modality: Modality) -> LabelledDataset:
    rng = np.random.default_rng(0)
    if modality is Modality.SEQUENCE:
        codes = rng.integers(0, 4, (40, 12))
        return make_dataset("dense", modality, codes, (codes == 2)[:, None] * 1.0, (), task=Task.DENSE)
    inputs = rng.normal(size=(40, 2, 9, 7) if modality is Modality.FIELD else (40, 2, 300)).astype(np.float32)
    return make_dataset("dense", modality, inputs, 5 + inputs[:, :1], (), task=Task.DENSE)


def segmented(modality: Modality) -> LabelledDataset:
    """Letters: whether the one before was the same, a class that none has at the first place; cells: whether high."""
    data = dense(modality)
    if modality is Modality.SEQUENCE:
        same = np.diff(data.inputs, axis=1, prepend=-1) == 0
        classes = np.where(np.arange(same.shape[1]) > 0, same, -1)
        return make_dataset("segmented", modality, data.inputs, classes, ("other", "same"), task=Task.SEGMENTATION)
    classes = (data.inputs[:, 0] > 0).astype(int) + (data.inputs[:, 1] > 1)
    return make_dataset("segmented", modality, data.inputs, classes, ("a", "b", "c"), task=Task.SEGMENTATION)


TARGETS = {
    "table of classes": lambda: tiny_dataset(Modality.TABULAR),
    "table of labels": lambda: tabular(Task.MULTILABEL),
    "table of numbers": lambda: tabular(Task.REGRESSION),
    "image": lambda: tiny_dataset(Modality.IMAGE),
    "series": lambda: tiny_dataset(Modality.SERIES),
    "sequence": lambda: tiny_dataset(Modality.SEQUENCE),
    "text": lambda: tiny_dataset(Modality.TEXT),
    "dense field": lambda: dense(Modality.FIELD),
    "dense series": lambda: dense(Modality.SERIES),
    "dense sequence": lambda: dense(Modality.SEQUENCE),
    "segmented field": lambda: segmented(Modality.FIELD),
    "segmented series": lambda: segmented(Modality.SERIES),
    "segmented sequence": lambda: segmented(Modality.SEQUENCE),
}


def simple(target: LabelledDataset, steps: int = 3, **settings: object) -> Run:
    """A run on data that have no file."""
    method = Simple(**{"batch_size": 8, **settings})  # type: ignore[arg-type]
    state = TrainState(method.build(target, "none", 0), 0, torch.device("cpu"))
    plan = {"refine_steps": steps}
    return Run(RunSpec("simple", "t", "b", budget=plan), method, Budget(**plan), state, None, target)


@pytest.mark.parametrize("kind", TARGETS)
def test_it_learns_and_a_checkpoint_of_any_step_gives_the_same_numbers(kind: str, tmp_path: Path) -> None:
    target, n_steps = TARGETS[kind](), 6
    whole = simple(target, n_steps)
    expected, checkpoints = leaving_checkpoints(whole, tmp_path)
    result = whole.result(0.0).test
    assert expected[-1]["loss"] < expected[0]["loss"]
    for cut in (2, n_steps):
        second = simple(target, n_steps)
        assert gone_on(second, checkpoints[cut]) == expected[cut:]
        assert second.result(0.0).test == result


@pytest.mark.parametrize("modality", [Modality.FIELD, Modality.SEQUENCE])
def test_classes_of_cells_are_named_better_than_by_the_majority_after_few_steps(modality: Modality) -> None:
    run = simple(segmented(modality), 60)
    list(run.steps())
    test = run.result(0.0).test
    assert test.majority_accuracy is not None
    assert test.score > test.majority_accuracy + 0.1


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES, Modality.TEXT, Modality.SEQUENCE])
def test_classes_that_are_apart_are_nearly_all_named_right(modality: Modality) -> None:
    run = simple(tiny_dataset(modality, n=90), 40)
    list(run.steps())
    assert run.result(0.0).test.score >= 0.9


@pytest.mark.parametrize(
    ("kind", "settings", "samples"),
    [
        ("image", {}, 8),
        ("sequence", {}, 36),  # batches of 512 of 36 training rows
        ("sequence", {"linear_batch_size": 20}, 20),
        ("sequence", Simple.at_equal_samples, 32),
        ("sequence", {"linear_batch_size": 2}, 8),
        ("table of classes", {}, 36),  # every row in each round
    ],
)
def test_a_step_reads_as_many_labels_as_it_says(
    kind: str, settings: dict[str, int], samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counted(*arguments: int) -> torch.Tensor:
        rows = draw_rows(*arguments)
        read.append(len(rows))
        return rows

    monkeypatch.setattr("xmodal_core.methods.simple.draw_rows", counted)
    run = simple(TARGETS[kind](), 3, **settings)
    assert run.method.samples_per_step(run.target) == samples
    list(run.steps())
    assert read in ([samples] * 3, [])  # boosting draws none
    assert run.result(0.0).label_samples == 3 * samples


def test_trees_learn_a_checkerboard_that_no_linear_model_can() -> None:
    inputs = np.random.default_rng(0).uniform(-1, 1, (600, 3))
    board = make_dataset("board", Modality.TABULAR, inputs, (inputs[:, 0] > 0) ^ (inputs[:, 1] > 0), "ab")
    trees, linear = simple(board, 30), simple(board, 30, estimator="linear")
    list(trees.steps()), list(linear.steps())
    assert trees.result(0.0).test.score >= 0.95
    assert linear.result(0.0).test.score <= 0.65


def test_before_the_first_round_trees_say_the_frequencies() -> None:
    target = tiny_dataset(Modality.TABULAR, n=60, n_classes=3)
    logits = simple(target).state.model(torch.from_numpy(target.inputs[:2]))
    counts = np.bincount(target.targets[target.rows("train")]) + 0.5
    torch.testing.assert_close(logits[1].exp(), torch.from_numpy(counts / counts.sum()).float())
    numbers = tabular(Task.REGRESSION)  # in standard units the mean is 0
    outputs = simple(numbers).state.model(torch.from_numpy(numbers.inputs[:2]))
    torch.testing.assert_close(outputs, torch.zeros(2, 2), atol=1e-6, rtol=0)


def test_trees_of_the_first_rounds_do_not_depend_on_those_that_follow() -> None:
    target = tiny_dataset(Modality.TABULAR)
    few, many = (BoostedTrees(target, target.targets[target.rows("train")], 0) for _ in range(2))
    first = list(few.staged(target.inputs, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, many.staged(target.inputs, 9), strict=False))
    assert len(first) == 4


def test_a_class_without_training_rows_gets_the_least_logit() -> None:
    target = tiny_dataset(Modality.TABULAR)
    splits = np.where(target.targets == 2, "test", np.where(np.arange(60) % 5 == 0, "val", "train"))
    target = make_dataset("absent", Modality.TABULAR, target.inputs, target.targets, target.class_names, splits=splits)
    run = simple(target, 5)
    list(run.steps())
    logits = run.state.model(torch.from_numpy(target.inputs))
    assert torch.isfinite(logits).all()
    assert (logits.argmax(dim=1) != 2).all()


@pytest.mark.parametrize("kind", ["table of classes", "series"])
def test_the_validation_rows_choose_the_candidate(kind: str) -> None:
    target = TARGETS[kind]()
    run = simple(target, 5)
    last = list(run.steps())[-1].metrics
    readings = []
    for candidate in range(len(RATES)):
        run.state.model.predictor.chosen.fill_(candidate)
        readings.append(run.result(0.0).validation)
    best = max(readings, key=lambda r: (r.score, -r.loss))
    assert (last["validation_score"], last["validation_loss"]) == (best.score, best.loss)


def test_candidates_side_by_side_learn_as_if_alone() -> None:
    target = tiny_dataset(Modality.SERIES)
    together, alone = simple(target), simple(target)
    bank = alone.state.model.predictor
    assert isinstance(bank, SideBySide)
    alone.state.model.predictor = SideBySide([bank.candidates[2]], [bank.rates[2]], [None])
    list(together.steps()), list(alone.steps())
    pairs = zip(
        together.state.model.predictor.candidates[2].parameters(), alone.state.model.predictor.parameters(), strict=True
    )
    for a, b in pairs:
        torch.testing.assert_close(a, b)


def test_grams_are_counted_by_hand() -> None:
    codes = np.array([[0, 1, 1]] * 10 + [[1, 0, 1]] * 10)
    target = make_dataset("codes", Modality.SEQUENCE, codes, np.arange(20) % 2, "ab")
    counter = SequenceCounts(target)
    counts = counter._counts(torch.tensor([[0, 1, 1], [1, 1, 9]]))  # 9 is no code of the training rows
    places, single, pairs, triples = counts.split([6, 2, 4, 8], dim=1)
    assert places.tolist() == [[1, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0]]  # (code 0 at places 1, 2, 3; code 1 at them)
    assert single.tolist() == [[1, 2], [0, 2]]
    assert pairs.tolist() == [[0, 0, 1, 1], [0, 0, 0, 1]]  # 00, 10, 01, 11
    assert triples.sum(dim=1).tolist() == [1, 0]
    assert triples[0, 0 + 2 * 1 + 4 * 1] == 1


def test_a_category_is_a_column_of_a_linear_table() -> None:
    target = tabular(Task.REGRESSION)
    embedder = OneHotTable(target)
    seen = embedder(torch.from_numpy(target.inputs[:5]))
    assert seen.shape == (5, embedder.width) == (5, 6)
    assert seen[:, 2:].argmax(dim=1).tolist() == target.inputs[:5, 2].tolist()
    run = simple(target, 3, estimator="linear")
    assert np.isfinite([s.metrics["loss"] for s in run.steps()]).all()


def test_it_has_no_body_and_says_so() -> None:
    with pytest.raises(ModelError, match="no pretrained body"):
        _ = simple(tiny_dataset(Modality.TABULAR)).state.model.body


@pytest.mark.parametrize(
    ("estimator", "target"),
    [("boosting", "image"), ("cnn", "text"), ("linear", "dense field"), ("cnn", "table of numbers")],
)
def test_a_kind_that_does_not_take_the_target_is_refused(estimator: str, target: str) -> None:
    with pytest.raises(SettingsError, match=f"estimator is {estimator}"):
        simple(TARGETS[target](), estimator=estimator)


def test_without_words_there_is_nothing_to_count() -> None:
    texts = np.array([" "] * 20)
    with pytest.raises(ModelError, match="empty training texts"):
        simple(make_dataset("blank", Modality.TEXT, texts, np.arange(20) % 2, "ab"))
