"""Why a run failed, in words."""

import errno

from xmodal_core.errors import XModalError


def describe_failure(error: Exception) -> str:
    """Why a run failed, in one line for the person at the screen."""
    text = " ".join(str(error).split())
    if isinstance(error, XModalError):
        return text
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full; free some space and go on from the last checkpoint."
    is_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if is_memory or (isinstance(error, RuntimeError) and "not enough memory" in text):
        return "Out of memory; use a smaller batch_size or a smaller body."
    return f"a defect: {type(error).__name__}: {text[:300]}"
