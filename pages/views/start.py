"""What the app answers, finished runs to open at once, what was done before, and data to begin with."""

import streamlit as st

from pages.ui import gallery, session, tour, warming

_ROAD = (
    ("1 · Data", "Choose an example, or bring labelled images, series, tables, sequences or texts."),
    ("2 · Gap", "How far is your data from what the network was pretrained on, and is that more than chance?"),
    ("3 · Align, curriculum", "Move the new data towards the known, step by step, and watch what is kept and lost."),
    ("4 · Refine, compare", "Fine-tune, and hold the result against honest baselines over several seeds."),
)
_RUNS_SHOWN = 8


def hero() -> None:
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        st.title("Will a pretrained transformer help on your data?")
        st.markdown(
            "See how far your data is from what a network knows, watch the gap close, and learn whether that helped. "
            "Open one of these finished runs:"
        )
    with right:
        session.go_to("data", "Bring your own data", primary=True)
        tour.invite()


hero()
gallery.items()
gallery.recent(_RUNS_SHOWN)
st.subheader("Begin with data that is here")
gallery.examples()
st.subheader("How it works")
for column, (name, text) in zip(st.columns(4), _ROAD, strict=True):
    with column.container(border=True, height="stretch"):
        st.markdown(f"**{name}**")
        st.caption(text)
st.page_link("pages/views/room.py", label="For a class: open a room, and see how it answers", icon=":material/groups:")
gallery.prepare()
warming.begin()
