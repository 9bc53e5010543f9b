"""Bytes of a text file in any usual encoding to UTF-8.

A byte order mark or NUL bytes say what an encoding is; text that is valid UTF-8 is nearly surely UTF-8. Only what is
left is guessed, by what comes out.
"""

import codecs
from dataclasses import dataclass, field

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.guessed_encoding import Guess, guess_encoding
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_MARKS = {  # longest first: that of UTF-32 starts with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_PIECE = 2**22  # bytes decoded at a time, where only errors matter
_CONTROLS = bytes([*range(1, 9), *range(14, 32)])
_MOST_CONTROLS = 0.05  # share of characters that no text has, beyond which it is none
_SEEN = 2**18  # bytes that a guess looks at


@dataclass
class Text:
    """A text file.

    Attributes:
        content: UTF-8 without a byte order mark.
        encoding: what it was.
        warnings: doubts about that.
    """

    content: bytes
    encoding: str
    warnings: list[Caution] = field(default_factory=list)


def as_utf8(upload: Upload, content: bytes, whole: bool = True) -> Text:
    """Decode a text file.

    Args:
        upload: for messages and what the person says.
        content: the bytes, or where not `whole` the first of them.
        whole: the end of the bytes is the end of the text.

    Raises:
        DataError: no text, or not in the encoding that was said.
    """
    text = _decoded(upload, content, whole)
    start = text.content[:_SEEN]
    if b"\0" in text.content or len(start) - len(start.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(start):
        raise _binary(upload)
    if b"\n" not in text.content and b"\r" in text.content:
        text.content = text.content.replace(b"\r", b"\n")
    return text


def _decoded(upload: Upload, content: bytes, whole: bool) -> Text:
    said = upload.reading.encoding
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    encoding = said or _MARKS.get(mark) or _by_zeros(content)
    if encoding in (None, "utf-8") and not mark and content.isascii():
        return Text(content, "utf-8")
    if encoding is None:
        wrong = _not_utf8(content, whole)
        if wrong is None:
            return Text(content, "utf-8")
        if b"\0" in content[:_SEEN]:
            raise _binary(upload)
        if not content[:wrong].isascii():
            raise DataError(
                f"{upload.name}: about byte {wrong:,} is no text in UTF-8, though all before it is, as where a file is "
                "damaged or cut short; save it again, or say its encoding (--read encoding=cp1252)."
            )
    text = Text(b"", encoding or "")
    if encoding is None:
        guess = guess_encoding(content[:_SEEN])
        text.encoding = guess.encoding
        text.warnings += _doubted(guess)
    try:
        decoder = codecs.lookup(text.encoding)
        if not getattr(decoder, "_is_text_encoding", True):
            raise LookupError("no encoding of text")
        body = content.removeprefix(mark)
        if decoder.name == "utf-8" and whole:
            if _not_utf8(body, whole) is not None:
                body.decode("utf-8")  # raises where
            text.content = body
        else:
            decoded = codecs.getincrementaldecoder(text.encoding)("strict").decode(body, whole)
            text.content = decoded.removeprefix("\ufeff").encode("utf-8")
    except (LookupError, TypeError, ValueError) as error:
        raise _refused(upload, text.encoding, error) from error
    return text


def _refused(upload: Upload, encoding: str, error: Exception) -> DataError:
    if isinstance(error, UnicodeDecodeError):
        return DataError(
            f"{upload.name}: byte {error.start:,} is no text in {printable(encoding, 20)}; say another encoding, such "
            "as --read encoding=cp1252, or save the table as UTF-8."
        )
    return DataError(
        f"{upload.name}: the encoding {printable(encoding, 20)!r} is unknown or does not fit, expected one such as "
        "utf-8, cp1252, mac_roman, utf-16, gbk or shift_jis; say another one."
    )


def _not_utf8(content: bytes, whole: bool) -> int | None:
    """Where it does not decode, None where all does; without the memory of the decoded text."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    start = 0
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        start = len(content)
        decoder.decode(b"", whole)
    except UnicodeDecodeError as error:
        return start if start == len(content) else start + error.start
    return None


def _by_zeros(content: bytes) -> str | None:
    """UTF-16 without a mark: of Western text every second byte is zero."""
    start = content[:1000]
    even, odd = start[::2], start[1::2]
    if len(odd) < 4:
        return None
    for zeros, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros.count(0) > 0.6 * len(zeros) and others.count(0) == 0:
            return name
    return None


def _binary(upload: Upload) -> DataError:
    return DataError(
        f"{upload.name}: found binary content, expected a table as text; export it as CSV, or cut signals into samples "
        "and save X and y together with np.savez(...)."
    )


def _doubted(guess: Guess) -> list[Caution]:
    if not guess.doubt:
        return []
    if guess.other:
        return [
            Caution(
                "encoding-guessed",
                f"the text is not UTF-8 and was read as {guess.encoding}; as {guess.other} it makes words, too",
                f"look at its letters and say which it is ({guess.encoding} or {guess.other}), or save it as UTF-8",
                Reading(encoding=guess.other),
            )
        ]
    return [
        Caution(
            "encoding-guessed",
            f"the text is not UTF-8 and was read as {guess.encoding}, which is a guess",
            "say its encoding, or save it as UTF-8",
            Reading(encoding=guess.encoding),
        )
    ]
