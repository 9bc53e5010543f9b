"""Class mode: a desk of its own for every browser, what it may ask for, and where its answers go.

A browser is in a class by the code in its address (`?class=CODE`), or because its server is a class's
(`XMODAL_CLASS=1`). There are no accounts and no names: a desk is a random workspace, kept in the address as `me`.
"""

import os
import re
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import session
from pages.ui.safe import plain
from xmodal_core.classroom.rooms import Room, is_class_server, new_desk, room
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.sharing import is_shared

if TYPE_CHECKING:
    from xmodal_core.classroom.budget import DeskBudget
    from xmodal_core.panel.request import GapRequest
    from xmodal_core.runs.plan import Choice

CODE, ME = "class", "me"  # in the address
_SAID = "_class-said"  # session_state: why something was held, until it is shown
_DESK = "_desk"  # session_state: for a Back to an address without it
_LIMITS = "A shared machine: measurements and runs are held to a budget, so that everybody gets a turn."
_IS_DESK = re.compile(r"desk-[0-9a-f]{16}")


def here() -> Room | None:
    """The room of the code in the address; None without one, or where there is none of this code."""
    return room(st.query_params.get(CODE))


def in_class() -> bool:
    """Whether this browser shares the machine with a class."""
    return is_class_server(os.environ) or here() is not None


def budget() -> "DeskBudget | None":
    """What this browser may ask of the machine; None on a machine of one's own."""
    from xmodal_core.classroom.budget import DESK, VISITOR

    return DESK if in_class() else VISITOR if is_shared(os.environ) else None


def sit_down() -> None:
    """Give a browser of a class a workspace of its own, which stays with it; `app.py` calls this before the page."""
    if not in_class():
        return
    asked = st.query_params.get(ME, "")
    desk = asked if _IS_DESK.fullmatch(asked) else st.session_state.get(_DESK) or new_desk()
    st.session_state[_DESK] = desk
    missing = {ME: desk} if asked != desk else {}
    if not is_shared(os.environ):  # there only a key opens a workspace
        session.keep_own(desk)
        if not {"ws", "view", "board"} & set(st.query_params):
            missing["ws"] = desk
    if missing:
        st.query_params.from_dict(st.query_params.to_dict() | missing)  # at once: one entry in the browser's history


def strip() -> None:
    """A badge with the code, or a sentence where there is no such room."""
    if (said := st.session_state.pop(_SAID, None)) is not None:
        st.toast(plain(said), duration="long")
    typed, found = st.query_params.get(CODE), here()
    if found is not None:
        st.badge(f"Class {found.code}", icon=":material/groups:", color="gray", help=_LIMITS)
    elif typed:
        st.caption(plain(f"There is no class {typed[:12]}; ask for the code again."))


def desk() -> str | None:
    """What tells this browser from others in its class."""
    return st.session_state.get(_DESK)


def hold_request(request: "GapRequest") -> "GapRequest":
    """The request within the budget of a desk; says so where something was taken away."""
    if (mine := budget()) is None:
        return request
    from xmodal_core.classroom.budget import held_request

    held, said = held_request(request, mine)
    _say(said)
    return held


def hold_choice(choice: "Choice") -> "Choice":
    """The run within the budget of a desk; says so where something was taken away.

    Raises:
        SettingsError: the desk has as many runs under way as it may.
    """
    if (mine := budget()) is None:
        return choice
    from xmodal_core.classroom.budget import held_choice, refused_for_now

    if reason := refused_for_now(session.runs(), mine):
        raise SettingsError(reason)
    held, said = held_choice(choice, mine)
    _say(said)
    return held


def refuse_experiment() -> None:
    """Experiments take a machine for minutes: none in a class.

    Raises:
        SettingsError: this is a class.
    """
    if in_class():
        raise SettingsError(
            "a plan of many runs is more than a shared machine has room for in class; train one run at a time on "
            "Refine, or the plan on a machine of your own."
        )


def answer(tour: str, step: int, choice: int) -> None:
    """Send an answer to the room; one that cannot be kept is said and does no harm."""
    found, who = here(), desk()
    if found is None or who is None:
        return
    try:
        found.answer(who, tour, step, choice)
    except (XModalError, OSError) as error:
        st.toast(plain(error))


def _say(sentence: str | None) -> None:
    """Keep a sentence for the next drawing of the page, which often follows at once."""
    if sentence:
        st.session_state[_SAID] = sentence
