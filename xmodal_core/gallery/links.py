"""Links that let others look at a workspace and change nothing: a token beside it, and where each token leads.

The token in the workspace counts; without it the link is dead. Whoever has the name of a workspace can change it, so a
link to look must not tell it.
"""

import hmac
import re
import secrets
from pathlib import Path

from xmodal_core.data.store import cache_root
from xmodal_core.files import replace_file

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_FILE = "view.token"


def token_of(workspace: Path) -> str:
    """The token of a workspace, made where it has none.

    Raises:
        OSError: the workspace cannot be written.
        ReadOnlyError: it may not be changed.
    """
    token = _read(workspace / _FILE)
    if _TOKEN.fullmatch(token) and workspace_of(token) == workspace:
        return token
    token = secrets.token_urlsafe(16)
    replace_file(_views() / token, workspace.name)
    replace_file(workspace / _FILE, token)
    return token


def workspace_of(token: str) -> Path | None:
    """The workspace that a token lets look at; None where it leads nowhere."""
    if not _TOKEN.fullmatch(token):
        return None
    name = _read(_views() / token)
    workspace = _views().parent / "workspaces" / name
    return workspace if name and hmac.compare_digest(_read(workspace / _FILE), token) else None


def _views() -> Path:
    return cache_root().resolve() / "views"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
