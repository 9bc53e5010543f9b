"""A model id without a network is answered at once, and what was kept is enough."""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model.serving import hub_of
from tests.tiny import TinyFiles
from xmodal_core.model.bodies import load_transformer, locate
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


def test_the_command_line_says_it_before_anything_is_loaded(refused_without_network: Callable[..., str]) -> None:
    """Not even torch, which takes longer to load than a person waits for a misspelt id."""
    asked = ("--source", "fractals", "--target", "fractals", "--body", HUB_ID)
    assert HUB_ID in refused_without_network("gap", *asked)


def told(hub_id: str) -> tuple[object, ...]:
    """A digest of the weights of a body that is loaded by its id, the size of its vocabulary, and its files."""
    found = load_transformer(hub_id)
    weights = b"".join(w.numpy().tobytes() for _, w in sorted(found.transformer.state_dict().items()))
    return hashlib.sha256(weights).hexdigest(), len(found.tokenizer), *sorted(p.name for p in locate(hub_id).iterdir())


def loaded_in_a_new_process(hub_id: str, home: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    """Load a body by its id as a person's program does, and print what `told` says of it."""
    script = f"from tests.model.test_hub import told\nprint(*told({hub_id!r}))"
    mine = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=mine | settings,
        timeout=60,
        check=False,
    )


def test_an_id_is_fetched_once_and_then_loaded_from_what_was_kept(
    files: TinyFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Through the hub's own client, from a hub on this machine whose model has more files than a body needs."""
    published = Path(shutil.copytree(files.text_body, tmp_path / "published"))
    (published / "pytorch_model.bin").write_bytes(b"a pickle")
    (published / "README.md").write_text("# A model")
    (published / "onnx").mkdir()
    (published / "onnx" / "config.json").write_text("{}")
    home = tmp_path / "home"
    with hub_of(HUB_ID, published) as hub:
        first = loaded_in_a_new_process(HUB_ID, home, hub.endpoint)
    assert (first.returncode, first.stderr) == (0, "")
    assert hub.asked.count(f"/api/models/{HUB_ID}/revision/main") == 1  # it was located twice
    assert any(path.endswith("/model.safetensors") for path in hub.asked)
    assert not any(path.endswith((".bin", ".md", "onnx/config.json")) for path in hub.asked)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.endpoint)  # nobody answers there any more
    capfd.readouterr()
    again = " ".join(map(str, told(HUB_ID)))
    assert capfd.readouterr() == ("", "")
    assert again == first.stdout.strip()
    assert {"config.json", "model.safetensors"} <= set(first.stdout.split())
    assert not {"pytorch_model.bin", "README.md", "onnx"} & set(first.stdout.split())
