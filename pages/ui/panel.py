"""The gap panel on screen: a measurement under way, the readings on their rulers, and what lies behind them."""

from itertools import zip_longest
from typing import Any

import streamlit as st

from pages.ui import session, show
from pages.ui.safe import line, plain
from xmodal_core.figures import against_n, classes, ruler
from xmodal_core.figures.clouds import cloud_figure
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.panel import background as measuring
from xmodal_core.panel import kept, words
from xmodal_core.panel.background import Measurement
from xmodal_core.panel.points import Points
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.umap_points import keep_umap_points, kept_umap_points

_EVERY_S = 1.0
_SOURCE_CLASS, _TARGET_CLASS, _MATRIX = "class-source", "class-target", "matrix"


def begin(request: GapRequest) -> None:
    """Measure in the background, point the address at the result, and draw the page again."""
    with st.spinner("Getting ready"):
        session.warm_up().join()
    path = session.gap_path(request.key())
    kept.write_request(path, request)
    measuring.start(request, path)
    session.select(gap=request.key())
    st.rerun()


def current() -> Measurement | None:
    """The measurement that the address names, under way or over; None where this server knows of none."""
    path = session.gap_address()
    return None if path is None else measuring.find(path)


def asked() -> GapRequest | None:
    """What was asked for at this address; None where that is not known any more."""
    path = session.gap_address()
    return None if path is None else kept.read_request(path)


def umap(points: Points, request: GapRequest) -> Points:
    """The report in the address on a neighbour map: from its file, or fitted while the page waits."""
    path = session.gap_address()
    assert path is not None
    if (found := kept_umap_points(path, points)) is not None:
        return found
    with st.spinner("Fitting UMAP; the first one takes a minute", show_time=True):
        session.warm_up().join()
        return keep_umap_points(path, request, points)


def follow(measurement: Measurement) -> None:
    """Progress and a way to stop; the page is drawn again when a reading has come or the measurement is over."""
    shown = measurement.taken

    def poll() -> None:
        if measurement.state != "running" or measurement.taken > shown:
            st.rerun()
        parts = measurement.total + measurement.request.curve  # the curves come after the last reading
        text = f"{measurement.line} · {shown} of {measurement.total} readings · {measurement.seconds:.0f} s"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(shown / parts, text=plain(text))
            st.button("Cancel", key="gap-cancel", on_click=measurement.cancel)

    st.fragment(poll, run_every=_EVERY_S)()


