"""A hub of one model on this machine: as much of its protocol as a download needs, in a thread."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REVISION = "0123456789abcdef0123456789abcdef01234567"


class _Hub(ThreadingHTTPServer):
    """Serves the files of a folder as the only revision of one model.

    Attributes:
        asked: paths of all requests, in their order.
    """

    daemon_threads = True

    def __init__(self, hub_id: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.hub_id, self.asked = hub_id, list[str]()
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        self.files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: _Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def _answer(self) -> None:
        hub = self.server
        path = self.path.split("?")[0]
        hub.asked.append(path)
        about, files = f"/api/models/{hub.hub_id}", f"/{hub.hub_id}/resolve/{REVISION}/"
        if path == f"{about}/revision/main":
            self._json({"id": hub.hub_id, "sha": REVISION})
        elif path == f"{about}/tree/{REVISION}":
            self._json([{"type": "file", "path": p, "size": len(b), "oid": _tag(b)} for p, b in hub.files.items()])
        elif path.startswith(files) and path.removeprefix(files) in hub.files:
            self._bytes(hub.files[path.removeprefix(files)])
        else:
            self.send_error(404)

    def _json(self, value: object) -> None:
        self._bytes(json.dumps(value).encode(), "application/json")

    def _bytes(self, body: bytes, kind: str = "application/octet-stream") -> None:
        self.send_response(200)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("ETag", f'"{_tag(body)}"'),
            ("X-Repo-Commit", REVISION),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _tag(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


@contextmanager
def hub_of(hub_id: str, folder: Path) -> Iterator[_Hub]:
    """The hub while it answers."""
    hub = _Hub(hub_id, folder)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
