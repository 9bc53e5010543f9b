"""Garbage is swept beside the pages: turned off behind each of them, and done all the same."""

import gc
import threading
import time
import tomllib
import weakref
from pathlib import Path

import pytest

from pages.ui import memory

ROOT = Path(__file__).parents[3]


class Ring:
    """Garbage that only a sweep finds."""

    def __init__(self) -> None:
        self.me = self


def test_a_cycle_is_swept_without_streamlit(monkeypatch):
    monkeypatch.setattr(memory, "_EVERY_S", 0.01)
    gc.disable()
    try:
        gone = weakref.ref(Ring())
        threading.Thread(target=memory._sweep, daemon=True).start()
        deadline = time.monotonic() + 20
        while gone() is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert gone() is None
    finally:
        gc.enable()
        monkeypatch.setattr(memory, "_EVERY_S", 3600.0)


def test_what_has_settled_is_not_looked_at_again():
    try:
        memory.settled()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_streamlit_does_not_sweep_after_every_poll():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["runner"]["postScriptGC"] is False


def test_nothing_begins_without_a_server(monkeypatch):
    monkeypatch.setattr(memory, "_sweeper", lambda: pytest.fail("it began"))
    memory.keep_swept()
