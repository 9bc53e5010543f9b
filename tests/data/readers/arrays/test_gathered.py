import numpy as np
import pytest

from xmodal_core.data.readers.arrays.gathered import gather
from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError


def held(**arrays: np.ndarray) -> Held:
    """A file with these arrays, __ for a slash."""
    entries = [
        Entry(name.replace("__", "/"), one.shape, one.dtype, lambda one=one: one) for name, one in arrays.items()
    ]
    return Held("HDF5", entries)


def test_numbered_folders_are_put_together_in_the_order_of_their_numbers():
    file = held(
        **{f"s{i}__x": np.full(3, i) for i in (10, 2, 1, 9)}, **{f"s{i}__y": np.array(i) for i in (9, 10, 1, 2)}
    )
    assert gather("d", file) == ["4 numbered folders put together, one a sample"]
    assert [(one.name, one.shape) for one in file.entries] == [("x", (4, 3)), ("y", (4,))]
    assert file.entries[1].load().tolist() == [1, 2, 9, 10]
    assert file.entries[0].load()[:, 0].tolist() == [1, 2, 9, 10]


@pytest.mark.parametrize(
    "arrays",
    [
        {f"p{i}__y": np.arange(5) for i in range(6)},  # persons or folds, with several labels each
        {f"s{i}__x": np.arange(5) for i in range(3)},  # too few to be samples
        {**{f"s{i}__x": np.arange(5) for i in range(6)}, "y": np.arange(6)},
        {f"s{i}__{'xy'[i % 2]}": np.arange(5) for i in range(6)},
        {f"{'st'[i % 2]}{i}__x": np.arange(5) for i in range(6)},
    ],
)
def test_other_folders_stay_as_they_are(arrays):
    file = held(**arrays)
    assert gather("d", file) == []
    assert [one.name for one in file.entries] == [name.replace("__", "/") for name in arrays]


def parts(samples, labels, lengths=(3, 2, 4)):
    named = {samples.format(i): np.full((n, 2), i) for i, n in enumerate(lengths)}
    return {**named, **{labels.format(i): np.full(n, i) for i, n in enumerate(lengths)}}


@pytest.mark.parametrize(
    ("samples", "labels", "names"),
    [
        ("x_{}", "y_{}", ["x", "y"]),
        ("data_batch_{}", "labels_batch_{}", ["data", "labels"]),
        ("part{}__X", "part{}__y", ["X", "y"]),
        ("fold{}_x", "fold{}_y", ["x", "y", "fold"]),
        ("X_train_{}", "y_train_{}", ["X_train", "y_train"]),
    ],
)
def test_parts_of_all_samples_are_put_behind_each_other(samples, labels, names):
    file = held(**parts(samples, labels))
    (said,) = gather("d", file)
    assert said.startswith("3 arrays")
    assert [one.name for one in file.entries] == names
    assert file.entries[0].load()[:, 0].tolist() == file.entries[1].load().tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2]
    assert all(one.load().shape == one.shape for one in file.entries)


def test_ten_parts_are_in_the_order_of_their_numbers():
    file = held(**parts("x_{}", "y_{}", lengths=(1,) * 11))
    gather("d", file)
    assert file.entries[0].load()[:, 0].tolist() == [*range(11)]


@pytest.mark.parametrize(
    "arrays",
    [
        {"x_0": np.zeros((3, 2)), "x_1": np.zeros((3, 2)), "y": np.arange(3)},  # two views
        {**parts("x_{}", "y_{}", (3, 3)), "y_1": np.full(3, 0)},  # two views with their labels
        {**parts("x_{}", "y_{}"), "x_1": np.zeros((2, 5))},
        {**parts("x_{}", "y_{}"), "y_2": np.arange(3)},
        {"x": np.zeros((3, 2)), "y_0": np.arange(3), "y_1": np.arange(3)},  # two labels
        parts("s{}__x", "s{}__y", (3, 3)),  # persons
        {f"class_{i}": np.zeros((3, 2)) for i in range(3)},
    ],
)
def test_what_is_no_part_stays_as_it_is(arrays):
    file = held(**arrays)
    assert gather("d", file) == []
    assert len(file.entries) == len(arrays)


def test_parts_that_a_person_names_stay_apart():
    file = held(**parts("x_{}", "y_{}", (3, 2)))
    assert gather("d", file, Reading(samples="x_0", label="y_0")) == []


def test_samples_of_several_shapes_are_refused():
    file = held(**{f"s{i}__x": np.zeros(i) for i in range(5, 9)}, **{f"s{i}__y": np.array(i) for i in range(5, 9)})
    with pytest.raises(DataError, match=r"4 numbered folders have a x of 4 different shapes, from \(5,\) to \(8,\)"):
        gather("d", file)


def test_codes_become_the_words_of_their_categories_and_none_stays_empty():
    file = held(obs__kind__codes=np.array([1, -1, 0]), obs__kind__categories=np.array(["a", "bc"]), X=np.zeros((3, 2)))
    assert gather("d", file) == []
    assert [one.name for one in file.entries] == ["obs/kind", "X"]
    assert file.entries[0].load().tolist() == ["bc", "", "a"]
