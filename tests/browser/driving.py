"""What several flows do with a page: files to upload, and reading and moving a run."""

import io
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

PATIENCE_MS = 60_000  # for one expectation, on a loaded machine
AT_REST = r"(?:Waiting|Paused) at"  # with a worker that keeps the network warm, or without


def three_digits() -> bytes:
    """40 images each of the digits 0, 1 and 2, as an .npz with class names."""
    digits = load_digits()
    rows = np.concatenate([np.flatnonzero(digits.target == label)[:40] for label in range(3)])
    file = io.BytesIO()
    images = digits.images[rows, None].astype(np.float32) / 16
    np.savez(file, X=images, y=digits.target[rows], class_names=np.array(["zero", "one", "two"]))
    return file.getvalue()


def pickled() -> bytes:
    """An .npz that can only be read by unpickling."""
    file = io.BytesIO()
    np.savez(file, X=np.array([{"a": 1}, {"a": 2}], dtype=object), y=np.array([0, 1]))
    return file.getvalue()


def png() -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "png")
    return file.getvalue()


def upload(page: Any, name: str, data: bytes) -> None:
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def settle(page: Any) -> None:
    """Until no script of this tab runs and no figure is on its way."""
    from playwright.sync_api import expect

    expect(page.locator("[data-test-script-state=running]")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def press(page: Any, key: str) -> None:
    """Click the button with this widget key; one with a tooltip is there twice, for the other kind of screen."""
    page.locator(f".st-key-{key} button:visible").click()


def fill(page: Any, numbers: Mapping[str, int]) -> None:
    """Numbers into number inputs by widget key, each sent off."""
    for key, number in numbers.items():
        box = page.locator(f".st-key-{key} input")
        box.fill(str(number))
        box.press("Enter")


def at_rest(page: Any, step: int, total: int, stage: str) -> None:
    """Until the run has stopped at this step of a stage."""
    from playwright.sync_api import expect

    expect(page.get_by_text(re.compile(rf"{AT_REST} step {step} of {total} of {stage}"))).to_be_visible()


def parameter(page: Any, name: str) -> str:
    """A part of the address."""
    found = re.search(rf"[?&]{name}=([^&#]+)", page.url)
    return found[1] if found else ""


def asked_by_a_person(page: Any) -> list[str]:
    """What this tab asks its server for from now on, but for polls; it grows as the tab talks."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    asked: list[str] = []

    def heard(payload: str | bytes) -> None:
        message = BackMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
        if not message.rerun_script.is_auto_rerun:
            asked.append(message.WhichOneof("type") or "")

    page.on("websocket", lambda socket: socket.on("framesent", heard))
    return asked
