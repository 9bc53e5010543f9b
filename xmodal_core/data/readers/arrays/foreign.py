"""HDF5 and MATLAB files, opened in a process of their own: what crashes or hangs there is a sentence here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from xmodal_core.data.readers.archive import MAX_EXPANDED_BYTES, check_expanded
from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.readers.npz import parse_array
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_ROOT = Path(__file__).parents[4]  # where the package lies
_CPU_S = 3  # for a small file, start included
_BYTES_PER_S = 50 * 2**20  # that a library unpacks at least
_SLOWEST = 15  # times as long by the clock as by the processor, on a busy machine
_TITLES = {"hdf5": "HDF5", "matlab": "MATLAB"}


def opener(kind: str) -> Callable[[Upload], AbstractContextManager[Held]]:
    """What opens files of this kind, "hdf5" or "matlab", as `Held`."""

    @contextmanager
    def open_foreign(upload: Upload) -> Iterator[Held]:
        with _on_disk(upload) as path, _process(upload, kind, path) as process:
            told = process.read_json()
            if "refused" in told:
                raise DataError(str(told["refused"]))
            held = Held(told["format"], [], [(name, why) for name, why in told["unread"]], told["counts_from"])
            held.entries = [
                Entry(name, tuple(shape), np.dtype(dtype), _loader(upload, process, index, name))
                for index, (name, shape, dtype) in enumerate(told["entries"])
            ]
            yield held

    return open_foreign


class _Process:
    """The other process, asked one thing at a time."""

    def __init__(self, upload: Upload, kind: str, child: "subprocess.Popen[bytes]") -> None:
        self._upload, self._kind, self._child = upload, kind, child

    def ask(self, index: int) -> None:
        """Ask for the array of this number."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(f"{index}\n".encode())
            self._child.stdin.flush()
        except OSError as error:
            raise self._ended() from error

    def read_json(self) -> dict[str, Any]:
        """Its next line."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._ended()
        told: dict[str, Any] = json.loads(line)
        return told

    def read(self, n_bytes: int) -> bytearray:
        """So many bytes after a line."""
        assert self._child.stdout is not None
        content = bytearray(self._child.stdout.read(n_bytes))
        if len(content) < n_bytes:
            raise self._ended()
        return content

    def _ended(self) -> DataError:
        title = _TITLES[self._kind]
        return DataError(
            f"{self._upload.name}: the {title} file is damaged, so that reading it did not come to an end, expected a "
            "complete one; save or upload it again, or save the arrays with np.savez(file, X=X, y=y)."
        )


@contextmanager
def _process(upload: Upload, kind: str, path: Path) -> Iterator[_Process]:
    cpu_s = _CPU_S + upload.size() // _BYTES_PER_S + MAX_EXPANDED_BYTES // _BYTES_PER_S * (upload.size() > 2**20)
    paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
    # one thread: a limit on addresses leaves no room for the stacks of many
    environment = os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "xmodal_core.data.readers.arrays.unpack"]
    child = subprocess.Popen(
        [*command, kind, str(path), upload.name, str(cpu_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    clock = threading.Timer(_SLOWEST * cpu_s, child.kill)
    clock.daemon = True
    clock.start()
    try:
        yield _Process(upload, kind, child)
    finally:
        clock.cancel()
        child.kill()
        child.communicate()


@contextmanager
def _on_disk(upload: Upload) -> Iterator[Path]:
    """Where the file lies; what is only in memory is written to a place of its own first."""
    with tempfile.TemporaryDirectory(prefix="xmodal-") as folder:
        path = Path(folder) / "upload"
        upload.stream.seek(0)
        with path.open("wb") as target:
            shutil.copyfileobj(upload.stream, target, 2**20)
        yield path


def _loader(upload: Upload, process: _Process, index: int, name: str) -> Callable[[], np.ndarray]:
    def load() -> np.ndarray:
        process.ask(index)
        told = process.read_json()
        if "refused" in told:
            raise DataError(str(told["refused"]))
        check_expanded(upload, int(told["n_bytes"]))
        return parse_array(upload, name, process.read(int(told["n_bytes"])))

    return load
