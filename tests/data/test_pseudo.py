import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiny import tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.data.pseudo import describe_labels, pseudo_classified, pseudo_labels


def numbers(values, splits=None):
    values = np.asarray(values, np.float32)
    return make_dataset(
        "numbers", Modality.TABULAR, np.ones((len(values), 1)), values, (), splits=splits, task=Task.REGRESSION
    )


def test_classes_are_their_own_labels():
    data = tiny_task(Task.CLASSIFICATION)
    assert pseudo_labels(data) is data.targets
    assert pseudo_classified(data) is data
    assert describe_labels(data, data.targets) == ""


def test_three_heaps_of_numbers_are_three_classes_from_the_smallest_up():
    heap = np.arange(30) % 3
    values = np.array([50.0, -7.0, 1000.0])[heap] + np.random.default_rng(0).normal(size=30)
    assert pseudo_labels(numbers(values), k=3).tolist() == np.array([1, 0, 2])[heap].tolist()


def test_clusters_are_learned_on_training_rows():
    values = np.concatenate([np.tile([0.0, 1.0], 20), [100.0, 200.0]])
    data = numbers(values, np.repeat(["train", "val", "test"], [38, 2, 2]))
    assert pseudo_labels(data, k=2)[-4:].tolist() == [0, 1, 1, 1]


def test_a_cluster_of_one_row_joins_its_neighbour():
    values = np.concatenate([np.tile([0.0, 1.0], 20), [500.0]])
    labels = pseudo_labels(numbers(values, np.array(["train"] * 36 + ["val"] * 2 + ["test"] * 2 + ["train"])), k=3)
    assert np.bincount(labels).tolist() == [20, 21]


@pytest.mark.parametrize("task", [Task.MULTILABEL, Task.REGRESSION, Task.DENSE, Task.SEGMENTATION])
def test_other_targets_become_a_classification_data_set_of_the_same_samples(task):
    data = tiny_task(task)
    classes = pseudo_classified(data, k=4)
    assert (classes.task, classes.name) == (Task.CLASSIFICATION, data.name)
    assert 2 <= classes.n_classes <= 4
    assert np.array_equal(classes.inputs, data.inputs)
    assert np.array_equal(classes.targets, pseudo_labels(data, k=4))
    assert f"{classes.n_classes} k-means clusters of the {task} targets" in describe_labels(data, classes.targets)


def test_the_clusters_of_a_wide_field_follow_its_level_whatever_its_units():
    rng = np.random.default_rng(0)
    level = np.arange(80) % 2
    fields = (rng.normal(size=(80, 1, 16, 16)) + 5 * level[:, None, None, None]) * 1e-9
    data = make_dataset("f", Modality.FIELD, fields, fields, (), task=Task.DENSE)
    labels = pseudo_labels(data, k=2)
    assert len({(a, b) for a, b in zip(labels.tolist(), level.tolist(), strict=True)}) == 2


@pytest.mark.parametrize("size", [(2,), (30,), (3, 9)])
def test_the_clusters_of_classes_follow_which_lie_where(size):
    """Equal shares of both classes, in the first half or the last, some cells without any."""
    first = np.arange(60) % 2 == 0
    half = np.arange(size[-1]) < size[-1] // 2
    targets = np.broadcast_to((first[:, None] == half).astype(int).reshape(60, *[1] * (len(size) - 1), -1), (60, *size))
    targets = np.where(np.random.default_rng(0).random(targets.shape) < 0.1, -1, targets)
    inputs = np.zeros((60, 1, *size)) + np.arange(60).reshape(-1, 1, *[1] * len(size))
    modality = Modality.SERIES if len(size) == 1 else Modality.FIELD
    data = make_dataset("c", modality, inputs, targets, "ab", task=Task.SEGMENTATION)
    labels = pseudo_labels(data, k=2)
    agree = (labels == first).mean()
    assert max(agree, 1 - agree) > 0.8


@given(st.lists(st.integers(0, 4), min_size=8, max_size=50), st.integers(1, 12))
@settings(deadline=None, max_examples=25)
def test_labels_have_no_gaps_and_no_lonely_class(values, k):
    if len({*values[: len(values) // 2]}) < 2:
        return
    splits = np.array(["train"] * (len(values) - 2) + ["val", "test"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = np.bincount(pseudo_labels(numbers(values, splits), k=k))
    assert counts.min() >= 2 or len(counts) == 1
    assert len(counts) <= k


def test_the_seed_decides():
    data = tiny_task(Task.DENSE)
    assert np.array_equal(pseudo_labels(data, seed=3), pseudo_labels(data, seed=3))
