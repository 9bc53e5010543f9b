"""The two losses that ORCA trains fields and rare labels on, worked out by hand."""

import numpy as np
import pytest
import torch

from tests.tiny import tiny_task
from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.evaluation import score_outputs, target_tensor, task_loss
from xmodal_core.losses import BALANCED, relative_l2, weighted_labels


def fields(values: np.ndarray) -> LabelledDataset:
    """Training rows (n, 1, 2, 2), and two rows that no loss is made from."""
    values = np.asarray([*values, *values[:2]], np.float32)
    return make_dataset("f", Modality.FIELD, values, values, (), splits=_splits(len(values)), task=Task.DENSE)


def labels(targets: np.ndarray) -> LabelledDataset:
    """Training rows (n, K), and two rows that no loss is made from."""
    targets = np.concatenate([targets, np.ones_like(targets[:2])])
    names, inputs = [f"label {i}" for i in range(targets.shape[1])], np.ones((len(targets), 1))
    return make_dataset(
        "l", Modality.TABULAR, inputs, targets, names, splits=_splits(len(targets)), task=Task.MULTILABEL
    )


def _splits(n: int) -> np.ndarray:
    return np.array([*["train"] * (n - 2), "val", "test"])


def standard(data: LabelledDataset, values: np.ndarray) -> torch.Tensor:
    """What a model that says these values, in target units, gives."""
    return torch.from_numpy(data.target_scale.apply(values).astype(np.float32))


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e20])
def test_a_tenth_too_much_everywhere_is_an_error_of_a_tenth_whatever_the_unit(unit: float) -> None:
    rng = np.random.default_rng(0)
    data = fields((rng.normal(size=(8, 1, 2, 2)) + 5) * unit)
    found = relative_l2(data)(standard(data, 1.1 * data.targets), target_tensor(data, np.arange(10)))
    assert float(found) == pytest.approx(0.1, rel=1e-4)


def test_it_is_the_error_that_fields_are_scored_by_and_a_mean_over_rows() -> None:
    data = tiny_task(Task.DENSE, Modality.FIELD)
    rows = data.rows("test")
    outputs, targets = torch.randn(len(rows), *data.targets.shape[1:]), target_tensor(data, rows)
    loss = task_loss(data, "relative_l2")
    assert float(loss(outputs, targets)) == pytest.approx(score_outputs(outputs, data, rows).relative_l2, rel=1e-4)
    parts = float(3 * loss(outputs[:3], targets[:3]) + (len(rows) - 3) * loss(outputs[3:], targets[3:])) / len(rows)
    assert parts == pytest.approx(float(loss(outputs, targets)), rel=1e-5)


def test_a_field_of_nothing_is_divided_by_a_hundredth_of_the_usual_norm() -> None:
    data = fields(np.stack([np.full((1, 2, 2), value) for value in (0.0, 3.0, 3.0, 3.0)]))
    typical = np.sqrt(3 * 4 * 9 / 4)  # root of the mean squared norm: three of four have |t|^2 = 36
    said = data.targets.copy()
    said[0] = 0.5  # |error| = 1
    found = relative_l2(data)(standard(data, said)[:1], target_tensor(data, np.arange(1)))
    assert float(found) == pytest.approx(1 / (0.01 * typical), rel=1e-5)
    right = standard(data, data.targets).requires_grad_()
    relative_l2(data)(right, target_tensor(data, np.arange(6))).backward()
    assert torch.isfinite(right.grad).all()  # an exact answer leaves no number behind that is none


def test_a_positive_counts_as_often_as_is_said() -> None:
    data = labels(np.array([[1, 0], [0, 1], [0, 0], [0, 1]]))
    found = weighted_labels(data, 4.0)(torch.zeros(4, 2), target_tensor(data, np.arange(4)))
    assert float(found) == pytest.approx(np.log(2) * (3 * 4 + 5) / 8)  # three positives, five negatives
    usual = task_loss(data)(torch.zeros(4, 2), target_tensor(data, np.arange(4)))
    assert float(usual) == pytest.approx(np.log(2))


def test_balanced_labels_weigh_their_positives_as_much_as_their_negatives() -> None:
    rare = np.zeros((400, 3), np.int64)
    rare[:100, 0] = 1  # 3 negatives a positive
    rare[:1, 1] = 1  # 399, of which 100 are counted; the last label has none
    data = labels(rare)
    targets = target_tensor(data, np.arange(400))
    per_label = [
        float(weighted_labels(data, BALANCED)(_logits(column), targets)) for column in range(3)
    ]  # a logit that is wrong about every positive of one label, and sure of everything else
    assert per_label == pytest.approx([30 * 3 * 100 / 1200, 30 * 100 / 1200, 0], abs=1e-6)


def _logits(column: int) -> torch.Tensor:
    rare = np.zeros((400, 3))
    rare[:100, 0] = rare[:1, 1] = 1
    logits = torch.from_numpy(np.where(rare == 1, 30.0, -30.0).astype(np.float32))
    logits[:, column] = -30.0
    return logits
