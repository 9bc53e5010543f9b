"""Picture every page again: light, dark and on a phone, from finished runs that ship, into docs/screenshots.

    python scripts/screenshots.py [--out DIR] [--only PAGE ...]

Needs Chromium and playwright (requirements-dev.txt). Starts a server of its own on an empty home and ends it.
"""

import argparse
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ITEM = "digits"
PAGES = ("start", "data", "gap", "align", "curriculum", "refine", "reuse", "compare", "report")
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
_QUALITY = 72  # of JPEG: 27 pictures in two megabytes


def main() -> None:
    """Start a server, look at every page on every screen, and keep what is seen."""
    parser = argparse.ArgumentParser(description="Picture every page again.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--only", nargs="+", choices=PAGES, default=PAGES, metavar="PAGE")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.driving import PATIENCE_MS, settle

    expect.set_options(timeout=PATIENCE_MS)

    with tempfile.TemporaryDirectory() as home:
        port, server = start(home)
        try:
            query = address(home)
            with sync_playwright() as playwright:
                program = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
                for screen, how in SCREENS.items():
                    tab = browser.new_context(**how).new_page()
                    tab.set_default_timeout(PATIENCE_MS)
                    for name in options.only:
                        tab.goto(f"http://127.0.0.1:{port}/{'' if name == 'start' else name + query}")
                        tab.locator("[data-testid=stMainBlockContainer] :is(h1, h2, h3, h4)").first.wait_for()
                        settle(tab)
                        tab.wait_for_timeout(1500)  # figures fade in
                        path = options.out / f"{name}-{screen}.jpg"
                        tab.screenshot(path=path, type="jpeg", quality=_QUALITY)
                        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)
        finally:
            server.terminate()
            server.wait(20)


def address(home: str) -> str:
    """The query that shows the item; asked in a process of its own, for it is read from the environment's home."""
    code = (
        "from urllib.parse import urlencode\n"
        "from pages.ui.session import gallery_address\n"
        f"print(urlencode(gallery_address({ITEM!r})))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"XMODAL_HOME": home},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return "?" + found.stdout.strip().splitlines()[-1]


def start(home: str) -> tuple[int, subprocess.Popen[bytes]]:
    """A server that answers, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"XMODAL_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        time.sleep(0.2)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return port, server
        except OSError:
            continue
        finally:
            connection.close()
    server.terminate()
    sys.exit("the server does not answer")


if __name__ == "__main__":
    main()
