"""A file of named arrays of any format to a data set."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.readers.arrays.hdf5 import open_hdf5
from xmodal_core.data.readers.arrays.held import Held
from xmodal_core.data.readers.arrays.interpret import interpret
from xmodal_core.data.readers.arrays.matlab import open_matlab
from xmodal_core.data.readers.arrays.tensors import open_tensors
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.npz import open_npz
from xmodal_core.data.readers.upload import Upload

Opener = Callable[[Upload], AbstractContextManager[Held]]


def read_arrays_of(opener: Opener) -> Callable[[Upload], LabelledDataset]:
    """A reader of the files that `opener` opens."""

    def read(upload: Upload) -> LabelledDataset:
        with opener(upload) as held:
            draft = interpret(upload, held)
        return finish(draft)

    return read


read_npz = read_arrays_of(open_npz)
read_tensors = read_arrays_of(open_tensors)
read_hdf5 = read_arrays_of(open_hdf5)


def read_mat(upload: Upload) -> LabelledDataset:
    """A MATLAB file of any version."""
    start = upload.stream.read(128)
    upload.stream.seek(0)
    newer = start.startswith((b"\x89HDF", b"MATLAB 7.3"))
    return read_hdf5(upload) if newer else read_arrays_of(open_matlab)(upload)
