"""A replaced file is the old one or the new one, and nothing else is left in its folder."""

import ast
import errno
import os
import resource
import signal
import threading
import time
from pathlib import Path

import pytest

from xmodal_core import files
from xmodal_core.errors import ReadOnlyError, StorageError
from xmodal_core.files import (
    appearing,
    append_whole,
    ask_before_writing,
    check_writable,
    clear_abandoned,
    replace_file,
    replacing,
    storing,
)
from xmodal_core.runs.rundir import RunDir

ROOT = Path(__file__).parents[1]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_content_replaces_what_was_there_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "a.json"
    replace_file(path, "ä", durable=True)
    assert path.read_bytes() == "ä".encode()
    replace_file(path, b"\x00\x01")
    assert path.read_bytes() == b"\x00\x01"
    assert names(path.parent) == ["a.json"]


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    replace_file(path, b"old")

    def write() -> None:
        with replacing(path) as stream:
            stream.write(b"half of the new")
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="The disk is full") as refused:
        write()
    assert refused.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_the_old_file_is_read_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    replace_file(path, b"old")
    with replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    contents = [bytes([i]) * 100_000 for i in range(8)]
    threads = [threading.Thread(target=replace_file, args=(path, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["a.bin"]


def test_what_a_disk_takes_in_part_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append_whole(path, b"first\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))  # four more bytes fit
    try:
        with pytest.raises(OSError, match=r"File too large|disk is full"):
            append_whole(path, b"second\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_bytes() == b"first\n"
    append_whole(path, b"third\n")
    assert path.read_bytes() == b"first\nthird\n"


def test_what_the_system_refuses_is_said_and_what_it_does_not_refuse_is_passed_on() -> None:
    with pytest.raises(StorageError, match=r"Too many files .* \(a\.bin\)\."), storing():
        raise OSError(errno.EMFILE, "no", "/somewhere/a.bin")
    with pytest.raises(FileNotFoundError), storing():
        raise FileNotFoundError(errno.ENOENT, "no")


def test_what_killed_writers_left_is_cleared_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    old, new, other = tmp_path / "frames" / ".ab12.tmp", tmp_path / ".cd34.tmp", tmp_path / "mine.tmp"
    old.parent.mkdir()
    for path in (old, new, other):
        path.touch()
    long_ago = time.time() - 3600
    for path in (old, other):
        os.utime(path, (long_ago, long_ago))
    clear_abandoned(tmp_path)
    assert [old.exists(), new.exists(), other.exists()] == [False, True, True]


def test_nowhere_else_is_a_file_renamed_into_place_or_written_in_place() -> None:
    """Half a file looks like a whole one to whoever reads it next."""
    others = [*(ROOT / "xmodal_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    others.remove(ROOT / "xmodal_core" / "files.py")
    found = [f"{path.relative_to(ROOT)}:{line}" for path in others for line in _writes(path)]
    assert not found, "\n".join(found)


def _writes(path: Path) -> list[str]:
    calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Attribute)]
    names = ("write_text", "write_bytes", "mkstemp", "rename", "renames")
    return [
        f"{n.lineno} {n.attr}"
        for n in calls
        if n.attr in names or (n.attr == "replace" and isinstance(n.value, ast.Name) and n.value.id == "os")
    ]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with appearing(tmp_path / "new" / "a") as unfinished:
        (unfinished / "x").write_text("1")
        assert not (tmp_path / "new" / "a").exists()
    assert (tmp_path / "new" / "a" / "x").read_text() == "1"
    assert names(tmp_path / "new") == ["a"]
    with pytest.raises(ValueError, match="half"), appearing(tmp_path / "new" / "b"):
        raise ValueError("half")
    assert names(tmp_path / "new") == ["a"]


def test_of_two_who_make_the_same_folder_the_first_counts(tmp_path: Path) -> None:
    with appearing(tmp_path / "a") as slow:
        (slow / "x").write_text("slow")
        with appearing(tmp_path / "a") as fast:
            (fast / "x").write_text("fast")
    assert (tmp_path / "a" / "x").read_text() == "fast"
    assert names(tmp_path) == ["a"]


def test_whoever_is_asked_may_refuse_and_then_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        if path.is_relative_to(tmp_path / "kept"):
            raise ReadOnlyError("stays as it is")

    monkeypatch.setattr(files, "_asked", [])
    ask_before_writing(refuse)
    check_writable(tmp_path / "other")
    replace_file(tmp_path / "other", "1")
    with pytest.raises(ReadOnlyError):
        replace_file(tmp_path / "kept" / "a", "1")
    with pytest.raises(ReadOnlyError), appearing(tmp_path / "kept" / "b"):
        pass
    with pytest.raises(ReadOnlyError):
        RunDir.create(tmp_path / "kept", '{"method": "orca"}')
    assert names(tmp_path) == ["other"]
