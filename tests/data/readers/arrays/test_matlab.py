import io

import numpy as np
import pytest
from scipy.io import savemat

from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading

X, Y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2


def mat(compressed=True, **variables):
    stream = io.BytesIO()
    savemat(stream, variables, do_compression=compressed)
    return stream.getvalue()


@pytest.mark.parametrize("compressed", [True, False])
def test_labels_in_a_row_and_names_in_cells_are_read_and_structs_told(compressed):
    names = np.array(["ash", "birch"], dtype=object)
    content = mat(compressed, X=X, y=Y + 1, class_names=names, info={"by": "me"}, fs=[[50]])
    data = read(content, "m.mat")
    np.testing.assert_allclose(data.inputs, X, rtol=1e-6)
    assert [data.class_names[t] for t in data.targets[:2]] == ["ash", "birch"]
    assert [(one.names, one.why) for one in data.understanding.left_out if "info" in one.names]


def test_words_in_a_matrix_of_characters_are_labels():
    data = read(mat(X=X, labels=np.where(Y, "birch", "ash")), "m.mat")
    assert data.class_names == ("ash", "birch")


def test_row_numbers_count_from_one():
    data = read(mat(X=X, y=Y, train_idx=np.arange(1, 15), test_idx=np.arange(15, 21)), "m.mat")
    assert set(data.rows("test")) == set(range(14, 20))


def test_pictures_with_samples_last_are_read_where_that_is_said(refusal):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3, 20)).astype(np.uint8)
    content = mat(X=pixels, y=Y[:, None])
    said = "axes=height+width+channels+samples"
    refusal(lambda: read(content, "svhn.mat"), said)
    data = read(content, "svhn.mat", Reading(axes=said.removeprefix("axes=")))
    np.testing.assert_allclose(data.inputs[4, 2], pixels[:, :, 2, 4] / 255, rtol=1e-6)


def test_complex_numbers_are_not_halved(refusal):
    refusal(lambda: read(mat(X=X + 1j, y=Y), "m.mat"), "complex128", "np.abs(X)")


def test_series_in_cells_are_refused_with_what_to_do(refusal):
    series = np.empty(20, dtype=object)
    for row in range(20):
        series[row] = np.arange(row + 2.0)
    refusal(lambda: read(mat(X=series, y=Y), "m.mat"), "cell array", "pad them with NaN")


@pytest.mark.parametrize("content", [b"MATLAB 5.0 MAT-file" + b"\0" * 200, b"no matlab at all", mat(X=X, y=Y)[:200]])
def test_a_damaged_file_is_refused(content, refusal):
    refusal(lambda: read(content, "m.mat"), "m: ")
