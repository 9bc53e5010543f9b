"""What a stranger wrote is shown as text."""

from pages.ui.safe import line, plain


def test_markdown_controls_are_escaped_and_the_text_stays():
    hostile = "![x](https://evil.example/a.png) :red[b] $c$ <b>d</b> `e` *f*"
    shown = plain(hostile)
    for control in "![](){}`*$<>":
        assert all(shown[i - 1] == "\\" for i, c in enumerate(shown) if c == control)
    assert shown.replace("\\", "").replace("\u2060", "") == hostile


def test_bare_addresses_and_emoji_codes_are_broken_up():
    assert "www." not in plain("www.evil.example").replace("\\", "")
    assert "://" not in plain("https://evil.example").replace("\\", "")
    assert ":smile:" not in plain(":smile:").replace("\\", "")


def test_lines_are_joined_and_cut():
    assert line("a\n\tb\x00c") == "a b c"
    assert line("abcdef", longest=4) == "abc…"
