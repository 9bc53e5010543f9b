"""The board of a class: how it answers, live, in letters for a projector; and where a teacher opens a room."""

import streamlit as st

from pages.ui import show, tour, warming
from pages.ui.safe import plain
from xmodal_core.classroom import rooms
from xmodal_core.classroom.rooms import Room
from xmodal_core.classroom.tour import TOURS
from xmodal_core.errors import XModalError
from xmodal_core.figures.votes import votes_alt, votes_figure, votes_table

_EVERY_S = 3.0
_TOUR = "gap"


def entrance(typed: str | None) -> None:
    st.title("A room for your class")
    st.markdown(
        "Students predict what each step of the tour will show; you see on a board how the room answers. There are no "
        "accounts and no names: a room is a code of six letters."
    )
    if typed:
        st.warning(plain(f"There is no room {typed[:12]}; open one, or type its code."))
    left, right = st.columns(2, gap="large", vertical_alignment="bottom")
    with left:
        if st.button("Open a room", key="room-open", type="primary"):
            try:
                room, key = rooms.open_new()
            except (XModalError, OSError) as error:
                st.error(plain(error))
                return
            st.query_params.from_dict({"board": room.code, "key": key})
            st.rerun()
    with right, st.form("room-board", border=False):
        code = st.text_input("Or the code of a room that is open", max_chars=12, key="room-code").strip().upper()
        with st.container(horizontal=True):
            joins, looks = st.form_submit_button("Join it"), st.form_submit_button("Show its board")
    if looks:
        st.query_params.from_dict({"board": code})
        st.rerun()
    if joins:
        st.switch_page("pages/views/start.py", query_params={"class": code})


def board(room: Room) -> None:
    teaches = room.is_teacher(st.query_params.get("key", ""))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(f"Class {room.code}", width="content", anchor=False)
        st.markdown(f"Students open **{plain(_link(room))}**", width="content")
    steps = TOURS[_TOUR]
    number = st.segmented_control(
        "Step",
        range(1, len(steps) + 1),
        default=1,
        required=True,
        format_func=lambda n: f"{n} · {steps[n - 1].title}",
        key="board-step",
        label_visibility="collapsed",
    )
    st.title(plain(steps[number - 1].question), anchor=False)

    def live() -> None:
        _votes(room, number, teaches)

    st.fragment(live, run_every=_EVERY_S)()
    if teaches:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("The address of this page has your key, with which answers are revealed.", width="content")
            look = {"board": room.code}
            st.page_link("pages/views/room.py", label="The board without it, to project", query_params=look)


def _votes(room: Room, number: int, teaches: bool) -> None:
    step, counts = TOURS[_TOUR][number - 1], room.counts(_TOUR, number)
    shown = room.is_revealed(_TOUR, number)
    reveal = tour.revealed(_TOUR, number) if shown else None
    right = None if reveal is None else reveal.right
    alt = votes_alt(step.question, step.answers, counts, right)
    show.figure(votes_figure(step.answers, counts, right), "votes", alt, votes_table(step.answers, counts, right))
    st.markdown(f"#### {sum(counts)} of {room.desks()} have answered")
    if reveal is not None:
        st.markdown(f"#### {plain(reveal.text, longest=600)}")
    elif shown:
        st.caption("What came of this step is not on this machine.")
    elif teaches:
        st.button("Reveal", key="board-reveal", type="primary", shortcut="V", on_click=_reveal, args=(room, number))


def _reveal(room: Room, number: int) -> None:
    try:
        room.reveal(st.query_params.get("key", ""), _TOUR, number)
    except (XModalError, OSError) as error:
        st.toast(plain(error))


def _link(room: Room) -> str:
    """What students type, as far as the server knows how it is reached."""
    url = (st.context.url or "").split("?")[0].split("#")[0].removesuffix("/room").removesuffix("/")
    return f"{url}/?class={room.code}"


typed = st.query_params.get("board")
found = rooms.room(typed)
if found is None:
    entrance(typed)
else:
    board(found)
warming.warm_up()
