"""A model id to a folder: what was kept on this machine, else fetched once from the hub.

What was kept is taken as it is, so that the same command gives the same digits tomorrow.
"""

import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from xmodal_core.errors import ModelError
from xmodal_core.model.stored import check_folder
from xmodal_core.model.weight_files import WEIGHTS

_WANTED = ["*.json", "*.txt", "*.model", WEIGHTS, "model-*.safetensors"]
_IGNORED = ["*/*"]  # other formats and exports lie in folders of their own
_PATIENCE_S = 1.0  # for a first sign of a network; a machine without one often waits for its name server instead


def fetched(hub_id: str) -> Path:
    """The folder of a model id, fetched where it was not kept.

    Raises:
        ModelError: it was not kept, and there is no network or no such id.
    """
    from huggingface_hub import constants, snapshot_download

    kept = _kept(hub_id)
    if kept is not None and _is_whole(kept):
        return kept
    if constants.HF_HUB_OFFLINE or not _reachable(constants.ENDPOINT):
        if kept is not None:
            return kept  # whoever asked will say what it lacks
        raise ModelError(
            f"{hub_id} is not on this machine as a whole and {urlsplit(constants.ENDPOINT).hostname} cannot be "
            "reached; check the name and the network, or give a local folder with config.json and model.safetensors."
        )
    try:
        with _quiet():
            return Path(snapshot_download(hub_id, allow_patterns=_WANTED, ignore_patterns=_IGNORED))
    except Exception as error:  # of the hub, its client and its transport, each with its own tree
        raise ModelError(
            f"{hub_id} could not be fetched ({type(error).__name__}); check the name and the network, or give a local "
            "folder with config.json and model.safetensors."
        ) from error


def _kept(hub_id: str) -> Path | None:
    """The folder where files of the id were kept before; where the hub's list of them was kept too, only all of them.

    The list has every file of the id, so that the client has to be told again which ones were wanted.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(hub_id, allow_patterns=_WANTED, ignore_patterns=_IGNORED, local_files_only=True))
    except (OSError, ValueError):  # never fetched, or not to the end; a name that is no id
        return None


def _is_whole(folder: Path) -> bool:
    try:
        check_folder(folder)
    except ModelError:
        return False
    return True


def _reachable(endpoint: str) -> bool:
    """Whether the hub, or the proxy on the way to it, takes a connection in time."""
    url = urlsplit(endpoint)
    proxy = getproxies().get(url.scheme)
    if proxy and url.hostname and not proxy_bypass(url.hostname):
        url = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    place = (url.hostname or "", url.port or (443 if url.scheme == "https" else 80))
    connected = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection(place, timeout=_PATIENCE_S).close()
        except (OSError, UnicodeError):  # no way, or a name that is none
            return
        connected.set()

    # In a thread, for no time limit holds while a name is looked up.
    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(_PATIENCE_S)
    return connected.is_set()


@contextmanager
def _quiet() -> Iterator[None]:
    """The hub's progress bars and log lines off, and as they were afterwards."""
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    verbosity, barred = logging.get_verbosity(), are_progress_bars_disabled()
    logging.set_verbosity_error()
    disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="huggingface_hub")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if not barred:
            enable_progress_bars()
