"""The gap panel on screen: a measurement under way, the readings on their rulers, and what lies behind them."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.ui import classroom, gap_clouds, gap_coupling, gap_data, gap_lab, gap_layers, session, show, triage, warming
from pages.ui.safe import line, plain
from xmodal_core.figures import against_n, classes, ruler, way
from xmodal_core.gap import METRICS
from xmodal_core.panel import background as measuring
from xmodal_core.panel import formula, kept, words
from xmodal_core.panel.background import Measurement
from xmodal_core.panel.folded import folded, plain_name, share_of_way
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.sentence import SPEAKERS, gap_sentence

_EVERY_S = 1.0  # a poll costs 70 ms of processor time, which the measurement wants, too
_SMALL_RULER = 160  # pixels
_SIDES = ("source", "target")
_SOURCE_CLASS, _TARGET_CLASS, _MATRIX = "class-source", "class-target", "matrix"


def begin(request: GapRequest) -> None:
    """Measure in the background, point the address at the result, and draw the page again."""
    request = classroom.hold_request(request)
    path = session.gap_path(request.key())
    kept.write_request(path, request)
    measuring.start(request, path, warming.warm_up())
    session.select(gap=request.key())
    st.rerun()


def current() -> Measurement | None:
    """The measurement that the address names, under way or over; None where this server knows of none."""
    path = session.gap_address()
    return None if path is None else measuring.find(path)


def follow(measurement: Measurement) -> None:
    """Progress, a way to stop and what has come so far; the page itself is drawn again for the clouds and the end."""
    had_clouds = measurement.report is not None

    def poll() -> None:
        report = measurement.report
        if measurement.state != "running" or (report is not None) != had_clouds:
            st.rerun()
        parts = measurement.total + measurement.request.curve  # the curves come after the last reading
        taken = measurement.taken
        text = f"{measurement.line} · {taken} of {measurement.total} readings · {measurement.seconds:.0f} s"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(taken / parts, text=plain(text))
            st.button("Cancel", key="gap-cancel", on_click=measurement.cancel)
        if report is not None:
            so_far(report)

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
        request = gap_data.request()
        again = request is not None and st.button("Finish measuring" if report else "Measure again", key="gap-rest")
    if request is not None and again:
        begin(request)


def so_far(report: GapReport) -> None:
    """While it measures: the first answer, then what has come and what has not; OTDD has the last word of it."""
    waits = "otdd" in report.metrics and "otdd" not in {*report.readings, *report.refused}
    if waits:
        st.markdown("##### The first readings are coming; the sentence comes with OTDD.")
        name = next((n for n in SPEAKERS if n in report.readings and way.can_be_drawn(n, report.readings[n])), None)
        if name is not None:
            _ruler(name, report)
    else:
        hero(report)
    taken = [
        f"{words.title(name)} {words.number(report.readings[name].value)} {words.interval_text(report.readings[name])}"
        for name in words.ordered(report.readings)
    ]
    coming = [words.title(name) for name in report.metrics if name not in {*report.readings, *report.refused}]
    lines = [f"Taken: {' · '.join(taken)}" if taken else "", f"On its way: {', '.join(coming)}" if coming else ""]
    st.caption("  \n".join(plain(line, longest=1500) for line in lines if line))


def hero(report: GapReport) -> None:
    """The gap in one sentence, its numbers, and the ruler that both are read from."""
    said = gap_sentence(report)
    st.markdown(f"#### {plain(said.text, longest=500)}")
    if said.metric is not None:
        _ruler(said.metric, report)
    rest = " ".join(filter(None, (said.numbers, said.beside)))
    if rest:
        st.caption(plain(rest, longest=1000))


def _ruler(name: str, report: GapReport) -> None:
    reading = report.readings[name]
    kept_by = ("gap-ruler", name, report.target, json.dumps(reading.to_json()))
    figure = show.drawn(kept_by, lambda: way.way_figure(name, reading, report.target))
    show.figure(figure, "gap-ruler", way.way_alt(name, reading))


@st.fragment
def rows(report: GapReport) -> None:
    """A row a question, with the spread of the readings that answer it; their details open on a click."""
    for index, row in enumerate(folded(report.readings, report.refused)):
        with st.container(gap=None):
            st.markdown(f"**{plain(row.question)}**")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if row.shares:
                    st.image(_small(row.metrics, report), width=_SMALL_RULER, alt=f"Ruler: {row.answer}.")
                st.markdown(plain(row.answer))
            names = ", ".join(words.title(name) for name in row.metrics)
            opened = st.expander(f":gray[{plain(names, 120)}]", key=f"gap-row-{index}", on_change="rerun")
            if opened.open:
                with opened:
                    for name in row.metrics:
                        _explained(name, report)


def _small(names: Sequence[str], report: GapReport) -> str:
    taken = {name: report.readings[name] for name in names if name in report.readings}
    shares = {name: share for name, reading in taken.items() if (share := share_of_way(name, reading)) is not None}
    interval = way.interval_shares(next(iter(taken.values()))) if len(shares) == 1 else None
    return way.small_ruler(shares, interval)


@st.fragment
def behind(report: GapReport) -> None:
    """Everything else, in tabs of which only the open one is drawn."""
    drawn: dict[str, Callable[[GapReport], None]] = {
        "What it means": _meaning,
        "Class to class": _class_to_class,
        "Who moves onto whom": gap_coupling.coupling,
        "Translation lab": gap_lab.lab,
        "Layer by layer": gap_layers.layers,
        "Distance against n": _against_n,
        "Formula": _formula,
        "Table": _table,
    }
    for tab, draw in zip(st.tabs(list(drawn), key="gap-tab", on_change="rerun"), drawn.values(), strict=True):
        if tab.open:
            with tab:
                draw(report)


def _meaning(report: GapReport) -> None:
    for said in filter(None, (words.context_line(report.context), words.interval_note(report.readings))):
        st.caption(plain(said, longest=1000))
    triage.card(report)


def _table(report: GapReport) -> None:
    table = words.readings_table(report.readings)
    if table:
        placed = {name: share_of_way(name, reading) is not None for name, reading in report.readings.items()}
        rulers: list[Any] = [
            _small([name], report) if placed[name] else None for name in words.ordered(report.readings)
        ]
        names: list[Any] = [plain_name(name) for name in words.ordered(report.readings)]
        table = {"reading": names, "on the way": rulers} | {k: v for k, v in table.items() if k != "metric"}
    columns = {"on the way": st.column_config.ImageColumn("on the way", width=_SMALL_RULER + 20)}
    st.dataframe(table, hide_index=True, key="gap-table", alt="All readings.", column_config=columns)
    show.json_download(report, "gap.json", "gap-json")


def _explained(name: str, report: GapReport) -> None:
    if name not in report.readings:
        st.markdown(f"**{plain(words.title(name))}** not measured")
        st.caption(plain(report.refused[name]))
        return
    reading = report.readings[name]
    st.markdown(
        f"**{plain(plain_name(name))} {plain(words.number(reading.value))}** "
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
    detail, asked_for = report.readings["otdd"].detail, gap_data.request()
    left, right = st.columns([7, 6])
    with right:
        source, target = st.columns(2)
        row = _choose(source, detail, "source", _SOURCE_CLASS)
        column = _choose(target, detail, "target", _TARGET_CLASS)
        source_class, target_class = _named(detail, "source", row), _named(detail, "target", column)
        both = None if row is None or column is None else (row, column)
        said = classes.pair_sentence(detail, both) if both else "Click a cell, or choose, to see classes in the clouds."
        choice = {side: name for side, name in (("source", source_class), ("target", target_class)) if name is not None}
        key = f"class-clouds-{gap_data.name()}"
        gap_clouds.draw(report.points, asked_for, key, {k: line(v, 60) for k, v in choice.items()})
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
        figure = classes.matrix_figure(detail, view, both, gap_data.looks(asked_for))
        show.figure(figure, _MATRIX, caption, classes.matrix_table(detail), on_select=_take_cell)
        st.caption(plain(caption))


def _formula(report: GapReport) -> None:
    """OTDD with the numbers of this measurement, and with one pair of classes."""
    reading, asked_for = report.readings.get("otdd"), gap_data.request()
    settings = {} if asked_for is None else asked_for.settings.get("otdd", {})
    lines = [] if reading is None else formula.formula_lines(reading, settings)
    if reading is None or not lines:
        st.caption("The formula is written out for OTDD with exponent 2 and its own solver, which was not measured.")
        return
    st.markdown(
        "Move every sample of the source onto the target as cheaply as can be. A move costs the squared way between "
        "the two samples, plus the squared distance of their classes, each taken as a cloud of its own."
    )
    for tex in lines:
        st.latex(tex)
    pair = formula.largest_flow(reading.detail)
    source, target = (classes.class_names(reading.detail, side)[k] for side, k in zip(_SIDES, pair, strict=True))
    st.markdown(f"For example **{plain(source, 60)}** to **{plain(target, 60)}**, between which most is moved:")
    st.latex(formula.pair_line(reading.detail, pair))
    st.caption(plain(f"n = {reading.n} a side, seed {reading.seed}; {words.bounds_text(reading)}."))


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
