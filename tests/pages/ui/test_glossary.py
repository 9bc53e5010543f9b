"""The drawer of words, on every page."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import glossary
from pages.ui.safe import plain
from xmodal_core.glossary import GLOSSARY, ON_PAGE


def words(app):
    return [button.key for button in app.button if (button.key or "").startswith("glossary-page-")]


@pytest.mark.parametrize("page", ["start", "data", "compare"])
def test_the_drawer_opens_with_the_words_of_the_page(open_page, page):
    app = open_page(page)
    assert words(app) == []
    app.button(key="glossary").click().run()
    assert not app.exception
    assert words(app) == [f"glossary-page-{key}" for key in ON_PAGE[page]]


def drawer():  # AppTest runs all of the script where a browser runs the drawer alone, which would close it
    from pages.ui import glossary

    glossary._drawer("gap")


def test_a_word_opens_its_entry_which_leads_on():
    app = AppTest.from_function(drawer).run()
    app.button(key="glossary-page-gap").click().run()
    assert any(plain(GLOSSARY["gap"].plain) in text.value for text in app.markdown)
    app.button(key="glossary-see-floor").click().run()
    assert not app.exception
    assert any("The reading between two draws" in text.value for text in app.caption)


def test_a_search_finds_an_entry_and_says_where_there_is_none():
    app = AppTest.from_function(drawer).run()
    app.text_input(key="glossary-search").set_value("earth mover").run()
    assert any(text.value.startswith("**OTDD**") for text in app.markdown)
    app.text_input(key="glossary-search").set_value("x*y[z]").run()
    assert not app.exception
    assert any(text.value.startswith("Nothing about x\\*y\\[z\\]") for text in app.caption)


def sentence():
    import streamlit as st

    from pages.ui import glossary

    st.markdown(f"The {glossary.term('gap')} and {glossary.term('otdd', 'this number')}.", help=glossary.about("n"))


def test_a_word_in_a_sentence_tells_itself_and_leads_to_its_entry():
    app = AppTest.from_function(sentence).run()
    assert not app.exception
    text = app.markdown[0].value
    assert text.startswith('The [gap](#term-gap "How unlike your data look')
    assert "[this number](#term-otdd" in text
    assert "**n:** How many samples" in app.markdown[0].help


def test_a_word_that_is_no_entry_is_an_error_of_the_page():
    with pytest.raises(KeyError):
        glossary.term("no-such-word")
