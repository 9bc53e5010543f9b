"""Garbage in cycles is swept now and then, beside the pages, and not after each of them.

Streamlit would look through every object of the process after every run of a script and every poll; with torch and
transformers there that takes a third of a second in which nobody else computes. So `.streamlit/config.toml` turns it
off (`postScriptGC`). What imports have made stays as long as the server does and is no longer looked at.
"""

import gc
import threading
import time

import streamlit as st

_EVERY_S = 20.0


def keep_swept() -> None:
    """Sweep from now on, once a server; nothing in tests."""
    if st.runtime.exists():
        _sweeper()


def settled() -> None:
    """What is there now stays: never look at it again. Called when the heavy libraries have been imported."""
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def _sweeper() -> threading.Thread:
    thread = threading.Thread(target=_sweep, name="sweeper", daemon=True)
    thread.start()
    return thread


def _sweep() -> None:
    while True:
        time.sleep(_EVERY_S)
        gc.collect()
