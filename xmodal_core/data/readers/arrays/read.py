"""A file of named arrays of any format to a data set."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.readers.arrays.foreign import opener
from xmodal_core.data.readers.arrays.held import Held
from xmodal_core.data.readers.arrays.interpret import interpret
from xmodal_core.data.readers.arrays.tensors import open_tensors
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.npz import open_npz
from xmodal_core.data.readers.upload import Upload

Opener = Callable[[Upload], AbstractContextManager[Held]]


def read_arrays_of(opens: Opener) -> Callable[[Upload], LabelledDataset]:
    """A reader of the files that `opens` opens."""

    def read(upload: Upload) -> LabelledDataset:
        with opens(upload) as held:
            draft = interpret(upload, held)
        return finish(draft)

    return read


read_npz = read_arrays_of(open_npz)
read_tensors = read_arrays_of(open_tensors)
read_hdf5 = read_arrays_of(opener("hdf5"))
_read_matlab = read_arrays_of(opener("matlab"))


def read_mat(upload: Upload) -> LabelledDataset:
    """A MATLAB file of any version."""
    start = upload.stream.read(128)
    upload.stream.seek(0)
    newer = start.startswith((b"\x89HDF", b"MATLAB 7.3"))
    return read_hdf5(upload) if newer else _read_matlab(upload)
