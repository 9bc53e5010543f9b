"""Ablations of the arms that are compared, as one widget."""

from collections.abc import Sequence

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.runs.ablations import ABLATIONS, TWO_BY_TWO, ablations_of, each_once
from xmodal_core.runs.plan import short_title

_KEY = "compare-ablations"
_SQUARE = "2 x 2"  # the other three cells of initialisation x alignment, in one click


def choose(arms: Sequence[str]) -> list[str]:
    """Ablations to run beside the chosen methods, none at the start; nothing is drawn where they have none.

    What would be run twice under two names is left out, and said.
    """
    offered = offers(arms)
    if not offered:
        return []
    if _KEY in st.session_state:  # a method was taken away: its ablations go with it
        st.session_state[_KEY] = [name for name in st.session_state[_KEY] if name in offered]
    chosen = st.multiselect(
        "Ablations",
        offered,
        wrap=True,
        key=_KEY,
        format_func=_called,
        help="Methods without one of their parts, to see what it is worth. They stand beside the verdict's arms and "
        "for none of them.",
    )
    named = [name for one in chosen for name in (TWO_BY_TWO if one == _SQUARE else (one,))]
    kept = each_once([*arms, *named])
    for name in dict.fromkeys(named):
        if name not in kept:
            st.caption(plain(f"Run once: {ABLATIONS[name].title} is {_equal(name, kept)}, number by number."))
    return [name for name in kept if name not in arms]


def offers(arms: Sequence[str]) -> list[str]:
    """What can be chosen beside these methods, method by method; ORCA's 2 x 2 as a whole before its cells."""
    found = [one.name for one in ablations_of(arms)]
    at = found.index(TWO_BY_TWO[0]) if TWO_BY_TWO[0] in found else None
    return found if at is None else [*found[:at], _SQUARE, *found[at:]]


def _called(name: str) -> str:
    if name == _SQUARE:
        return "ORCA's 2 x 2: initialisation x alignment"
    return ABLATIONS[name].title


def _equal(name: str, kept: Sequence[str]) -> str:
    """The arm of those that are run which an ablation equals."""
    same = ABLATIONS[name].same_as
    run = same if same in kept else next(one for one in kept if one in ABLATIONS and ABLATIONS[one].same_as == same)
    return short_title(run)
