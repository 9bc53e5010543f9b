import io
import time

import numpy as np
import pytest

from xmodal_core.data.readers.arrays import foreign, unpack
from xmodal_core.data.readers.upload import Upload


@pytest.mark.parametrize("code", ["import os; os.abort()", "while True: pass"])
def test_a_library_that_crashes_or_hangs_is_a_sentence(code, monkeypatch, refusal, tmp_path):
    """The other process is replaced by one that does just this, under the same limits of time."""
    script = tmp_path / "unpack.py"
    script.write_text(f"import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n{code}\n")
    popen = foreign.subprocess.Popen
    monkeypatch.setattr(foreign.subprocess, "Popen", lambda command, **kept: popen([command[0], str(script)], **kept))

    def open_it():
        with foreign.opener("hdf5")(Upload(io.BytesIO(b"x"), "bad", "bad.h5")):
            pass

    started = time.monotonic()
    refusal(open_it, "bad: ", "did not come to an end", "np.savez")
    assert time.monotonic() - started < 30


def test_the_other_process_knows_every_kind_that_is_opened_in_it():
    assert set(unpack.OPENERS) == {"hdf5", "matlab"}


def test_arrays_come_over_as_they_are(tmp_path):
    import h5py

    path = tmp_path / "a.h5"
    values = np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3))
    with h5py.File(path, "w") as file:
        file["a"] = values
    with path.open("rb") as stream, foreign.opener("hdf5")(Upload(stream, "a", "a.h5")) as held:
        (entry,) = held.entries
        assert (entry.name, entry.shape, entry.dtype) == ("a", (2, 3), values.dtype)
        np.testing.assert_array_equal(entry.load(), values)
        np.testing.assert_array_equal(entry.load(), values)
