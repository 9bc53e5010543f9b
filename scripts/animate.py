"""The animated picture of the README: a run's alignment, played in the app and photographed frame by frame.

    python scripts/animate.py docs/align.gif

The run is a fixed specification, trained here if it is not kept yet: a minute on two cores. The pictures are those of
the app in Chromium (requirements-dev.txt, and a Chromium on the path), so they show what a person sees.
"""

import argparse
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SPEC = {
    "method": "orca",
    "target": "digits",
    "source": "fractals",
    "body": "fractal-vit",
    "seed": 0,
    "budget": {"align_steps": 60, "refine_steps": 5},
}
NAME = "readme-alignment"
SIZE = {"width": 1120, "height": 900}
COLOURS = 64
FRAME_MS, LAST_MS = 90, 2500
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Train, open, photograph, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="where the .gif goes")
    parser.add_argument("--home", type=Path, help="where the run is kept; a folder that is forgotten when left out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as forgotten:
        home = given.home or Path(forgotten)
        run = home / "workspaces" / "default" / "runs" / NAME
        if not (run / "result.json").is_file():
            train(run, home)
        pictures = photographed(home)
    write(pictures, given.out)
    print(f"{given.out}: {len(pictures)} frames, {given.out.stat().st_size / 1e6:.1f} MB")


def train(run: Path, home: Path) -> None:
    """The run, by the command line."""
    run.parent.mkdir(parents=True, exist_ok=True)
    spec = home / "specification.json"
    spec.write_text(json.dumps(SPEC))
    command = [sys.executable, "-m", "xmodal_core", "run", str(spec), "--out", str(run)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"XMODAL_HOME": str(home)}, check=True)


def photographed(home: Path) -> list[Image.Image]:
    """The plane with its curves, at every step."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SystemExit(f"None of {', '.join(BROWSERS)} is on the path; install one.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"XMODAL_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport=SIZE)
            page.emulate_media(reduced_motion="reduce")  # every frame at once
            page.goto(f"http://127.0.0.1:{port}/align?target={SPEC['target']}&run={NAME}")
            taken = stepped(page)
            browser.close()
            return taken
    finally:
        os.killpg(server.pid, signal.SIGTERM)


def wait_for(port: int) -> None:
    """Until the server answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The app did not start within a minute.")


def stepped(page: Any) -> list[Image.Image]:
    """A picture of each step, from the first to the last."""
    screen = page.locator(".player .screen")
    screen.wait_for(timeout=120_000)
    slider = page.get_by_label("Shown step")
    page.wait_for_timeout(2000)
    taken = []
    for place in range(int(slider.get_attribute("max")) + 1):
        slider.fill(str(place))
        page.wait_for_timeout(120)
        taken.append(Image.open(io.BytesIO(screen.screenshot())).convert("RGB"))
    return taken


def write(pictures: list[Image.Image], out: Path) -> None:
    """One file; colours are those of the last frame, which has them all."""
    palette = pictures[-1].quantize(COLOURS)
    drawn = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    lasts = [FRAME_MS] * (len(drawn) - 1) + [LAST_MS]
    out.parent.mkdir(parents=True, exist_ok=True)
    drawn[0].save(out, save_all=True, append_images=drawn[1:], duration=lasts, loop=0, optimize=True)


if __name__ == "__main__":
    main()
