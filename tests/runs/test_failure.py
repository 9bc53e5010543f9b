"""Why a run failed, in words."""

import errno

import pytest

from xmodal_core.errors import RunError
from xmodal_core.runs.failure import describe_failure


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "Out of memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"), "Out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (RunError("Found this."), "Found this."),
        (RuntimeError("shape mismatch"), "a defect: RuntimeError: shape mismatch"),
        (OSError(errno.EACCES, "no"), "check its permissions"),
        (OSError(errno.EROFS, "no"), "can only be read"),
        (OSError(errno.EDQUOT, "no"), "quota"),
        (OSError(errno.EMFILE, "no"), "Too many files"),
        (FileNotFoundError(errno.ENOENT, "no"), "a defect: FileNotFoundError"),
    ],
)
def test_why_a_run_failed_is_said_plainly(error: Exception, words: str) -> None:
    assert words in describe_failure(error)
