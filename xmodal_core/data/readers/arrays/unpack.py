"""The process that opens HDF5 and MATLAB files: `python -m xmodal_core.data.readers.arrays.unpack KIND PATH`.

Damaged files crash these formats' libraries or keep them busy without end (both were seen under fuzzing), which must
not take the app with them. It writes one JSON line about what the file has; then, for every number of an array that it
reads, one JSON line and the bytes of a `.npy` file.
"""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from xmodal_core.data.readers.arrays.hdf5 import open_hdf5
from xmodal_core.data.readers.arrays.held import Held
from xmodal_core.data.readers.arrays.matlab import open_matlab
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import XModalError

OPENERS = {"hdf5": open_hdf5, "matlab": open_matlab}
_MEMORY = 5 * 2**30  # addresses, of which libraries alone take more than one GiB


def main(kind: str, path: Path, name: str, cpu_s: int) -> None:
    """Answer until nobody asks any more."""
    _limit(cpu_s)
    answers = sys.stdout.buffer
    try:
        with path.open("rb") as stream, OPENERS[kind](Upload(stream, name, path.name)) as held:
            _say(answers, _contents(held))
            for line in sys.stdin:
                _answer(answers, held, json.loads(line))
    except XModalError as error:
        _say(answers, {"refused": str(error)})


def _contents(held: Held) -> dict[str, Any]:
    entries = [(entry.name, entry.shape, entry.dtype.str) for entry in held.entries]
    return {"format": held.format, "counts_from": held.counts_from, "entries": entries, "unread": held.unread}


def _answer(answers: BinaryIO, held: Held, index: int) -> None:
    try:
        array = held.entries[index].load()
    except XModalError as error:
        _say(answers, {"refused": str(error)})
        return
    packed = io.BytesIO()
    np.lib.format.write_array(packed, np.asanyarray(array), allow_pickle=False)
    _say(answers, {"n_bytes": packed.tell()})
    answers.write(packed.getbuffer())
    answers.flush()


def _say(answers: BinaryIO, values: dict[str, Any]) -> None:
    answers.write(json.dumps(values).encode() + b"\n")
    answers.flush()


def _limit(cpu_s: int) -> None:
    """No more time and memory than a file of this size can need; where the system has such limits."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
