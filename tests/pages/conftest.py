"""Pages opened as the app opens them, with a home of their own."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import warming
from xmodal_core.experiment import background
from xmodal_core.runs import job

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything kept between sessions goes to a folder of this test; nothing slow is imported behind its back."""
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    monkeypatch.setattr(warming, "warm_up", _finished_thread)
    return tmp_path


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is written and asked for, and no process trains it."""
    monkeypatch.setattr(job, "_start", lambda run: None)
    monkeypatch.setattr(background, "start_detached", lambda *_: None)


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Run the app at a page, with a query."""

    def run(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60)
        if page != "start":
            app.switch_page(f"pages/views/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return run


def _finished_thread() -> threading.Thread:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    return thread
