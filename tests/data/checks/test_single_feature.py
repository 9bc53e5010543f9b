import numpy as np

from xmodal_core.data.checks.single_feature import correlations, learned_alone
from xmodal_core.data.dataset import Modality, Task, make_dataset


def table(inputs, targets, task=Task.CLASSIFICATION):
    names = [] if task is Task.REGRESSION else [f"c{i}" for i in range(int(np.max(targets)) + 1)]
    return make_dataset("t", Modality.TABULAR, np.asarray(inputs, float), np.asarray(targets), names, task=task)


def test_a_copy_tells_all_and_a_constant_the_most_frequent_class():
    kinds = np.array([0] * 60 + [1] * 40)
    told = learned_alone(table(np.column_stack([kinds, np.ones(100)]), kinds))
    assert told == {0: 1.0, 1: 0.6}


def test_correlation_is_one_of_a_copy_and_none_of_a_constant():
    target = np.linspace(-1, 1, 50)
    found = correlations(table(np.column_stack([-3 * target, np.ones(50), target**2]), target, Task.REGRESSION))
    np.testing.assert_allclose(found, [1, 0, 0], atol=1e-6)
