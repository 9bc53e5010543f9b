"""A model id without a network is answered at once, and what was kept is enough."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.model.bodies import locate
from xmodal_core.model.hub import fetched

HUB_ID = "nobody/no-such-model"
_HASH = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty, and no network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("socket.create_connection", _unreachable)
    return tmp_path / "hub"


def _unreachable(*_: object, **__: object) -> None:
    raise OSError("Network is unreachable")


def keep(cache: Path, where: str) -> Path:
    """The files of a body as the hub's client keeps them."""
    place = cache / "models--nobody--no-such-model"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(_HASH)
    return Path(shutil.copytree(where, place / "snapshots" / _HASH))


def test_without_a_network_an_id_gives_its_sentence(
    cache: Path, refusal: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    refusal(lambda: fetched(HUB_ID), HUB_ID, "cannot be reached", "give a local folder")
    assert capfd.readouterr() == ("", "")


def test_a_name_server_that_does_not_answer_is_not_waited_for(
    cache: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    answered = threading.Event()
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: answered.wait(9) and _unreachable())
    begun = time.perf_counter()
    refusal(lambda: fetched(HUB_ID), "cannot be reached")
    assert time.perf_counter() - begun < 2
    answered.set()


def test_who_asked_to_stay_offline_is_not_connected(
    cache: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("socket.create_connection", None)
    refusal(lambda: fetched(HUB_ID), "cannot be reached")


def test_the_way_goes_through_a_proxy_where_there_is_one(
    cache: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    asked = []
    monkeypatch.setattr("socket.create_connection", lambda place, **_: asked.append(place) or _unreachable())
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    refusal(lambda: fetched(HUB_ID), "cannot be reached")
    assert asked == [("proxy.example", 3128)]


def test_what_was_kept_is_taken_without_a_network(cache: Path, files: TinyFiles) -> None:
    kept = keep(cache, files.text_body)
    assert locate(HUB_ID) == kept


def test_what_was_kept_in_part_says_what_it_lacks_under_its_id(
    cache: Path, files: TinyFiles, refusal: Callable[..., str]
) -> None:
    (keep(cache, files.body) / "model.safetensors").unlink()
    refusal(lambda: locate(HUB_ID), f"{HUB_ID}: found no .safetensors file")


def test_a_download_that_fails_is_one_sentence_and_shows_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled

    monkeypatch.setattr("xmodal_core.model.hub._reachable", lambda _: True)
    before = logging.get_verbosity(), are_progress_bars_disabled()

    def failing(*_: object, local_files_only: bool = False, **__: object) -> str:
        if not local_files_only:
            logging.get_logger("huggingface_hub").warning("retrying")
        raise OSError("no\nsuch thing. Really")

    monkeypatch.setattr("huggingface_hub.snapshot_download", failing)
    refusal(lambda: fetched(HUB_ID), "could not be fetched (OSError)", "give a local folder")
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), are_progress_bars_disabled()) == before


def test_the_command_line_says_it_before_anything_is_loaded(tmp_path: Path, files: TinyFiles) -> None:
    """Not even torch, which takes longer to load than a person waits for a misspelt id."""
    script = f"""
import socket, sys
def unreachable(*_, **__): raise OSError
socket.create_connection = unreachable
from xmodal_core.__main__ import main
code = main(["gap", "--source", "fractals", "--target", "fractals", "--body", {HUB_ID!r}])
sys.exit(code if "torch" not in sys.modules else 99)
"""
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False)
    assert found.returncode == 2, found.stderr
    assert found.stdout == ""
    assert len(found.stderr.splitlines()) == 1
    assert HUB_ID in found.stderr
