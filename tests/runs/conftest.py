import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import needs_source
from xmodal_core.runs import detached
from xmodal_core.runs.rundir import RunDir

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def _one_slot_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has the queue to itself, one slot without a GPU, and workers that leave when they have nothing to do."""
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("XMODAL_CPU_SLOTS", "1")
    monkeypatch.setenv("XMODAL_IDLE_S", "0")


@pytest.fixture(autouse=True)
def _no_worker_outlives_its_test() -> Iterator[None]:
    yield
    for child in list(detached._children):
        child.kill()
        child.wait()


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    """A run directory of which nobody reads the specification."""
    return RunDir.create(tmp_path / "runs", '{"method": "orca"}')


@pytest.fixture
def new_run(tmp_path: Path, files: TinyFiles) -> Callable[..., RunDir]:
    """`new_run(12, waypoints=3)`: a run directory that is ready for a worker, with 12 steps of refinement."""
    images = files.data(Modality.IMAGE)

    def make(refine_steps: int = 4, method: str = "finetune", **changes: Any) -> RunDir:
        spec = {"method": method, "seed": 3, "target": images, "body": files.body}
        spec |= {"source": images if needs_source(METHODS[method]) else ""}
        spec |= {"budget": {"refine_steps": refine_steps}, **changes}
        return RunDir.create(tmp_path / "runs", json.dumps(spec))

    return make


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a group of its own, as workers do."""
    process = subprocess.Popen(SLEEP, start_new_session=True)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def until() -> Callable[..., None]:
    """`until(condition)`: wait for it, and fail where for a minute neither it comes nor what `told` returns changes."""

    def wait(condition: Callable[[], object], told: Callable[[], object] = lambda: "", seconds: float = 60.0) -> None:
        deadline, before = time.monotonic() + seconds, told()
        while not condition():
            if time.monotonic() >= deadline:  # a slow machine is no fault
                now = told()
                assert now != before, f"waited in vain {now}"
                deadline, before = time.monotonic() + seconds, now
            time.sleep(0.02)

    return wait
