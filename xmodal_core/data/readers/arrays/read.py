"""A file of named arrays of any format to a data set."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import PurePath

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays.annotated import unfold_annotated
from xmodal_core.data.readers.arrays.foreign import opener
from xmodal_core.data.readers.arrays.held import Held
from xmodal_core.data.readers.arrays.interpret import interpret
from xmodal_core.data.readers.arrays.tensors import open_tensors
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.npz import open_npz
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.understanding import Part

Opener = Callable[[Upload], AbstractContextManager[Held]]
OPENERS: dict[str, Opener] = {
    ".npz": open_npz,
    ".safetensors": open_tensors,
    **dict.fromkeys((".h5", ".hdf5", ".mat"), opener("hdf5")),
}


def read_arrays_of(opens: Opener) -> Callable[[Upload], LabelledDataset]:
    """A reader of the files that `opens` opens."""

    def read(upload: Upload) -> LabelledDataset:
        with opens(upload) as held:
            draft = interpret(upload, held)
        return finish(draft)

    return read


def read_annotated(upload: Upload) -> LabelledDataset:
    """A file of AnnData (`.h5ad`): cells with their counts, one of the columns about them as label."""
    with opener("hdf5")(upload) as held:
        found = unfold_annotated(upload.name, held, upload.reading)
        draft = interpret(replace(upload, reading=found.reading), held)
    draft.reading, draft.modality_reason = upload.reading, found.modality_reason or draft.modality_reason
    draft.label_reason = found.label_reason or draft.label_reason
    draft.warnings += found.doubts
    draft.parts += [Part(printable(one.name), one.holds, "left out") for one in found.left]
    draft.leave_out(
        "arrays", [printable(one.name) for one in found.left], "they describe cells or genes, or are made of X"
    )
    return finish(draft)


read_npz = read_arrays_of(open_npz)
read_tensors = read_arrays_of(open_tensors)
read_hdf5 = read_arrays_of(opener("hdf5"))
_read_matlab = read_arrays_of(opener("matlab"))


def read_together(uploads: Sequence[Upload], _splits: Sequence[str] = ()) -> LabelledDataset:
    """Read the arrays of several files as those of one; where names come back, they are told apart by their files.

    Raises:
        DataError: as for one file.
    """
    with ExitStack() as stack:
        each = [stack.enter_context(_opener_of(one)(one)) for one in uploads]
        known = Counter(entry.name for held in each for entry in held.entries)
        whole = Held(each[0].format, [], counts_from=each[0].counts_from)
        for upload, held in zip(uploads, each, strict=True):
            stem = PurePath(upload.filename).stem
            whole.entries += [
                replace(entry, name=f"{stem}/{entry.name}" if known[entry.name] > 1 else entry.name)
                for entry in held.entries
            ]
            whole.unread += held.unread
        files = [uploads[0].filename, *(PurePath(one.filename).name for one in uploads[1:])]
        draft = interpret(replace(uploads[0], filename=" + ".join(files)), whole)
    return finish(draft)


def _opener_of(upload: Upload) -> Opener:
    suffix = PurePath(upload.filename).suffix.lower()
    if suffix == ".mat":
        return opener("hdf5" if _is_newer(upload) else "matlab")
    return OPENERS[suffix]


def _is_newer(upload: Upload) -> bool:
    start = upload.stream.read(128)
    upload.stream.seek(0)
    return start.startswith((b"\x89HDF", b"MATLAB 7.3"))


def read_mat(upload: Upload) -> LabelledDataset:
    """A MATLAB file of any version."""
    return read_hdf5(upload) if _is_newer(upload) else _read_matlab(upload)
