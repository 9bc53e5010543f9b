"""What a first measurement needs, imported and drawn while a person still reads: once a server, in the background."""

import threading

import streamlit as st

from pages.ui import memory
from xmodal_core.data.sources import SOURCES

_LET_THEM_LOOK_S = 2.0  # after the first page, whose figures and files are on their way to the browser


class WarmUp(threading.Thread):
    """Imports take many seconds of the interpreter's lock, so they wait for a pause unless somebody asks for them."""

    def __init__(self) -> None:
        """Not started yet."""
        super().__init__(name="warm-up", daemon=True)
        self._asked = threading.Event()

    def hurry(self) -> None:
        """Begin now."""
        self._asked.set()

    def run(self) -> None:
        """What the first reading needs; what only transport needs comes after it, while that is on its way."""
        self._asked.wait(_LET_THEM_LOOK_S)
        _first()
        threading.Thread(target=_then, name="warm-up-transport", daemon=True).start()


def begin() -> None:
    """Warm up as soon as the page that is being drawn has come to rest; nothing in tests."""
    if st.runtime.exists():
        _warming()


def warm_up() -> threading.Thread:
    """Warm up at once; join the thread before using what it imports."""
    thread = _warming()
    thread.hurry()
    return thread


@st.cache_resource(show_spinner=False)
def _warming() -> WarmUp:
    thread = WarmUp()
    thread.start()
    return thread


def _first() -> None:
    import pandas  # noqa: F401 - at once: plotly takes a half-imported one, which POT brings, for a whole one
    import torch  # noqa: F401
    from transformers import BertModel, ViTModel  # noqa: F401 - with them, the slow part of transformers

    SOURCES["fractals"].load(2000, 0)  # drawn once, then read from the cache


def _then() -> None:
    import scipy.optimize  # noqa: F401

    from xmodal_core.gap.transport.kernel import load_compiled

    load_compiled()
    import ot  # noqa: F401

    memory.settled()
