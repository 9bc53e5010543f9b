import io

import pytest

from xmodal_core.data.readers.tables.encoding import as_utf8
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading


def decoded(content: bytes, encoding: str | None = None) -> tuple[str, str, list[str]]:
    text = as_utf8(Upload(io.BytesIO(), "t", "t.csv", Reading(encoding=encoding)), content)
    return text.content.decode(), text.encoding, [warning.code for warning in text.warnings]


@pytest.mark.parametrize(
    ("text", "encoding", "doubt"),
    [
        ("länge,größe,Möhre\n", "cp1252", False),
        ("温度,湿度,标签\n高,低,苹果\n", "gbk", True),
        ("hêtre,chêne,érable\n", "mac_roman", True),
    ],
)
def test_an_encoding_is_guessed_and_said_where_another_is_as_likely(text: str, encoding: str, doubt: bool) -> None:
    content = text.encode(encoding)
    assert decoded(content) == (text, encoding, ["encoding-guessed"] if doubt else [])
    assert decoded(content, encoding) == (text, encoding, [])


def test_where_two_encodings_make_words_the_other_one_is_named() -> None:
    content = "szőlő,fűz\n".encode("cp1250")
    found = as_utf8(Upload(io.BytesIO(), "t", "t.csv", Reading()), content)
    assert found.encoding == "cp1252"
    assert [warning.mends for warning in found.warnings] == [Reading(encoding="cp1250")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_marks_and_zeros_say_what_an_encoding_is(encoding: str) -> None:
    assert decoded("länge,label\n1,a\n".encode(encoding))[::2] == ("länge,label\n1,a\n", [])


def test_utf_8_that_is_damaged_is_not_taken_for_something_else(refusal) -> None:
    good = "länge,label\n1,é\n".encode()
    refusal(lambda: decoded(good + b"2,\xe9\n"), "byte 20")
    refusal(lambda: decoded(good[:-2]), "cut short")


def test_binary_content_is_refused(refusal) -> None:
    refusal(lambda: decoded(b"a,b\n\0\0\0\1,2"), "binary")
    refusal(lambda: decoded(b"\0\1" * 40), "binary", "np.savez")  # what looks like UTF-16 by its zeros
    refusal(lambda: decoded(bytes(range(256)) * 4), "binary")
