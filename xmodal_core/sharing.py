"""One machine for many who do not know each other: the mode of a server, and keys to workspaces that nobody guesses.

`XMODAL_MODE=shared` gives every visitor a workspace behind a key of 128 random bits. A key is signed, so that only
those that this server made open anything, and is kept nowhere: the folder of its workspace is named by its hash, and
that name is what paths, exports, logs and command lines can tell.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from xmodal_core.errors import SettingsError
from xmodal_core.files import storing

MODE = "XMODAL_MODE"
_MODES = ("local", "shared")
_RANDOM, _SIGNED = 16, 9  # bytes
_KEY = re.compile(r"[A-Za-z0-9_-]{34}")
_SECRET_FILE = "server.key"


def is_shared(environment: Mapping[str, str]) -> bool:
    """Whether strangers share this server.

    Raises:
        SettingsError: the mode is none that there is; to guess could mean to let somebody in.
    """
    mode = environment.get(MODE, "") or "local"
    if mode not in _MODES:
        raise SettingsError(f"{MODE} is {mode!r}, expected {' or '.join(_MODES)}; set one of them.")
    return mode == "shared"


def new_key(home: Path) -> str:
    """A key to a workspace that nobody has; its folder is made when something is kept there.

    Args:
        home: of the server, where its secret lies.

    Raises:
        StorageError: the secret cannot be written.
    """
    drawn = secrets.token_bytes(_RANDOM)
    return _text(drawn) + _text(_signature(home, drawn))


def folder_name(home: Path, key: str) -> str | None:
    """The name of the folder of a key's workspace; None of a key that this server did not make."""
    if not _KEY.fullmatch(key):
        return None
    drawn = base64.urlsafe_b64decode(key[:22] + "==")
    if not hmac.compare_digest(_text(drawn) + _text(_signature(home, drawn)), key):
        return None
    return "own-" + hashlib.sha256(drawn).hexdigest()[:32]


def _signature(home: Path, drawn: bytes) -> bytes:
    return hmac.digest(_secret(home), drawn, "sha256")[:_SIGNED]


def _secret(home: Path) -> bytes:
    path = home / _SECRET_FILE
    if not path.is_file():
        with storing():
            home.mkdir(parents=True, exist_ok=True)
            drawn = home / f"{_SECRET_FILE}.{secrets.token_hex(8)}"
            with open(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            with contextlib.suppress(FileExistsError):  # of two first visitors at once, both get the same secret
                os.link(drawn, path)
            drawn.unlink()
    return path.read_bytes()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
