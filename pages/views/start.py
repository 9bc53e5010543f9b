"""What the app answers, something to open at once, and what was done before."""

import streamlit as st

from pages.ui import session
from pages.ui.safe import plain
from xmodal_core.data.examples import EXAMPLES, Example
from xmodal_core.errors import RunError

_ROAD = (
    ("1 · Data", "Choose an example, or bring labelled images, series, tables, sequences or texts."),
    ("2 · Gap", "How far is your data from what the network was pretrained on, and is that more than chance?"),
    ("3 · Align, curriculum", "Move the new data towards the known, step by step, and watch what is kept and lost."),
    ("4 · Refine, compare", "Fine-tune, and hold the result against honest baselines over several seeds."),
)
_CARDS_A_ROW = 3
_RUNS_SHOWN = 5


def card(example: Example) -> None:
    with st.container(border=True, height="stretch", vertical_alignment="distribute"):
        st.markdown(f"**{plain(example.title)}**")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            classes = f" · {example.n_classes} classes" if example.n_classes else ""
            st.caption(f"{example.modality} · {example.n:,} samples{classes}", width="content")
            if st.button("Open", key=f"open-{example.name}", help=plain(f"Measure the gap of {example.name}")):
                session.select(target=example.name, source=None, body=None, run=None)
                st.switch_page("pages/views/gap.py", query_params=session.address())


def recent_runs() -> None:
    if not session.runs_root().is_dir():
        return
    from xmodal_core.runs import job

    runs = session.runs()[:_RUNS_SHOWN]
    if not runs:
        return
    st.subheader("Recent runs")
    for run in runs:
        try:
            spec, status, where = run.spec_values(), job.status(run), session.run_address(run)
        except RunError:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            target = plain(where["target"], 40)
            st.caption(
                f"{plain(run.path.name)} · {plain(spec.get('method'))} on {target} · {plain(status.state)} · "
                f"step {status.done} of {status.total}",
                width="content",
            )
            st.page_link(f"pages/views/{status.stage or 'refine'}.py", label="Open run", query_params=where)


left, right = st.columns([5, 1], vertical_alignment="bottom")
with left:
    st.title("Will a pretrained transformer help on your data?")
    st.markdown(
        "XModal Lab measures how far your data is from what a network was pretrained on, tries the ways of "
        "crossing that gap, and says what each was worth against training from scratch."
    )
with right:
    session.go_to("data", "Bring your own data", primary=True)

for first in range(0, len(EXAMPLES), _CARDS_A_ROW):
    examples = list(EXAMPLES.values())[first : first + _CARDS_A_ROW]
    for column, example in zip(st.columns(_CARDS_A_ROW), examples, strict=False):
        with column:
            card(example)

st.subheader("How it works")
for column, (name, text) in zip(st.columns(4), _ROAD, strict=True):
    with column.container(border=True, height="stretch"):
        st.markdown(f"**{name}**")
        st.caption(text)
recent_runs()
