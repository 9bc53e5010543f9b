import re
from importlib.metadata import metadata

import numpy as np
import pytest

from xmodal_core.data.dataset import Modality
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.targets import Task

TRAIN_AND_TEST = {"basic_motions": (40, 40), "gun_point": (50, 150), "italy_power_demand": (67, 1029)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_facts_stated_of_an_example_are_true(name):
    example, data = EXAMPLES[name], EXAMPLES[name].load()
    assert example.name == data.name == name
    assert example.modality is data.modality
    assert (example.n, example.n_classes) == (len(data), data.n_classes)
    assert data.task is not Task.CLASSIFICATION or data.n_classes == len(np.unique(data.targets))
    assert example.licence
    assert example.origin


@pytest.mark.parametrize("name", EXAMPLES)
def test_loading_twice_gives_the_same_data(name):
    assert EXAMPLES[name].load().content_hash == EXAMPLES[name].load().content_hash


def test_digits_are_images_in_the_unit_range():
    data = EXAMPLES["digits"].load()
    assert data.inputs.shape == (1797, 1, 8, 8)
    assert (data.inputs.min(), data.inputs.max()) == (0.0, 1.0)


@pytest.mark.parametrize(("name", "sizes"), TRAIN_AND_TEST.items())
def test_series_keep_the_split_of_their_archive(name, sizes):
    data = EXAMPLES[name].load()
    assert data.modality is Modality.SERIES
    assert (len(data.rows("train", "val")), len(data.rows("test"))) == sizes


def test_a_watch_that_samples_every_tenth_of_a_second_has_ten_hertz():
    assert EXAMPLES["basic_motions"].load().sampling_rate_hz == 10.0


def test_scikit_learn_itself_names_uci_as_the_origin_and_the_sizes():
    from sklearn import datasets

    for name, described in (("digits", "1797"), ("wine", "178"), ("breast_cancer", "569")):
        text = getattr(datasets, f"load_{name}")().DESCR
        assert "UCI" in text
        assert re.search(rf"Number of Instances:\s*{described}\b", text)
        assert "UCI" in EXAMPLES[name].licence


def test_aeon_carries_the_licence_that_is_stated_for_it():
    stated = metadata("aeon")["License"] or ""
    assert "BSD 3-Clause" in stated or "BSD-3-Clause" in (metadata("aeon")["License-Expression"] or "")
    for name in TRAIN_AND_TEST:
        assert "aeon (BSD-3-Clause)" in EXAMPLES[name].licence
        assert "No licence stated" in EXAMPLES[name].licence


def test_basic_motions_equals_the_copy_in_the_real_data(shared_data):
    data = EXAMPLES["basic_motions"].load()
    with np.load(shared_data / "uea_basicmotions.npz", allow_pickle=False) as arrays:
        np.testing.assert_allclose(np.sort(data.inputs, axis=0), np.sort(arrays["X"], axis=0), rtol=1e-5)
