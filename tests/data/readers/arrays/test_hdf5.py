import io

import h5py
import numpy as np
import pytest

from xmodal_core.data.modality import Modality
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task

X, Y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2


def hdf5(fill, userblock=0):
    stream = io.BytesIO()
    with h5py.File(stream, "w", userblock_size=userblock) as file:
        fill(file)
    return stream.getvalue()


def plain(**arrays):
    def fill(file):
        for name, array in arrays.items():
            file[name.replace("__", "/")] = array

    return hdf5(fill)


def test_groups_of_splits_and_words_are_read():
    words = np.array(["ash", "birch"], dtype=object)
    content = plain(train__X=X[:12], train__y=Y[:12], test__X=X[12:], test__y=Y[12:], class_names=words)
    data = read(content, "h.h5")
    assert (len(data.rows("test")), data.class_names) == (8, ("ash", "birch"))
    assert [part.name for part in data.understanding.parts if part.role == "samples"] == ["test/X", "train/X"]


def test_links_out_of_the_file_and_references_are_told_not_followed(tmp_path):
    other = tmp_path / "secret.h5"
    with h5py.File(other, "w") as file:
        file["y"] = Y

    def fill(file):
        file["X"], file["label"] = X, Y
        file["y"] = h5py.ExternalLink(str(other), "/y")
        file["soft"] = h5py.SoftLink("/X")
        file.create_dataset("refs", data=np.array([file["X"].ref], dtype=h5py.ref_dtype))
        layout = h5py.VirtualLayout((20,), int)
        layout[:] = h5py.VirtualSource(str(other), "y", (20,))
        file.create_virtual_dataset("virtual", layout)

    understanding = read(hdf5(fill), "h.h5").understanding
    assert understanding.label == "label"
    roles = {part.name: part.role for part in understanding.parts}
    assert {roles[name] for name in ("y", "soft", "refs", "virtual")} == {"left out"}
    assert not understanding.warnings


def test_matlab_7_3_has_its_axes_turned_and_its_characters_read():
    def fill(file):
        for name, array, kind in (("X", X.T, "double"), ("y", Y[:, None].astype(float), "double")):
            file[name] = array
            file[name].attrs["MATLAB_class"] = np.bytes_(kind)

    content = bytearray(hdf5(fill, 512))
    content[:19] = b"MATLAB 7.3 MAT-file"
    data = read(bytes(content), "v73.mat")
    np.testing.assert_allclose(data.inputs, X, rtol=1e-6)
    assert data.understanding.format == "MATLAB 7.3"
    assert read(bytes(content), "v73.h5").content_hash == data.content_hash


def simulation(*shape):
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def test_a_simulation_goes_from_its_first_step_to_its_last_and_says_so():
    tensor = simulation(20, 6, 16, 12)
    coordinates = {"t-coordinate": np.arange(7.0), "x-coordinate": np.arange(16.0)}
    content = plain(tensor=tensor, **coordinates)
    data = read(content, "pde.hdf5")
    assert (data.modality, data.task) == (Modality.FIELD, Task.DENSE)
    np.testing.assert_array_equal(data.inputs[:, 0], tensor[:, 0])
    np.testing.assert_array_equal(data.targets[:, 0], tensor[:, -1])
    (warning,) = data.understanding.warnings
    assert warning.code == "axes-guessed"
    assert warning.mends == Reading(axes="time+height+width")
    assert not read(content, "pde.hdf5", warning.mends).understanding.warnings
    line = read(plain(tensor=simulation(20, 6, 40)), "pde.h5")
    assert (line.modality, line.inputs.shape, line.targets.shape) == (Modality.SERIES, (20, 1, 40), (20, 1, 40))


def test_a_simulation_under_another_name_is_asked_for(refusal):
    content = plain(density=simulation(20, 6, 16, 12), Vx=simulation(20, 6, 16, 12), **{"t-coordinate": np.arange(7.0)})
    refusal(lambda: read(content, "cfd.h5"), "axes=time+height+width")
    data = read(content, "cfd.h5", Reading(samples="density", axes="time+height+width"))
    assert data.inputs.shape == data.targets.shape == (20, 1, 16, 12)


def test_darcy_flow_goes_from_permeability_to_pressure():
    data = read(plain(nu=simulation(20, 16, 16), tensor=simulation(20, 1, 16, 16)), "darcy.hdf5")
    assert (data.modality, data.task, data.targets.shape) == (Modality.FIELD, Task.DENSE, (20, 1, 16, 16))


@pytest.mark.parametrize("damage", [lambda b: b[:600], lambda b: b[:8] + b"\0" * len(b)])
def test_a_damaged_file_is_refused(damage, refusal):
    refusal(lambda: read(damage(plain(X=X, y=Y)), "h.h5"), "HDF5 file is damaged")


def test_a_data_set_that_claims_to_be_huge_is_refused_before_it_is_unpacked(refusal):
    def fill(file):
        file["y"] = Y
        file.create_dataset("X", shape=(20, 2**25), dtype="f8", chunks=(1, 2**10), compression="gzip")

    refusal(lambda: read(hdf5(fill), "bomb.h5"), "unpacks to 5.00 GiB")
