"""The gap at every layer of the body: measured on request in the background, kept beside the report."""

import streamlit as st

from pages.ui import gap_data, session, show, warming
from pages.ui.safe import plain
from xmodal_core.embedding import Space
from xmodal_core.figures.layers import layers_figure, layers_sentence, layers_table
from xmodal_core.panel.layers import ROWS, read_layers
from xmodal_core.panel.layers_background import LayersWork, find_layers, start_layers
from xmodal_core.panel.report import GapReport

_EVERY_S = 1.0


def layers(report: GapReport) -> None:
    """The chart, or its progress, or the way to ask for it."""
    path, asked = session.gap_address(), gap_data.request()
    if report.space == Space.RAW:
        st.caption("Raw inputs go through no network, so there are no layers. Measure what enters or leaves one.")
        return
    found = None if path is None else read_layers(path)
    if found is not None:
        sentence = layers_sentence(found)
        st.markdown(plain(sentence, longest=600))
        show.figure(layers_figure(found), "gap-layers", sentence, layers_table(found))
        st.caption(
            "MMD asks whether any smooth function tells the two sides apart: 0 where none does. Of every layer both "
            "sides are brought into units of the source there. Target rows are those of training and validation."
        )
        return
    work = None if path is None else find_layers(path)
    if work is not None and work.state == "running":
        st.fragment(_progress, run_every=_EVERY_S)(work)
        return
    if work is not None and work.state == "failed":
        st.error(plain(work.error))
    if path is None or asked is None:
        st.caption("What was asked for is not known here any more; measure again.")
        return
    st.markdown(f"Does the gap shrink or grow inside the network? Read at every block on up to {ROWS} rows a side.")
    if st.button("Measure every layer", key="gap-layers-start", disabled=session.is_read_only()):
        start_layers(asked, path, warming.warm_up())
        st.rerun()


def _progress(work: LayersWork) -> None:
    if work.state != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Measuring every layer: {work.pauses} parts are done.")
        st.button("Cancel", key="gap-layers-cancel", on_click=work.cancel)