def unfinished(report: GapReport | None, measurement: Measurement | None) -> None:
    """Say that the measurement did not come to its end, and why; offer to take it up again."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if measurement is not None and measurement.state == "failed":
            st.error(plain(measurement.error))
        elif report is not None:
            why = "Cancelled" if measurement is not None and measurement.state == "cancelled" else "Not finished"
            refused = f", {len(report.refused)} refused the rows" if report.refused else ""
            taken = f"{len(report.readings)} of {len(report.metrics)} readings were taken{refused}"
            st.warning(plain(f"{why}: {taken}; they are shown."))
        else:
            st.warning("Cancelled before the first reading.")
        request = asked()
        again = request is not None and st.button("Finish measuring" if report else "Measure again", key="gap-rest")
    if request is not None and again:
        begin(request)


def beside_clouds(report: GapReport, live: bool) -> None:
    """The readings that matter most as cards; while it measures also what else has come."""
    names = words.main_names(report.metrics)
    for name in names:
        with st.container(border=True, gap=None):
            if name in report.readings:
                _card(name, report.readings[name])
            else:
                st.markdown(f"**{plain(words.title(name))}**")
                st.caption(plain(report.refused.get(name, "On its way." if live else "Not taken.")))
    others = [name for name in words.ordered(report.readings) if name not in names]
    if live and others:
        so_far = " · ".join(f"{words.title(name)} {words.number(report.readings[name].value)}" for name in others)
        st.caption(plain(f"Also taken: {so_far}", longest=1000))


def _card(name: str, reading: GapReading) -> None:
    st.markdown(
        f"**{plain(words.title(name))} {plain(words.number(reading.value))}** "
        f"{plain(words.interval_text(reading))}  \n:gray[{plain(words.finding(name, reading))}]"
    )
    show.figure(ruler.ruler_figure(name, reading), f"ruler-{name}", ruler.ruler_alt(name, reading))
    st.caption(plain(words.provenance_line(name, reading)))


@st.fragment
def behind(report: GapReport) -> None:
    """Everything else, in tabs of which only the open one is drawn."""
    names = ("All readings", "Class to class", "Distance against n", "Table")
    readings, matrix, curves, table = st.tabs(names, key="gap-tab", on_change="rerun")
    if readings.open:
        with readings:
            _all_readings(report)
    if matrix.open:
        with matrix:
            _class_to_class(report)
    if curves.open:
        with curves:
            _against_n(report)
    if table.open:
        with table:
            st.dataframe(words.readings_table(report.readings), hide_index=True, key="gap-table", alt="All readings.")
            show.json_download(report, "gap.json", "gap-json")


def _all_readings(report: GapReport) -> None:
    for said in filter(None, (words.context_line(report.context), words.interval_note(report.readings))):
        st.caption(plain(said, longest=1000))
    for group, names in words.groups((*report.readings, *report.refused)).items():
        st.markdown(f"**{plain(group)}**")
        for row in zip_longest(names[::2], names[1::2]):
            for place, name in zip(st.columns(2), row, strict=True):
                if name is not None:
                    with place, st.container(border=True, height="stretch", gap=None):
                        _explained(name, report)


def _explained(name: str, report: GapReport) -> None:
    if name not in report.readings:
        st.markdown(f"**{plain(words.title(name))}** not measured")
        st.caption(plain(report.refused[name]))
        return
    reading = report.readings[name]
    st.markdown(
        f"**{plain(words.title(name))} {plain(words.number(reading.value))}** "
        f"{plain(words.interval_text(reading))} · {plain(reading.unit)}, {plain(words.direction(name))}  \n"
        f":gray[{plain(words.finding(name, reading))}]"
    )
    show.figure(ruler.ruler_figure(name, reading), f"all-{name}", ruler.ruler_alt(name, reading))
    details = [words.numbers_line(name, reading)]
    details += [text for text in (words.parts_line(reading), words.bounds_text(reading)) if text]
    details += [f"Says: {METRICS[name].meaning}", f"Cannot tell: {METRICS[name].blind_to}", *words.caveats(reading)]
    st.caption("  \n".join(plain(text, longest=1000) for text in details))


def _class_to_class(report: GapReport) -> None:
    if "otdd" not in report.readings:
        st.caption("The distances between classes come with OTDD, which was not measured.")
        return
    detail = report.readings["otdd"].detail
    left, right = st.columns([7, 6])
    with right:
        source, target = st.columns(2)
        row = _choose(source, detail, "source", _SOURCE_CLASS)
        column = _choose(target, detail, "target", _TARGET_CLASS)
        source_class, target_class = _named(detail, "source", row), _named(detail, "target", column)
        both = None if row is None or column is None else (row, column)
        said = classes.pair_sentence(detail, both) if both else "Click a cell, or choose, to see classes in the clouds."
        show.figure(
            cloud_figure(report.points, "side", source_class, target_class), "class-clouds", f"Both clouds. {said}"
        )
        st.caption(plain(said))
    with left:
        view = st.segmented_control(
            "Shown",
            classes.VIEWS,
            default=classes.DISTANCE,
            required=True,
            key="matrix-view",
            format_func=str.capitalize,
        )
        caption = classes.matrix_caption(detail, view)
        figure = classes.matrix_figure(detail, view, both)
        show.figure(figure, _MATRIX, caption, classes.matrix_table(detail), on_select=_take_cell)
        st.caption(plain(caption))


def _named(detail: Any, side: str, chosen: int | None) -> str | None:
    return None if chosen is None else classes.class_names(detail, side)[chosen]


def _choose(place: Any, detail: Any, side: str, key: str) -> int | None:
    names = classes.class_names(detail, side)
    if (st.session_state.get(key) or 0) >= len(names):  # of an earlier result with more classes
        st.session_state[key] = None
    chosen: int | None = place.selectbox(
        f"{side.capitalize()} class",
        range(len(names)),
        index=None,
        format_func=lambda i: line(names[i], 60),
        placeholder="All classes",
        key=key,
    )
    return chosen


def _take_cell() -> None:
    cell = classes.clicked_cell(st.session_state[_MATRIX]["selection"]["points"])
    st.session_state[_SOURCE_CLASS], st.session_state[_TARGET_CLASS] = cell or (None, None)


def _against_n(report: GapReport) -> None:
    drawn = {name: points for name, points in report.curves.items() if points}
    if not drawn:
        st.caption("No curve: the measurement did not come to it, or there are too few rows.")
        return
    for place, (name, points) in zip(st.columns(2), drawn.items(), strict=False):
        with place:
            sentence = against_n.curve_sentence(name, points)
            st.markdown(f"**{plain(words.title(name))} against n**")
            figure = against_n.curve_figure(points, report.readings.get(name))
            show.figure(figure, f"curve-{name}", sentence, against_n.curve_table(points))
            st.caption(plain(sentence))
