"""A file appears whole or not at all: one place replaces one, asks whether it may, and says why the system refuses."""

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from xmodal_core.errors import StorageError

_asked: list[Callable[[Path], None]] = []
_UNFINISHED = ".tmp"
_ABANDONED_S = 600.0  # a file that has been unfinished for so long is nobody's: writing one takes seconds
_REFUSALS = {
    errno.ENOSPC: "The disk is full; free some space, then go on from where it was",
    errno.EDQUOT: "The disk quota is used up; free some space, then go on from where it was",
    errno.EROFS: "The file system can only be read; set XMODAL_HOME to a folder that can be written",
    errno.EACCES: "The folder may not be written or read; check its permissions, or set XMODAL_HOME to another",
    errno.EPERM: "The system does not allow it; check the permissions of the folder, or set XMODAL_HOME to another",
    errno.EMFILE: "Too many files are open in this process; raise the limit (ulimit -n), or close other work",
    errno.ENFILE: "Too many files are open on this machine; close other programs",
    errno.EIO: "The disk reports an error; check it, and keep a copy of what is on it",
    errno.ENAMETOOLONG: "The name of a file is too long for this file system; choose a shorter one",
    errno.EFBIG: "A file has become larger than this system or its limits allow; raise them (ulimit -f)",
    errno.ESTALE: "The network folder is not there any more; connect it again",
}


def ask_before_writing(may: Callable[[Path], None]) -> None:
    """Have a function asked before any file of ours is written, in the thread that writes; it raises to refuse."""
    _asked.append(may)


def check_writable(path: Path) -> None:
    """Ask whether `path` may be written, before anything is done for it.

    Raises:
        ReadOnlyError: it lies where nothing may be changed.
    """
    for may in _asked:
        may(path)


def refusal(error: OSError) -> str | None:
    """What the system refuses and what to do, one sentence; None where the error says nothing of storage."""
    said = _REFUSALS.get(error.errno or 0)
    if said is None:
        return None
    return f"{said} ({Path(os.fsdecode(error.filename)).name})." if error.filename else f"{said}."


@contextlib.contextmanager
def storing() -> Iterator[None]:
    """Inside, what the system refuses is raised as a `StorageError` with its sentence; other errors as they are."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        sentence = refusal(error)
        if sentence is None:
            raise
        typed = StorageError(sentence)
        typed.errno = error.errno
        raise typed from error


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file at `path` when the block ends; missing folders are made.

    A reader finds the old file or the new one. Where the block raises, or the disk is full, the old one stays and
    nothing is left behind. Two writers do not disturb each other; the last one to end wins.

    Args:
        path: the file.
        durable: content and name are on the disk when the block has ended, so that a power cut loses neither.

    Raises:
        StorageError: the folder cannot be written, or the disk is full.
        ReadOnlyError: see `check_writable`.
    """
    check_writable(path)
    unfinished = path.with_name(f".{secrets.token_hex(8)}{_UNFINISHED}")
    try:
        with storing():
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("xb") as stream:
                yield stream
                if durable:
                    stream.flush()
                    os.fsync(stream.fileno())
            unfinished.replace(path)
            if durable:
                reach_disk(path.parent)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)  # a full disk gets its room back


def replace_file(path: Path, content: bytes | str, *, durable: bool = False) -> None:
    """Make `content` (text as UTF-8) the file at `path`; see `replacing`.

    Raises:
        StorageError: see `replacing`.
    """
    with replacing(path, durable=durable) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


def append_whole(path: Path, content: bytes) -> None:
    """Add content at the end of a file, all of it or nothing: what a full disk took in part is taken back.

    Raises:
        StorageError: the disk took only a part, or nothing.
        ReadOnlyError: see `check_writable`.
    """
    check_writable(path)
    with storing(), path.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            taken = file.write(content)
            if taken != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            os.truncate(path, before)
            raise


def reach_disk(path: Path) -> None:
    """Wait until a power cut would lose nothing of a file, or of the names in a folder."""
    if os.name == "nt" and path.is_dir():  # there a folder cannot be opened
        return
    with storing():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clear_abandoned(folder: Path) -> None:
    """Remove what writers that were killed have left unfinished in a folder and below it."""
    for path in folder.rglob(f".*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder to fill that becomes `folder` when the block ends, unless somebody else was faster.

    Where the block raises, nothing is left behind.

    Raises:
        StorageError: it cannot be written, or the disk is full.
        ReadOnlyError: see `check_writable`.
    """
    check_writable(folder)
    unfinished = folder.with_name(f".{secrets.token_hex(8)}{_UNFINISHED}")
    try:
        with storing():
            unfinished.mkdir(parents=True)
            yield unfinished
            try:
                unfinished.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
