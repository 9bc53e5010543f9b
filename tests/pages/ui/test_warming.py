"""What a first measurement needs, while a person still reads."""

import time

import pytest

from pages.ui import warming


@pytest.fixture
def warmed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was warmed up, in place of the imports."""
    done: list[str] = []
    monkeypatch.setattr(warming, "_first", lambda: done.append("first"))
    monkeypatch.setattr(warming, "_then", lambda: done.append("then"))
    return done


def test_it_lets_the_page_come_to_rest_first(warmed, monkeypatch):
    monkeypatch.setattr(warming, "_LET_THEM_LOOK_S", 0.2)
    thread = warming.WarmUp()
    begun = time.monotonic()
    thread.start()
    thread.join(10)
    assert time.monotonic() - begun >= 0.2
    assert warmed[0] == "first"


def test_whoever_needs_it_does_not_wait_for_the_pause(warmed, monkeypatch):
    monkeypatch.setattr(warming, "_LET_THEM_LOOK_S", 600.0)
    thread = warming.WarmUp()
    thread.start()
    thread.hurry()
    thread.join(10)
    assert not thread.is_alive()
    assert warmed[0] == "first"


def test_nothing_begins_without_a_server(monkeypatch):
    monkeypatch.setattr(warming, "_warming", lambda: pytest.fail("it began"))
    warming.begin()
