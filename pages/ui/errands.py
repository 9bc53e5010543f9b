"""An errand on a page: how far it is, what time is left, a way to cancel it, and how it ended."""

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.runs import errand
from xmodal_core.runs.errand import ErrandDir, ErrandState

EVERY_S = 1.0
_SHORT_S = 90


def follow(told: ErrandDir, key: str) -> None:
    """Progress and a way to stop, looked at every second; the whole page is drawn again when it is over."""

    def poll() -> None:
        now = errand.status(told)
        if not now.live:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(now.share_now, text=plain(sentence(now)))
            st.button("Cancel", key=f"{key}-cancel", on_click=errand.cancel, args=(told,))

    st.fragment(poll, run_every=EVERY_S)()
    st.caption("It goes on when you leave this page or close the window.")


def ended(now: ErrandState) -> None:
    """Say how it ended, where that was not as it should."""
    if now.state in ("failed", "lost"):
        st.error(plain(now.error, longest=600))
    elif now.state == "cancelled":
        st.warning(plain(f"Cancelled after {in_words(now.seconds)}; nothing was kept."))


def sentence(now: ErrandState) -> str:
    """What it does, since when, and what is left."""
    left = "" if now.left_s is None else f", about {in_words(now.left_s)} left"
    return f"{now.line} · {in_words(now.seconds)}{left}"


def in_words(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 1:
        return "less than 1 s"
    if seconds < _SHORT_S:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 60 * _SHORT_S else f"{seconds / 3600:.1f} h"
