"""Scores of every task on a whole split, against numbers worked out by hand and by scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, r2_score

from tests.tiny import TinyFiles, tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.evaluation import (
    average_precision,
    evaluate,
    predict,
    sampled_rows,
    score_outputs,
    target_tensor,
    task_loss,
)
from xmodal_core.model.crossmodal import load_body, make_model

METRICS = {
    Task.CLASSIFICATION: ("accuracy", {"accuracy", "balanced_accuracy"}),
    Task.MULTILABEL: ("mean average precision", {"mean_average_precision", "macro_f1"}),
    Task.REGRESSION: ("R^2", {"r2", "rmse"}),
    Task.DENSE: ("minus relative L2 error", {"relative_l2"}),
    Task.SEGMENTATION: ("accuracy over cells", {"accuracy", "macro_f1", "majority_accuracy"}),
}


def table(targets, task, names=()):
    return make_dataset("t", Modality.TABULAR, np.ones((len(targets), 1)), targets, names, task=task)


@pytest.mark.parametrize("task", Task)
def test_every_task_reports_its_own_metrics_and_nothing_else(task: Task, files: TinyFiles) -> None:
    data = tiny_task(task)
    model = make_model(data, load_body(files.body))
    result = evaluate(model, data, "test")
    assert result is not None
    name, own = METRICS[task]
    assert result.score_name == name
    assert set(result.to_json()) == {"score", "score_name", "loss", "n"} | own
    assert (result.n, len(predict(model, data, data.rows("test")))) == (12, 12)
    loss = task_loss(data)(predict(model, data, data.rows("test")), target_tensor(data, data.rows("test")))
    assert result.loss == pytest.approx(float(loss))


def test_an_empty_split_has_no_evaluation(files: TinyFiles) -> None:
    values = np.arange(4) / 2
    splits = np.array(["train", "train", "test", "test"])  # too few to give up any
    data = make_dataset("t", Modality.TABULAR, np.ones((4, 2)), values, (), splits=splits, task=Task.REGRESSION)
    assert not len(data.rows("val"))
    assert evaluate(make_model(data, load_body(files.body)), data, "val") is None


@pytest.mark.parametrize("task", [Task.MULTILABEL, Task.REGRESSION, Task.DENSE])
def test_perfect_outputs_have_the_best_score_and_almost_no_loss(task: Task) -> None:
    data = tiny_task(task)
    rows = data.rows("test")
    outputs = target_tensor(data, rows)
    if task is Task.MULTILABEL:
        outputs = 40 * outputs - 20
    result = score_outputs(outputs, data, rows)
    assert result.score == pytest.approx(0 if task is Task.DENSE else 1, abs=1e-5)
    assert result.loss < 1e-6


def test_the_training_mean_has_no_r2_and_the_spread_of_the_target_as_error() -> None:
    """Targets 10 and 30 in equal parts, predicted as 20: R^2 = 0, RMSE = 10, and a loss of 1 in standard units."""
    data = table(np.tile([10.0, 30.0], 20), Task.REGRESSION)
    rows = np.arange(40)
    result = score_outputs(torch.zeros(40, 1), data, rows)
    assert result.r2 == pytest.approx(0, abs=1e-6)
    assert (result.rmse, result.loss) == (pytest.approx(10), pytest.approx(1))
    shifted = score_outputs(torch.full((40, 1), 0.5), data, rows)  # 5 units too high everywhere
    assert shifted.r2 == pytest.approx(-0.25)
    assert shifted.rmse == pytest.approx(np.sqrt(125))


def test_r2_is_the_mean_over_outputs_as_elsewhere() -> None:
    rng = np.random.default_rng(0)
    data = table(rng.normal(size=(60, 3)) * [1, 100, 1e-3], Task.REGRESSION)
    rows, outputs = np.arange(60), rng.normal(size=(60, 3)).astype(np.float32)
    expected = r2_score(data.targets, data.target_scale.undo(outputs))
    assert score_outputs(torch.from_numpy(outputs), data, rows).r2 == pytest.approx(expected, rel=1e-4)


def test_an_output_that_does_not_vary_in_the_split_scores_nothing_and_stays_finite() -> None:
    data = table(np.concatenate([np.arange(20) / 2, [3.0] * 20]), Task.REGRESSION)
    constant = np.arange(20, 40)
    assert score_outputs(torch.zeros(20, 1), data, constant).r2 == 0


def test_the_relative_error_is_a_mean_of_quotients_in_target_units() -> None:
    """Fields of norm 2 and 20 predicted as nothing and as double: errors of 1 each; half of each: 1/2 each."""
    fields = np.ones((20, 1, 2, 2)) * np.where(np.arange(20) % 2, 1.0, 10.0)[:, None, None, None]
    data = make_dataset("f", Modality.FIELD, fields, fields, (), task=Task.DENSE)
    rows = np.arange(20)

    def error(predicted):
        outputs = data.target_scale.apply(predicted.astype(np.float32))
        return score_outputs(torch.from_numpy(outputs), data, rows)

    assert error(0 * fields).relative_l2 == pytest.approx(1, rel=1e-5)
    assert error(2 * fields).relative_l2 == pytest.approx(1, rel=1e-5)
    assert error(fields / 2).score == pytest.approx(-0.5, rel=1e-5)
    assert error(fields + 1).relative_l2 == pytest.approx((1 + 0.1) / 2, rel=1e-5)


def residues(targets, n_classes=3):
    """Sequences of four places; the first half of the rows is for training, the rest for the test."""
    targets, splits = np.asarray(targets), np.repeat(["train", "val", "test"], [4, 1, 3])
    codes = np.arange(targets.size).reshape(targets.shape) % 5
    names = "abcdef"[:n_classes]
    return make_dataset("s", Modality.SEQUENCE, codes, targets, names, splits=splits, task=Task.SEGMENTATION)


def logits_of(classes, n_classes=3, sure=1.0):
    """Outputs (n, K, t) that name these classes."""
    return sure * torch.nn.functional.one_hot(torch.as_tensor(classes), n_classes).float().movedim(-1, 1)


ROWS = [[0, 0, 0, 1], [0, 0, 2, 1], [0, 1, 1, 2], [0, 1, 1, -1], [0, 1, 2, 0]]  # to train and validate on
ASKED = [[0, 1, 1, -1], [1, 1, -1, -1], [0, -1, -1, -1]]


def test_cells_are_scored_one_by_one_and_those_without_a_class_not_at_all() -> None:
    """Six cells have a class: 0 1 1 1 1 0, named 0 1 1 0 1 1: 4 of 6 right.

    F1 of class 0 is 2 * 1 / (2 + 2) = 1/2, that of class 1 is 2 * 3 / (4 + 4) = 3/4; class 2 does not occur. Class 0
    has most training cells, 7 of 15, and 2 of the 6 that are asked for.
    """
    data = residues([*ROWS, *ASKED])
    named = [[0, 1, 1, 2], [0, 1, 2, 0], [1, 2, 2, 2]]
    result = score_outputs(logits_of(named), data, np.array([5, 6, 7]))
    assert result.score == result.accuracy == pytest.approx(4 / 6)
    assert result.macro_f1 == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert result.majority_accuracy == pytest.approx(2 / 6)
    assert result.n == 3


def test_accuracy_and_macro_f1_of_cells_are_those_of_scikit_learn_where_every_class_occurs() -> None:
    rng = np.random.default_rng(0)
    data = residues(np.concatenate([ROWS, rng.permuted(np.tile([0, 1, 2, 2], (3, 1)), axis=1)]))
    logits = torch.from_numpy(rng.normal(size=(3, 3, 4)).astype(np.float32))
    result = score_outputs(logits, data, np.array([5, 6, 7]))
    truth, named = data.targets[5:].ravel(), logits.argmax(dim=1).numpy().ravel()
    assert result.accuracy == pytest.approx((truth == named).mean())
    assert result.macro_f1 == pytest.approx(f1_score(truth, named, average="macro"))


def test_the_loss_of_cells_is_their_mean_in_a_report_and_a_mean_over_rows_in_training() -> None:
    """Nothing is known of three classes: ln 3 in each cell. Training rows have 15 / 4 cells with a class."""
    data = residues([*ROWS, *ASKED])
    asked = np.array([5, 6, 7])
    assert score_outputs(torch.zeros(3, 3, 4), data, asked).loss == pytest.approx(np.log(3))
    train, loss_of = np.arange(4), task_loss(data)
    assert float(loss_of(torch.zeros(4, 3, 4), target_tensor(data, train))) == pytest.approx(np.log(3), rel=1e-6)
    logits = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 3, 4)).astype(np.float32))
    whole = loss_of(logits, target_tensor(data, train))
    parts = [loss_of(logits[part], target_tensor(data, part)) for part in (train[:1], train[1:])]
    assert float(whole) == pytest.approx(float(parts[0] + 3 * parts[1]) / 4, rel=1e-6)


def test_rows_without_any_class_in_their_cells_cost_nothing_and_stay_finite() -> None:
    data = residues([*ROWS, *ASKED[:2], [-1] * 4])
    result = score_outputs(torch.zeros(1, 3, 4), data, np.array([7]))
    assert (result.score, result.macro_f1, result.loss) == (0, 0, 0)
    logits = torch.zeros(1, 3, 4, requires_grad=True)
    task_loss(data)(logits, target_tensor(data, np.array([7]))).backward()
    assert logits.grad is not None
    assert not logits.grad.any()


def test_a_field_of_zeros_does_not_divide_by_zero() -> None:
    fields = np.ones((20, 1, 2, 2))
    fields[0] = 0
    data = make_dataset("f", Modality.FIELD, fields, fields, (), task=Task.DENSE)
    assert np.isfinite(score_outputs(target_tensor(data, np.arange(20)) + 0.1, data, np.arange(20)).score)


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=25))
@settings(deadline=None, max_examples=60)
def test_average_precision_is_that_of_scikit_learn_with_ties_too(pairs) -> None:
    scores, positive = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs])
    if positive.any():
        assert average_precision(scores, positive) == pytest.approx(average_precision_score(positive, scores))


def test_average_precision_by_hand() -> None:
    """Positives at ranks 1 and 3: (1 + 2/3) / 2."""
    assert average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])) == pytest.approx(5 / 6)


def test_macro_scores_leave_out_labels_that_do_not_occur_in_the_split() -> None:
    rng = np.random.default_rng(0)
    targets = (rng.random((50, 4)) < 0.4).astype(int)
    targets[:40, 3] = 0
    targets[45, 3] = 1
    data = table(targets, Task.MULTILABEL, "abcd")
    rows, logits = np.arange(40), rng.normal(size=(40, 4)).astype(np.float32)
    result = score_outputs(torch.from_numpy(logits), data, rows)
    kept = slice(0, 3)
    assert result.macro_f1 == pytest.approx(f1_score(targets[:40, kept], logits[:, kept] > 0, average="macro"))
    assert result.score == pytest.approx(average_precision_score(targets[:40, kept], logits[:, kept], average="macro"))


def test_rows_without_any_label_score_nothing() -> None:
    targets = np.eye(20)[:, :2]
    data = table(targets, Task.MULTILABEL, "ab")
    result = score_outputs(torch.zeros(10, 2), data, np.arange(10, 20))
    assert (result.score, result.macro_f1) == (0, 0)
    assert result.loss == pytest.approx(np.log(2))


def test_a_sample_of_a_split_is_the_same_each_time_and_never_more_than_the_split():
    data = tiny_task(Task.CLASSIFICATION)
    few, again, all_rows = (sampled_rows(data, "val", n) for n in (5, 5, 1000))
    assert np.array_equal(few, again)
    assert len(few) == 5
    assert set(few) < set(all_rows)
    assert np.array_equal(all_rows, data.rows("val"))
