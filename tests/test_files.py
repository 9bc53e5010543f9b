"""A replaced file is the old one or the new one, and nothing else is left in its folder."""

import ast
import threading
from pathlib import Path

import pytest

from xmodal_core.files import replace_file, replacing

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

    with pytest.raises(OSError, match="No space"):
        write()
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
