"""The gap panel over several bodies, on screen: which ones, how far each has come, and their readings side by side."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages.ui import session, show, warming
from pages.ui.safe import line, plain
from xmodal_core.errors import XModalError
from xmodal_core.figures.bodies import placed_metrics, positions_alt, positions_figure
from xmodal_core.model.allowed import named_by_the_operator
from xmodal_core.model.bodies import BODIES
from xmodal_core.panel import background as measuring
from xmodal_core.panel import kept
from xmodal_core.panel.background import Measurement
from xmodal_core.panel.bodies import (
    MAX_BODIES,
    BodiesReport,
    OfBody,
    across_bodies,
    comparison_caption,
    comparison_table,
)
from xmodal_core.panel.request import GapRequest
from xmodal_core.sharing import is_shared

_EVERY_S = 1.0
_LONGEST = 300


def compare(request: GapRequest, path: Path) -> None:
    """Choose bodies, measure the same panel of each, and show what there is.

    Args:
        request: what the panel on this page was asked for, of a network: raw inputs know no body.
        path: where that panel is kept; the choice of bodies is kept beside it.
    """
    st.subheader("Compare bodies", anchor=False)
    closed = is_shared(os.environ)
    offered = named_by_the_operator()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Bodies",
            list(dict.fromkeys([request.body, *BODIES, *offered, *kept.read_bodies(path)])),
            default=kept.read_bodies(path) or [request.body],
            format_func=lambda name: line(name, _LONGEST),
            accept_new_options=not closed,
            max_selections=MAX_BODIES,
            key=f"gap-bodies-{path.stem}",
            help="The panel above, measured once more of each: same target, rows, seed and settings."
            + ("" if closed else " A hub id or a local folder can be typed in."),
        )
        wanted = st.button("Measure these", key="gap-compare", disabled=len(chosen) < 2)
    named = [name for name in chosen if name.strip() and name.isprintable() and len(name) <= _LONGEST]
    try:
        requests = requests_of(request, named)
    except XModalError as error:
        show.error(error)
        return
    if wanted:
        kept.write_bodies(path, named)
        with st.spinner("Getting ready"):
            warming.warm_up().join()
        for one in requests:
            if not _is_complete(one):
                measuring.start(one, session.gap_path(one.key()))
        st.rerun()
    if len(requests) < 2:
        st.caption("Choose two bodies or more; what was measured before is taken from the workspace.")
        return
    live = any(_is_live(one) for one in requests)
    st.fragment(_results, run_every=_EVERY_S if live else None)(requests, live)


def requests_of(request: GapRequest, bodies: Sequence[str]) -> list[GapRequest]:
    """The request of each body, with the key that its own panel has; where no source was chosen, each has its own.

    Raises:
        SettingsError: see `across_bodies`.
    """
    chosen = session.selection()
    if chosen.source is not None:
        return across_bodies(request, bodies)
    own = [session.source_reference(replace(chosen, body=body)) for body in bodies]
    pairs = zip(bodies, own, strict=True)
    return across_bodies(request, bodies, [request.source if body == request.body else one for body, one in pairs])


def _results(requests: Sequence[GapRequest], was_live: bool) -> None:
    """What there is so far; while anything is measured it is drawn again and again, and once more at the end."""
    found = BodiesReport(tuple(_of_body(one) for one in requests))
    live = [one for one in requests if _is_live(one)]
    if bool(live) != was_live:
        st.rerun()
    if live:
        _progress(live, len(requests))
    table = comparison_table(found)
    if table:
        if placed_metrics(found):
            show.figure(positions_figure(found), "gap-bodies-positions", positions_alt(found))
        st.dataframe(table, hide_index=True, key="gap-bodies-table", alt="Every reading of every body.")
        st.caption(plain(comparison_caption(found), longest=1200))
        show.json_download(found, "gap-bodies.json", "gap-bodies-json")
    missing = [one.body for one in found.bodies if one.report is None and not one.refused]
    if missing and not live:
        st.caption(plain(f"Not measured yet: {', '.join(missing)}."))


def _progress(live: Sequence[GapRequest], total: int) -> None:
    """Who is measured at the moment, and a way to stop all that is left."""
    under_way = [measuring.find(session.gap_path(one.key())) for one in live]
    running = [m for m in under_way if m is not None and m.line != measuring.WAITING] or under_way
    now = running[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        said = "" if now is None else f"{line(now.request.body, 60)}: {now.line} · "
        st.progress((total - len(live)) / total, text=plain(f"{said}{total - len(live)} of {total} bodies"))
        st.button("Cancel", key="gap-compare-cancel", on_click=_cancel, args=(under_way,))


def _cancel(measurements: Sequence[Measurement | None]) -> None:
    for measurement in measurements:
        if measurement is not None:
            measurement.cancel()


def _of_body(request: GapRequest) -> OfBody:
    """What this body has given: its report as it is kept, or why its measurement failed."""
    path = session.gap_path(request.key())
    measurement = measuring.find(path)
    report = kept.read_report(path)
    failed = measurement is not None and measurement.state == "failed" and report is None
    error = measurement.error if failed and measurement is not None else None
    return OfBody(request.body, request.source, report, error)


def _is_live(request: GapRequest) -> bool:
    measurement = measuring.find(session.gap_path(request.key()))
    return measurement is not None and measurement.state == "running"


def _is_complete(request: GapRequest) -> bool:
    report = kept.read_report(session.gap_path(request.key()))
    return report is not None and report.complete
