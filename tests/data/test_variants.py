"""Fewer training rows, and training labels dealt out at random."""

import numpy as np
import pytest

from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.data.variants import with_shuffled_labels, with_train_rows


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return make_dataset("d", Modality.TABULAR, rng.normal(size=(200, 3)), np.arange(200) % 4, list("abcd"))


def test_fewer_training_rows_keep_classes_in_proportion_and_every_other_row(data):
    fewer = with_train_rows(data, 40, seed=1)
    assert np.bincount(fewer.targets[fewer.rows("train")]).tolist() == [10, 10, 10, 10]
    for split in ("val", "test"):
        assert np.array_equal(fewer.uid[fewer.rows(split)], data.uid[data.rows(split)])
    assert set(fewer.uid) < set(data.uid)
    assert fewer.content_hash != data.content_hash


def test_other_seeds_keep_other_rows_and_the_same_seed_the_same(data):
    kept = [set(with_train_rows(data, 40, seed).uid) for seed in (1, 1, 2)]
    assert kept[0] == kept[1] != kept[2]


def test_more_rows_than_there_are_is_refused(data, refusal):
    n = len(data.rows("train"))
    refusal(lambda: with_train_rows(data, n + 1, 0), "train_rows", str(n + 1), str(n))


def test_shuffling_moves_training_labels_only_and_loses_none(data):
    dealt = with_shuffled_labels(data, seed=0)
    train, rest = data.rows("train"), data.rows("val", "test")
    assert np.array_equal(dealt.targets[rest], data.targets[rest])
    assert sorted(dealt.targets[train]) == sorted(data.targets[train])
    agreement = (dealt.targets[train] == data.targets[train]).mean()
    assert agreement < 0.5  # chance is a quarter
    assert dealt.inputs is data.inputs
