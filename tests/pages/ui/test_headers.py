"""Headers of every answer, and that they let nothing in from elsewhere."""

import asyncio
import base64
import hashlib

import pytest

from pages.ui.headers import HEADERS, POLICY, Headers, inline_scripts


def answered(kind: str = "http", headers: tuple[tuple[bytes, bytes], ...] = ()) -> list[dict]:
    sent: list[dict] = []

    async def app(scope, receive, send):
        await send({"type": f"{kind}.response.start", "status": 200, "headers": list(headers)})
        await send({"type": f"{kind}.response.body", "body": b"x"})

    async def send(message):
        sent.append(message)

    asyncio.run(Headers(app)({"type": kind}, None, send))
    return sent


def test_every_answer_has_them_and_its_body_is_left_alone():
    start, body = answered()
    assert dict(start["headers"]) == {name.encode(): value.encode() for name, value in HEADERS.items()}
    assert body == {"type": "http.response.body", "body": b"x"}


def test_a_header_that_is_there_stays():
    start, _ = answered(headers=((b"X-Frame-Options", b"DENY"),))
    assert [value for name, value in start["headers"] if name.lower() == b"x-frame-options"] == [b"DENY"]


def test_a_websocket_is_left_alone():
    assert answered("websocket")[0]["headers"] == []


@pytest.mark.parametrize("name", sorted(POLICY))
def test_nothing_comes_from_elsewhere_and_no_script_stands_in_the_page(name):
    allowed = POLICY[name].split()
    assert not [place for place in allowed if "://" in place or place in ("*", "http:", "https:", "ws:", "wss:")]
    if name == "script-src":
        assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & set(allowed)


def test_a_script_is_named_by_its_hash():
    expected = base64.b64encode(hashlib.sha256(b" a = 1 ").digest()).decode()
    assert inline_scripts('<script src="x.js"></script><script> a = 1 </script>') == [f"'sha256-{expected}'"]
    assert len([place for place in POLICY["script-src"].split() if place.startswith("'sha256-")]) >= 1
