"""How far the target is from the source, by several measures, each with its floor, ceiling and interval."""

import json

import streamlit as st

from pages.ui import forms, session, show
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.named import load_named
from xmodal_core.embedding import Space
from xmodal_core.errors import XModalError
from xmodal_core.figures import gap as figures
from xmodal_core.figures.clouds import COLOURINGS, cloud_caption, cloud_figure
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.panel import MAX_ROWS, GapReport, GapRequest, measure_gap

_SPACES = {
    Space.EMBEDDER: "Entering the network",
    Space.BODY: "Leaving the network",
    Space.RAW: "Raw inputs",
}
_ROWS_TO_SEE_WIDTH = 60


@st.cache_data(max_entries=32, show_spinner=False)
def same_width(source: str, content_hash: str, _target: LabelledDataset) -> bool:  # noqa: ARG001 - the hash is the key
    """Whether raw inputs of both sides can be compared at all."""
    sample = load_named(source, n=_ROWS_TO_SEE_WIDTH)
    if Modality.TEXT in (sample.modality, _target.modality):
        return False
    return sample.inputs[0].size == _target.inputs[0].size


def ask(target: LabelledDataset) -> GapRequest:
    """The controls, as a request."""
    chosen = session.selection()
    source, body = session.source_reference(chosen), session.body_reference(chosen)
    spaces = list(_SPACES) if same_width(source, target.content_hash, target) else [Space.EMBEDDER, Space.BODY]
    space = st.selectbox(
        "Measured on",
        spaces,
        format_func=_SPACES.get,
        key="space",
        help="Mean of the tokens that the embedder gives, or of those that the body returns. "
        "Raw inputs are offered where both sides have as many values per sample.",
    )
    metrics = st.multiselect(
        "Measures", list(METRICS), default=list(METRICS), format_func=figures.title, key="metrics", wrap=True
    )
    left, right = st.columns(2)
    n = left.number_input(
        "Rows a side",
        2,
        MAX_ROWS,
        1000,
        step=100,
        key="n",
        persist_state="session",
        help="Drawn by class; lowered to the smaller side.",
    )
    seed = right.number_input("Seed", 0, 2**31 - 1, 0, key="seed", persist_state="session")
    with st.popover("Settings of the measures", type="tertiary"):
        settings = {}
        for name in metrics or METRICS:
            st.markdown(f"**{plain(figures.title(name))}**")
            settings[name] = forms.edit(METRICS[name].settings_type, f"set-{name}")
    return GapRequest(source, session.target_reference(chosen), body, str(space), tuple(metrics), settings, n, seed)


def measure(request: GapRequest) -> None:
    session.warm_up().join()
    with st.status("Measuring", expanded=True) as status:
        try:
            report = measure_gap(request, progress=lambda line: status.write(plain(line)))
        except XModalError as error:
            status.update(label="Not measured", state="error")
            show.error(error)
            return
    session.keep_gap(request.key(), report)
    st.rerun()


def summary(name: str, reading: GapReading) -> None:
    with st.container(gap=None):
        st.markdown(
            f"**{plain(figures.title(name))} {plain(figures.number(reading.value))}** "
            f"{plain(figures.interval_text(reading))}  \n:gray[{plain(figures.finding(name, reading))}]"
        )
        floor_name = "chance" if METRICS[name].target_only else "floor"
        show.figure(figures.ruler_figure(reading, floor_name), f"ruler-{name}", figures.ruler_alt(name, reading))


def explain(name: str, reading: GapReading) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(figures.title(name))}** · {plain(reading.unit)}")
        st.markdown(plain(figures.numbers_line(name, reading)))
        st.caption(f"Says: {plain(METRICS[name].meaning)}  \nCannot tell: {plain(METRICS[name].blind_to)}")
        if caveat := figures.caveat(reading):
            st.caption(plain(caveat))


def details(report: GapReport) -> None:
    readings, matrix, numbers = st.tabs(["What each number says", "Class to class", "All numbers"])
    with readings:
        columns = st.columns(2)
        for index, (name, reading) in enumerate(report.readings.items()):
            with columns[index % 2]:
                explain(name, reading)
    with matrix:
        otdd = report.readings.get("otdd")
        if otdd is None:
            st.caption("The distances between classes come with OTDD, which was not measured.")
        else:
            caption = figures.class_distance_caption(otdd.detail)
            show.figure(
                figures.class_distance_figure(otdd.detail), "matrix", caption, figures.class_distance_table(otdd.detail)
            )
            st.caption(plain(caption))
    with numbers:
        st.dataframe(figures.readings_table(report.readings), hide_index=True)
        st.download_button(
            "Download JSON", json.dumps(report.to_json(), indent=1), "gap.json", "application/json", on_click="ignore"
        )


target = session.need_target()
controls, hero, values = st.columns([5, 11, 9], gap="medium")
with controls:
    try:
        request = ask(target)
    except XModalError as error:
        show.error(error)
        st.stop()
    wanted = st.button("Measure", type="primary", key="measure", width="stretch")
    session.go_to("data", "Change data or network")
    session.go_to("align", "Next: align")
report = session.gap_report()
if wanted:
    with hero:
        measure(request)
elif report is None:
    with hero:
        if "gap" in st.query_params:
            st.warning("The result that the address names is not in this workspace; measure again.")
        else:
            st.info("Nothing is measured yet. Measure shows both clouds, and each distance beside what chance gives.")
else:
    with hero:
        colouring = st.segmented_control(
            "Colour by", COLOURINGS, default="domain", required=True, key="colouring", label_visibility="collapsed"
        )
        alt = "Both clouds on one plane. " + cloud_caption(report.points)
        show.figure(cloud_figure(report.points, colouring), "clouds", alt)
        st.caption(plain(cloud_caption(report.points)))
        network = f"{report.space} of {report.body}" if report.body else "raw inputs"
        st.caption(
            plain(
                f"{report.source} → {report.target}, {network}, n = {report.n} a side, seed {report.seed}; "
                f"{report.seconds:.1f} s on {report.device}"
            )
        )
    with values:
        for name, reading in report.readings.items():
            summary(name, reading)
    details(report)
session.warm_up()
