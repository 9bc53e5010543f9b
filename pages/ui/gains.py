"""Gap against gain over everything that the workspace holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import board, session, show
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures.gains import gains_figure, gains_table
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.words import main_names, ordered, title
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.contrasts import Contrast
from xmodal_core.verdict.gains import Gain, gains_sentence

Place = tuple[str, str]  # what a target is called in specifications, and a body


def draw(margin: float | None) -> None:
    """A fold that computes when it is opened."""
    fold = st.expander("Does a small gap mean a large gain? All data of this workspace", key="gains", on_change="rerun")
    if not fold.open:
        return
    with fold:
        gained, gaps = _gained(margin), _gaps()
        both = {place: gaps[place] for place in gained if place in gaps}
        _say_missing([place for place in gained if place not in gaps])
        names = ordered({name for report in both.values() for name in report.readings})
        if not names:
            st.info("It takes data sets with a measured gap, and with runs of fine-tuning and from scratch.")
            return
        first = main_names(names)[0]
        name = st.selectbox(
            "Reading", names, index=names.index(first), format_func=title, key="gains-reading", width=280
        )
        found = [
            Gain(
                session.title(target), body, report.readings[name].value, report.readings[name].n, gained[target, body]
            )
            for (target, body), report in both.items()
            if name in report.readings
        ]
        _points(found, title(name), margin)


def _points(found: Sequence[Gain], reading: str, margin: float | None) -> None:
    said = gains_sentence(found)
    st.markdown(f"**{plain(said)}**")
    show.figure(
        gains_figure(found, reading, 0.01 if margin is None else margin),
        "gains-figure",
        f"Gain of pretraining against {reading}, a point a data set. {said}",
        gains_table(found, reading),
    )
    st.caption(
        plain(
            "Gain: full fine-tuning against the same network from scratch, on test rows, with its 95 % interval; in "
            "the grey band it does not matter. Each data set counts once, with the newest gap that was measured "
            "entering its network. Readings of different bodies live in different spaces: their sizes cannot be held "
            "against each other, so an order over several bodies is weak evidence.",
            longest=600,
        )
    )


def _gained(margin: float | None) -> Mapping[Place, Contrast]:
    """The contrast of fine-tuning and from scratch, by target and body; of data that have both."""
    of: dict[Place, list[RunDir]] = defaultdict(list)
    for run in session.runs():
        try:
            if (result := run.result()) is not None:
                of[result.asked.target, result.asked.body].append(run)
        except XModalError:
            continue
    found: dict[Place, Contrast] = {}
    for place, runs in of.items():
        try:
            contrasts = {one.role: one for one in board.comparison(runs, margin).verdict.contrasts}
        except XModalError:  # runs that cannot be compared are told on their own page
            continue
        if "A - C" in contrasts:
            found[place] = contrasts["A - C"]
    return found


def _gaps() -> Mapping[Place, GapReport]:
    """The newest gap by target and body, entering the network."""
    found: dict[Place, GapReport] = {}
    for asked, report in session.gap_reports():
        if asked.space == "embedder":
            found.setdefault((asked.target, asked.body), report)
    return found


def _say_missing(places: Sequence[Place]) -> None:
    if places:
        names = ", ".join(f"{session.title(target)} ({body.rsplit('/', 1)[-1]})" for target, body in places)
        st.caption(plain(f"No gap has been measured entering the network of: {names}.", longest=600))
