"""Why a run failed, in words."""

from xmodal_core.errors import XModalError
from xmodal_core.files import refusal


def describe_failure(error: Exception) -> str:
    """Why a run failed, in one line for the person at the screen."""
    text = " ".join(str(error).split())
    if isinstance(error, XModalError):
        return text
    if isinstance(error, OSError) and (sentence := refusal(error)):
        return sentence
    is_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if is_memory or (isinstance(error, RuntimeError) and "not enough memory" in text):
        return "Out of memory; use a smaller batch_size or a smaller body."
    return f"a defect: {type(error).__name__}: {text[:300]}"
