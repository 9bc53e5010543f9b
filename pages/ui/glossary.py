"""The glossary on every page: a word in a sentence tells itself under the pointer and opens its entry in a drawer.

from pages.ui import glossary

st.markdown(f"The {glossary.term('gap')} is above its {glossary.term('floor')}.")
st.caption("...", help=glossary.about("interval"))
"""

from collections.abc import Callable

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.glossary import GLOSSARY, ON_PAGE, Entry, search

_AT, _SEARCH = "glossary-at", "glossary-search"  # session_state: the entry that is open, what is looked for
_FOUND = 8

# A link of Markdown knows no Python; this listens for those that `term` makes, and for nothing else.
_LISTEN = """
export default function ({ setTriggerValue }) {
  const opened = (event) => {
    const link = event.composedPath().find((node) => node.matches?.('a[href^="#term-"]'));
    if (!link) return;
    event.preventDefault();
    setTriggerValue("term", link.getAttribute("href").slice("#term-".length));
  };
  document.addEventListener("click", opened);
  return () => document.removeEventListener("click", opened);
}
"""
_links = st.components.v2.component("xmodal_terms", js=_LISTEN)


def term(key: str, text: str | None = None) -> str:
    """Markdown of a word that tells its plain sentence under the pointer and opens its entry.

    Args:
        key: of `GLOSSARY`.
        text: how the word stands in the sentence; in lower case, without its shape, when None.
    """
    entry = GLOSSARY[key]
    shown = (entry.word.split(" (")[0].lower() if entry.word[1:].islower() else entry.word) if text is None else text
    return f'[{plain(shown)}](#term-{key} "{plain(entry.plain)}")'


def about(*keys: str) -> str:
    """Markdown for the `help` of a widget: words with their plain sentences."""
    return "  \n".join(f"**{plain(GLOSSARY[key].word)}:** {plain(GLOSSARY[key].plain)}" for key in keys)


def door(page: str) -> None:
    """The button that opens the drawer, and the ear for words in sentences; once a page, from `app.py`."""
    asked = _links(key="terms", height=1, on_term_change=_ignored).term
    about = "What the words on this page mean, and a search"
    pressed = st.button("Words", key="glossary", type="tertiary", icon=":material/help:", help=about)
    if pressed:
        _open(None)
    elif asked in GLOSSARY:
        _open(asked)
    if pressed or asked in GLOSSARY:
        _drawer(page)


def _ignored() -> None:
    """A trigger is told only where somebody listens."""


def _open(key: str | None) -> None:
    st.session_state[_AT], st.session_state[_SEARCH] = key, ""


def _opens(key: str) -> Callable[[], None]:
    return lambda: _open(key)


@st.dialog("What does it mean?", position="right", width="small")
def _drawer(page: str) -> None:
    words = st.text_input(
        "Search",
        key=_SEARCH,
        placeholder="A word, such as floor or accuracy",
        on_change=lambda: st.session_state.update({_AT: None}),
    )
    at = st.session_state.get(_AT)
    if words.strip():
        found = search(words)
        for entry in found[:_FOUND]:
            _card(entry)
        if not found:
            st.caption(plain(f"Nothing about {words}; try a shorter word, or choose one below."))
    elif at:
        _card(GLOSSARY[at], whole=True)
    here = [GLOSSARY[key] for key in ON_PAGE.get(page, ()) if key != at]
    _row("On this page", here, "page")
    rest = [entry for entry in GLOSSARY.values() if entry not in here and entry.key != at]
    with st.expander(f"All {len(GLOSSARY)} words"):
        _row("", sorted(rest, key=lambda entry: entry.word.casefold()), "all")


def _card(entry: Entry, whole: bool = False) -> None:
    with st.container(border=True, gap="xsmall", key=f"glossary-entry-{entry.key}"):
        st.markdown(f"**{plain(entry.word)}**  \n{plain(entry.plain)}")
        st.caption(f"Exactly: {plain(entry.exact, longest=600)}")
        if whole:
            _row("See also", [GLOSSARY[key] for key in entry.see], "see")
        else:
            st.button("See also", key=f"glossary-open-{entry.key}", type="tertiary", on_click=_opens(entry.key))


def _row(title: str, entries: list[Entry], where: str) -> None:
    if not entries:
        return
    if title:
        st.caption(title)
    with st.container(horizontal=True, gap="xsmall"):
        for entry in entries:
            key = f"glossary-{where}-{entry.key}"
            st.button(plain(entry.word), key=key, on_click=_opens(entry.key), help=plain(entry.plain))
