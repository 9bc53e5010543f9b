import io

import numpy as np

from tests.data.corpus.zips import CORPUS
from tests.data.packed import packed
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading


def saved(array, **how):
    stream = io.BytesIO()
    np.save(stream, array, **how)
    return stream.getvalue()


def rows(make, n=4):
    return {f"{c}/{i}.npy": make(10 * at + i) for at, c in enumerate("ab") for i in range(n)}


def test_arrays_of_one_shape_are_samples_in_the_order_of_files():
    data = read(packed(rows(lambda seed: saved(np.arange(3.0) + seed))), "t.zip", Reading(modality="tabular"))
    np.testing.assert_array_equal(data.inputs[:, 0], [0, 1, 2, 3, 10, 11, 12, 13])


def test_the_longer_axis_is_time_as_in_an_archive_of_arrays():
    steps = lambda seed: saved(np.random.default_rng(seed).normal(size=(40, 3)).cumsum(axis=0))  # noqa: E731
    data = read(packed(rows(steps)), "t.zip", Reading(modality="series"))
    assert data.inputs.shape == (8, 3, 40)
    said = read(packed(rows(steps)), "t.zip", Reading(axes="channels+time"))
    assert said.inputs.shape == (8, 40, 3)


def test_a_guess_with_a_close_second_is_told_as_of_an_archive_of_arrays():
    square = lambda seed: saved(np.random.default_rng(seed).normal(size=(12, 16)))  # noqa: E731
    found = read(packed(rows(square)), "t.zip").understanding
    assert "modality-guessed" in [warning.code for warning in found.warnings]
    assert not read(packed(rows(square)), "t.zip", Reading(modality="image")).understanding.warnings


def test_objects_are_never_unpickled(refusal):
    pickled = saved(np.array([{}], dtype=object), allow_pickle=True)
    refusal(lambda: read(packed(rows(lambda seed: pickled)), "t.zip"), "8 of 8 arrays")


def test_arrays_of_several_shapes_are_refused_with_the_shapes(refusal):
    refusal(lambda: read(CORPUS["arrays of two shapes"].make(), "t.zip"), "(3, 40)", "(3, 41)")
    refusal(lambda: read(packed(rows(lambda seed: saved(np.float64(seed)))), "t.zip"), "at least one axis")
