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
