"""The glossary: entries that are whole, that lead to each other, and that cover what pages ask for."""

import re
from pathlib import Path

import pytest

from xmodal_core.glossary import GLOSSARY, GROUPS, ON_PAGE, search

ROOT = Path(__file__).parents[1]
ASKED = re.compile(r"""glossary\.(?:term|about)\(\s*"(\w+)\"""")


@pytest.mark.parametrize("entry", GLOSSARY.values(), ids=list(GLOSSARY))
def test_an_entry_is_one_plain_sentence_and_leads_to_entries_that_exist(entry):
    assert entry.plain.endswith(".")
    assert not re.search(r"[.?!] [A-Z].*[.?!] [A-Z]", entry.plain), "at most two short sentences"
    assert len(entry.plain) <= 120
    assert entry.exact.endswith(".")
    assert set(entry.see) <= set(GLOSSARY) - {entry.key}
    assert not re.search(r"[\[\]`*_$<>]", entry.plain + entry.exact), "no Markdown: it is shown as it stands"


def test_no_word_stands_twice():
    words = [entry.word.casefold() for entries in GROUPS.values() for entry in entries]
    assert len(set(words)) == len(words) == len(GLOSSARY)


def test_whatever_a_page_asks_for_has_an_entry():
    files = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
    asked = {key for file in files for key in ASKED.findall(file.read_text(encoding="utf-8"))}
    asked |= {key for keys in ON_PAGE.values() for key in keys}
    assert asked
    assert asked <= set(GLOSSARY)


def test_every_page_has_its_words():
    assert {path.stem for path in (ROOT / "pages" / "views").glob("*.py")} <= set(ON_PAGE)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("gap", "gap"),
        ("FLOOR", "floor"),
        ("optimal transport", "otdd"),
        ("umap", "projection"),
        ("accuracy", "score"),
        ("label", "class"),
        ("name tags", "shuffled"),
    ],
)
def test_a_search_finds_the_word_before_what_only_mentions_it(words, first):
    found = search(words)
    assert first in [entry.key for entry in found][: 3 if words == "accuracy" else 2]


def test_a_blank_search_finds_everything_and_nonsense_nothing():
    assert list(search("  ")) == list(GLOSSARY.values())
    assert search("no such word here") == []
