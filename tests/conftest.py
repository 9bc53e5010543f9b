"""Fixtures that every test folder may use."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.environment import settle
from xmodal_core.errors import XModalError

_REPOSITORY = Path(__file__).resolve().parents[1]

settle(os.environ)  # as the app and the command line do
# Networks are tiny here: half of one in another thread costs more than it saves. scripts/kernels.py asks for two, too.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole suite runs in two processes; a part of it, the browser alone and a debugger in the one that was asked.

    Pages that are held to the clock are so on an idle machine only.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    return 2 if whole and config.option.markexpr != "browser" and not config.option.usepdb else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="slow; add --run-slow"))


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Caches of the tests never touch those of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XMODAL_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> TinyFiles:
    """Tiny bodies and data sets as files, of which every test reads the same ones."""
    return TinyFiles(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of what is too large for the repository (XMODAL_SHARED, else ../shared); skips where there is none."""
    folder = Path(os.environ.get("XMODAL_SHARED") or _REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip("no shared folder here; set XMODAL_SHARED to it")
    return folder


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """Folder of real data sets; skips where there are none."""
    folder = shared / "data"
    if not any(folder.glob("*.npz")):
        pytest.skip(f"no real data sets in {folder}")
    return folder


@pytest.fixture(scope="session")
def oracles(shared: Path) -> Path:
    """Folder of reference values; skips where there are none."""
    folder = shared / "oracles"
    if not folder.is_dir():
        pytest.skip(f"no reference values in {folder}")
    return folder


@pytest.fixture
def refusal() -> Callable[..., str]:
    """`refusal(action, "word", ...)`: the action must fail with one sentence for a person that has these words."""

    def check(action: Callable[[], object], *words: str) -> str:
        with pytest.raises(XModalError) as caught:
            action()
        text = str(caught.value)
        assert "\n" not in text
        assert text.endswith(".")
        assert not re.search(r"[.!?] [A-Z]", text), text
        assert len(text) <= 420, text
        for word in words:
            assert word in text, text
        return text

    return check


@pytest.fixture(scope="session")
def refused_without_network() -> Callable[..., str]:
    """Run the command line in a new process without a network; the one line in which it refuses, before torch came."""

    def run(*arguments: str) -> str:
        script = f"""
import socket, sys
def unreachable(*_, **__): raise OSError
socket.create_connection = unreachable
from xmodal_core.__main__ import main
code = main({list(arguments)!r})
sys.exit(code if "torch" not in sys.modules else 99)
"""
        command = [sys.executable, "-c", script]
        found = subprocess.run(command, capture_output=True, text=True, cwd=_REPOSITORY, check=False)
        assert found.returncode == 2, found.stderr
        assert found.stdout == ""
        assert len(found.stderr.splitlines()) == 1
        return found.stderr

    return run


@pytest.fixture
def two_blas_threads() -> Iterator[None]:
    """The BLAS on two threads, so that holding it to one can be seen."""
    import scipy.linalg  # noqa: F401 - brings a BLAS of its own
    from threadpoolctl import OpenBLASController, threadpool_limits

    limits = threadpool_limits(2, user_api="blas")
    OpenBLASController.clear_controlling_thread(force=True)  # else only this thread could change it again
    yield
    limits.restore_original_limits()
    OpenBLASController.clear_controlling_thread(force=True)
