"""Processes that outlive the one that starts them."""

import time
from pathlib import Path

from xmodal_core.runs import detached
from xmodal_core.runs.process import is_alive


def test_a_process_is_started_told_its_arguments_and_collected(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    stamp = detached.start_detached("xmodal_core", ["examples"], log)
    deadline = time.monotonic() + 60
    while is_alive(stamp):
        assert time.monotonic() < deadline
        detached.reap()
        time.sleep(0.05)
    detached.reap()
    assert "digits" in log.read_text()
    assert not detached._children
