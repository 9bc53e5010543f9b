"""Headers of every answer: a page takes nothing from elsewhere, tells nobody where it is, and stands in no frame.

The address of a page may be the key to a workspace, so it is told to no other server; and what a page draws may come
from a stranger's file, so what a browser would load because of it has to come from here.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import streamlit as st

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

_INLINE = re.compile(r"<script[^>]*>((?:(?!</script>).)+)</script>", re.DOTALL)


def inline_scripts(page: str) -> list[str]:
    """Hashes, as a policy names them, of the scripts that stand in a page."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE.findall(page)
    ]


def _of_streamlit() -> str:
    return (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


# Streamlit styles by inline sheets and loads components from blobs; of scripts in the page only its own one runs.
POLICY = {
    "default-src": "'self'",
    "script-src": " ".join(["'self'", "blob:", *inline_scripts(_of_streamlit())]),
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "frame-ancestors": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_ENCODED = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Headers:
    """Adds the headers to what another application answers; one that is there already stays."""

    def __init__(self, app: Application) -> None:
        """The application whose answers are taken."""
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """As ASGI asks for it."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                have = {name.lower() for name, _ in message.get("headers", ())}
                more = [(name, value) for name, value in _ENCODED if name not in have]
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
