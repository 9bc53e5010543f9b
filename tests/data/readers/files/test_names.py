import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.packed import in_encoding, pictures
from xmodal_core.data.readers import read
from xmodal_core.data.readers.files.names import guess_encoding, safe_path, tidy
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["猫/1.png", "Bär/1.png"]),
        ("gbk", ["猫/1.png", "狗/1.png", "飞机/2.png"]),
        ("gbk", ["训练集/猫/图片1.png"]),
        ("shift_jis", ["ねこ/1.png", "いぬ/1.png"]),
        ("shift_jis", ["ネコ/1.png", "犬/1.png"]),
        ("cp437", ["Bär/1.png", "Hündin/1.png", "âge/1.png"]),
        ("cp437", ["böx/1.png"]),
        ("cp1252", ["Bär/1.png", "Mädchen/1.png", "crème/1.png"]),
    ],
)
def test_names_are_read_in_the_encoding_that_they_were_written_in(encoding, names):
    assert guess_encoding([name.encode(encoding) for name in names]) == encoding


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=4))
def test_any_bytes_have_an_encoding_that_reads_them(names):
    encoding = guess_encoding(names)
    assert all(isinstance(raw.decode(encoding), str) for raw in names)


def test_an_encoding_that_names_are_not_in_is_refused(refusal):
    content = in_encoding(pictures("猫猫", "狗狗"), "gbk")
    refusal(lambda: read(content, "t.zip", Reading(encoding="ascii")), "'ascii'", "gbk")
    refusal(lambda: read(content, "t.zip", Reading(encoding="klingon")), "'klingon'")


@pytest.mark.parametrize("found", ["/".join("a" * 65), "_" * 256])
def test_names_that_no_file_system_takes_are_refused(found, refusal):
    refusal(lambda: safe_path("t", found), "255 letters", "64 folders")


def test_names_are_composed_and_lose_blanks_around_them():
    assert tidy(" cafe\u0301 ") == "café"
    assert tidy("  ") == "  "
    assert str(safe_path("t", "a /b\u0308 /1.png")) == "a/b\u0308".replace("b\u0308", "b̈") + "/1.png"


@given(st.text(max_size=12))
def test_any_path_is_refused_or_stays_inside(found):
    try:
        path = safe_path("t", found)
    except DataError:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts
