"""User text fits a sentence; of a path the end is kept."""

from xmodal_core.data.printable import printable, printable_path


def test_a_long_text_keeps_its_beginning_and_a_long_path_its_end() -> None:
    assert printable("abcdefgh", 8) == printable_path("abcdefgh", 8) == "abcdefgh"
    assert printable("abcdefghi", 8) == "abcde..."
    assert printable_path("a/b/c/def.csv", 10) == "...def.csv"


def test_control_characters_are_no_text() -> None:
    assert printable("a\nb\x1b[31m") == "a b [31m"
    assert printable_path("x\ny/z") == "x y/z"
