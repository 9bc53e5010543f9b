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
        ("naïve café, 20 °C\n", "cp1252", False),
        ("“quoted” – 5 €\n", "cp1252", False),
        ("温度,湿度,标签\n高,低,苹果\n", "gbk", True),
        ("温度,ラベル\nりんご,みかん\n", "shift_jis", True),
        ("длина,класс\nберёза,клён\n", "cp1251", True),
        ("žluťoučký kůň\n", "cp1250", True),
    ],
)
def test_an_encoding_is_guessed_and_said_where_another_is_as_likely(text: str, encoding: str, doubt: bool) -> None:
    content = text.encode(encoding)
    found, named, codes = decoded(content)
    assert codes == (["encoding-guessed"] if doubt else [])
    assert found == text or encoding == "cp1250"  # Central European is not told from Western, which is why it is asked
    assert decoded(content, encoding) == (text, encoding, [])
    assert not decoded(content, named)[2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_marks_and_zeros_say_what_an_encoding_is(encoding: str) -> None:
    assert decoded("länge,label\n1,a\n".encode(encoding))[::2] == ("länge,label\n1,a\n", [])


def test_utf_8_that_is_damaged_is_not_taken_for_something_else(refusal) -> None:
    good = "länge,label\n1,é\n".encode()
    refusal(lambda: decoded(good + b"2,\xe9\n"), "byte 20")
    refusal(lambda: decoded(good[:-2]), "cut short")


def test_binary_content_is_refused(refusal) -> None:
    refusal(lambda: decoded(b"a,b\n\0\0\0\1,2"), "binary")
