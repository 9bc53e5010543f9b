"""A hold on a directory ends with its holder, however it ends."""

import subprocess
import sys
import time
from pathlib import Path

from xmodal_core.runs.life import Life, is_held

HOLD = """
import sys, time
from pathlib import Path
from xmodal_core.runs.life import Life
life = Life(Path(sys.argv[1]))
assert life.take()
print("held", flush=True)
time.sleep(60)
"""
LOOK = """
import sys
from pathlib import Path
from xmodal_core.runs.life import is_held
while True:
    is_held(Path(sys.argv[1]))
"""


def test_one_holds_it_and_it_is_free_when_the_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "new" / "worker.lock"
    first, second = Life(path), Life(path)
    assert not is_held(path)
    assert first.take()
    assert is_held(path)
    assert not second.take()
    first.end()
    assert not is_held(path)
    assert second.take()
    second.end()
    second.end()
    second.remove()
    assert not path.exists()
    assert not is_held(path)


def test_it_is_free_when_the_holder_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "worker.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert is_held(path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    deadline = time.monotonic() + 10
    while is_held(path):
        assert time.monotonic() < deadline
    assert Life(path).take()


def test_who_only_looks_keeps_nobody_from_holding_it(tmp_path: Path) -> None:
    path = tmp_path / "worker.lock"
    path.touch()
    watcher = subprocess.Popen([sys.executable, "-c", LOOK, str(path)])
    try:
        life = Life(path)
        for _ in range(200):
            assert life.take()
            life.end()
    finally:
        watcher.kill()
        watcher.wait()
