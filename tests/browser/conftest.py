"""A real server and a real browser; skipped, with the reason, where one cannot be had (in CI that is a failure)."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driving import PATIENCE_MS
from xmodal_core.runs.process import end
from xmodal_core.runs.rundir import RunDir

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "test-artifacts"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_IDLE_S = "20"  # a worker that waits longer leaves, so that none outlives the tests for long


class Server:
    """`streamlit run app.py` on a port and a home of its own; it can be stopped and started again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        environment = os.environ | {"XMODAL_HOME": str(self.home), "XMODAL_IDLE_S": _IDLE_S}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server and nothing else: workers are to outlive it."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def end_workers(self) -> None:
        for path in self.home.glob("workspaces/*/runs/*/proc.json"):
            found = RunDir(path.parent).read_process()
            if found is not None:
                end(found, force=True)

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def run(self, name: str) -> RunDir:
        return RunDir.open(self.home / "workspaces" / "default" / "runs" / name)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@pytest.fixture(scope="module")
def server(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has just answered for the first time, with nothing in its home; the browser is up before it."""
    one = Server(tmp_path_factory.mktemp("home"))
    try:
        one.start()
        yield one
    finally:
        one.stop()
        one.end_workers()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; one module at a time, as its event loop would be in others' way."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        _go_without(f"none of {', '.join(BROWSERS)} is installed")
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        _go_without("playwright is not installed; see requirements-dev.txt")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


def _go_without(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"browser tests cannot run: {reason}")
    pytest.skip(f"browser tests cannot run: {reason}")


@pytest.fixture
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh tab on a small laptop's screen; it may talk to this machine only, and no script may fail in it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    broken: list[str] = []
    tab = context.new_page()
    context.on("request", lambda sent: asked.append(sent.url))
    tab.on("websocket", lambda socket: asked.append(socket.url))
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    yield tab
    tab.screenshot(path=ARTIFACTS / f"{request.node.name}-end.png")
    exceptions = tab.get_by_test_id("stException").count()
    context.close()
    assert asked
    strangers = [url for url in asked if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", url)]
    assert not strangers, strangers
    assert not broken, broken
    assert exceptions == 0


@pytest.fixture
def picture(page: Any) -> Callable[[str], None]:
    """Keep what the tab shows under test-artifacts/, for people to look at."""

    def take(name: str) -> None:
        page.screenshot(path=ARTIFACTS / f"{name}.png")

    return take


@pytest.fixture
def measured(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Tell a figure that was measured: on the screen, and in test-artifacts/measured.txt, where workers tell it too."""

    def tell(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")
        ARTIFACTS.mkdir(exist_ok=True)
        with (ARTIFACTS / "measured.txt").open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    return tell
