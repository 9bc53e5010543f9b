"""Processes that outlive the one that starts them."""

import time
from pathlib import Path

import psutil

from xmodal_core.runs import detached
from xmodal_core.runs.process import is_alive


def test_a_process_is_started_told_its_arguments_and_collected(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    stamp = detached.start_detached("xmodal_core", ["examples"], log)
    deadline = time.monotonic() + 60
    while is_alive(stamp) or detached._children:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "digits" in log.read_text()
    assert stamp is not None
    assert not psutil.pid_exists(stamp.pid)  # not even as a zombie
