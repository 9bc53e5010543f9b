"""A file appears whole or not at all: the one place that replaces one."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file at `path` when the block ends; missing folders are made.

    A reader finds the old file or the new one. Where the block raises, or the disk is full, the old one stays and
    nothing is left behind. Two writers do not disturb each other; the last one to end wins.

    Args:
        path: the file.
        durable: the content is on the disk before the name points at it, so that a power cut loses neither.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with unfinished.open("xb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)  # a full disk gets its room back


def replace_file(path: Path, content: bytes | str, *, durable: bool = False) -> None:
    """Make `content` (text as UTF-8) the file at `path`; see `replacing`.

    Raises:
        OSError: see `replacing`.
    """
    with replacing(path, durable=durable) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
