"""Names inside a zip: safe ones only, in the encoding they were written in, and which of them are junk."""

import re
import struct
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from xmodal_core.data.printable import printable
from xmodal_core.errors import DataError

_JUNK = frozenset(("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin"))
_DEEPEST, _LONGEST = 64, 255
_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075  # an extra field of Info-ZIP with the name in UTF-8
_EAST_ASIAN = ("gbk", "shift_jis", "euc_kr", "big5")
_CANDIDATES = (*_EAST_ASIAN, "cp1252", "cp437")  # of equal scores the first wins
_BESIDE_LETTERS = 0.8  # what an East Asian character next to an ASCII letter is worth: more often it is an accent
# share of belief in a two-byte character by its first byte, where common characters of the encoding begin
_COMMON = {
    "gbk": (0xB0, 0xD7, 1.0),
    "shift_jis": (0x88, 0x97, 0.9),
    "euc_kr": (0xB0, 0xC8, 0.8),
    "big5": (0xA4, 0xC6, 0.7),
}
_KANA = 1.1
_LETTERS = {"cp1252": "[\xc0-\xff]", "cp437": "[\x80-\x9a\xa0-\xa5\xe1]"}  # where the letters of a code page lie


def is_junk(path: PurePosixPath) -> bool:
    """Whether an operating system put the file there, not a person."""
    return any(part.startswith(".") or part.lower() in _JUNK for part in path.parts)


def safe_path(name: str, found: str) -> PurePosixPath:
    """A relative path that stays inside its folder, in composed characters and without blanks around its names.

    Args:
        name: of the data set, for messages.
        found: the path as it is in the archive.

    Raises:
        DataError: it is absolute, leads upwards, has characters that are separators elsewhere, or is very long.
    """
    path = PurePosixPath(found)
    if path.is_absolute() or ".." in path.parts or re.search(r"\\|\0|^[A-Za-z]:", found):
        raise DataError(
            f"{name}: the entry {printable(found)!r} points outside its folder or has an unsafe name, expected "
            "relative names such as cat/1.png; pack the folder again."
        )
    if len(path.parts) > _DEEPEST or any(len(part) > _LONGEST for part in path.parts):
        raise DataError(
            f"{name}: the entry {printable(found)!r} has a name of more than {_LONGEST} letters or lies more than "
            f"{_DEEPEST} folders deep, expected names that a file system takes; pack the folder again."
        )
    return PurePosixPath(*(tidy(part) for part in path.parts))


def with_slashes(names: Sequence[str]) -> list[str]:
    """Names with slashes between folders where all of an archive have backslashes there, as some packers write them.

    Args:
        names: of all entries; nothing is known to be safe yet, and what comes out is still to be checked.
    """
    if any("/" in name for name in names):
        return list(names)
    return [name.replace("\\", "/") for name in names]


def tidy(part: str) -> str:
    """A name in composed characters (NFC) without blanks around it."""
    composed = unicodedata.normalize("NFC", part)
    return composed.strip() or composed


def stored_names(name: str, entries: Sequence[zipfile.ZipInfo], encoding: str | None) -> tuple[list[str], str]:
    """Names of entries, and the encoding that was guessed for those that state none; "" where nothing was guessed.

    Args:
        name: of the data set, for messages.
        entries: of one archive.
        encoding: what the person said.

    Raises:
        DataError: names that are not in the encoding that was said.
    """
    unstated = {index: raw for index, entry in enumerate(entries) if (raw := _unstated(entry)) is not None}
    names = [_unicode_path(entry) or entry.orig_filename for entry in entries]
    if not unstated:
        return names, ""
    used = encoding or guess_encoding(list(unstated.values()))
    try:
        names = [unstated[index].decode(used) if index in unstated else one for index, one in enumerate(names)]
    except (UnicodeDecodeError, LookupError) as error:
        raise DataError(
            f"{name}: names in the archive are not in the encoding {printable(used, 20)!r}, expected one that they "
            f"were written in, such as {', '.join(_CANDIDATES)}; say another one or leave it out."
        ) from error
    return names, "" if encoding or used in ("utf-8", "cp437") else used


def guess_encoding(names: Sequence[bytes]) -> str:
    """The encoding in which names read best: UTF-8 where they are that, else a code page (cp437 is the zip's own)."""
    fitting = [one for one in ("utf-8", *_CANDIDATES) if all(_decoded(raw, one) is not None for raw in names)]
    if "utf-8" in fitting:
        return "utf-8"
    return max(fitting, key=lambda encoding: sum(_belief(raw, encoding) for raw in names))  # cp437 fits all


def _unstated(entry: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a name whose encoding nothing says."""
    if entry.flag_bits & _UTF8_FLAG or entry.orig_filename.isascii() or _unicode_path(entry):
        return None
    return entry.orig_filename.encode("cp437")  # as `zipfile` decoded it: every byte comes back


def _unicode_path(entry: zipfile.ZipInfo) -> str | None:
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == _UNICODE_PATH and size > 5:
            return _decoded(extra[9 : 4 + size], "utf-8")  # behind a version and a checksum
        extra = extra[4 + size :]
    return None


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _belief(raw: bytes, encoding: str) -> float:
    """How much a name looks like text of this encoding, from 0 to about 1."""
    text = raw.decode(encoding)
    foreign = [(index, character) for index, character in enumerate(text) if not character.isascii()]
    if encoding not in _EAST_ASIAN:
        runs = re.findall(rb"[\x80-\xff]+", raw)
        letters = [
            run for run in runs if len(run) <= 2 and re.fullmatch(_LETTERS[encoding] + "+", run.decode("latin-1"))
        ]
        return len(letters) / max(len(runs), 1) - sum(len(run) == 2 for run in letters) / max(2 * len(runs), 1)
    total = 0.0
    for index, character in foreign:
        around = text[max(index - 1, 0) : index + 2].replace(character, "")
        beside = any(one.isascii() and one.isalpha() for one in around)
        total += _worth(character, encoding) * (_BESIDE_LETTERS if beside else 1)
    return total / max(len(foreign), 1)


def _worth(character: str, encoding: str) -> float:
    first, last, worth = _COMMON[encoding]
    code = character.encode(encoding)
    if len(code) < 2:
        return 0.0  # half-width katakana, which is how other encodings look in this one
    if encoding == "shift_jis" and "぀" <= character <= "ヿ":
        return _KANA
    return worth if first <= code[0] <= last else worth / 3
