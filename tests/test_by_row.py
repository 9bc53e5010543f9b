"""Row values against the score that they are a mean of, and against a slope by hand: what a row weighs."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.tiny import tiny_task
from xmodal_core.by_row import RowJudge, average_precision_by_row
from xmodal_core.data.dataset import Task
from xmodal_core.evaluation import average_precision, score_outputs


@pytest.mark.parametrize("task", list(Task))
def test_the_mean_over_rows_is_the_score_whatever_the_batches(task: Task) -> None:
    data = tiny_task(task)
    rows = data.rows("test")
    shape = (len(rows), data.n_outputs, *(data.targets.shape[1:] if task in (Task.DENSE, Task.SEGMENTATION) else ()))
    if task is Task.DENSE:
        shape = (len(rows), *data.targets.shape[1:])
    outputs = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    judge = RowJudge(data)
    for part in (slice(0, 5), slice(5, None)):
        judge.add(rows[part], outputs[part])
    seen, values = judge.values()
    assert seen.tolist() == rows.tolist()
    assert values.mean() == pytest.approx(score_outputs(outputs, data, rows).score, abs=1e-9)


def slope(score: Callable[[np.ndarray], float], n: int, i: int) -> float:
    """n times the derivative of a score of weighted rows by the weight of row i, where all weigh 1."""
    weights = np.ones((2, n))
    weights[:, i] += (1e-5, -1e-5)
    return n * (score(weights[0]) - score(weights[1])) / 2e-5


def weighted_precision(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> float:
    total = 0.0
    for i in np.flatnonzero(positive):
        before = scores >= scores[i]
        total += weights[i] * (weights * positive)[before].sum() / weights[before].sum()
    return total / weights[positive].sum()


def test_average_precision_moves_with_the_weight_of_a_row_as_its_value_says() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 6, 20).astype(float), rng.random(20) < 0.4  # many equal scores
    values = average_precision_by_row(scores, positive)
    ap = average_precision(scores, positive)
    assert values.mean() == pytest.approx(ap)
    for i in range(20):
        moved = slope(lambda w: weighted_precision(scores, positive, w), 20, i)
        assert values[i] - ap == pytest.approx(moved, abs=1e-6)


def test_r2_moves_with_the_weight_of_a_row_as_its_value_says() -> None:
    data = tiny_task(Task.REGRESSION)
    rows = data.rows("test")
    outputs = torch.randn((len(rows), data.n_outputs), generator=torch.Generator().manual_seed(0))
    judge = RowJudge(data)
    judge.add(rows, outputs)
    _, values = judge.values()
    said, wanted = data.target_scale.undo(outputs.numpy().astype(np.float64)), data.targets[rows]

    def r2(weights: np.ndarray) -> float:
        w = weights[:, None]
        middle = (w * wanted).sum(axis=0) / w.sum()
        return float((1 - (w * (said - wanted) ** 2).sum(axis=0) / (w * (wanted - middle) ** 2).sum(axis=0)).mean())

    for i in (0, 3, 7):
        assert values[i] - values.mean() == pytest.approx(slope(r2, len(rows), i), rel=1e-4)


def test_right_rows_are_ones_and_wrong_ones_zeros() -> None:
    data = tiny_task(Task.CLASSIFICATION)
    rows = data.rows("test")[:3]
    outputs = torch.zeros((3, data.n_outputs))
    outputs[torch.arange(3), torch.from_numpy(data.targets[rows])] = torch.tensor([1.0, -1.0, 1.0])
    judge = RowJudge(data)
    judge.add(rows, outputs)
    assert judge.values()[1].tolist() == [1, 0, 1]
