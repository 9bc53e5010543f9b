"""The translation lab: slide, scale, relabel or thin out the target, and see which numbers move and which do not."""

import numpy as np
import streamlit as st

from pages.ui import gap_data, player, show
from pages.ui.safe import line, plain
from xmodal_core.embedding import Embedding
from xmodal_core.errors import XModalError
from xmodal_core.figures.playback import Scene
from xmodal_core.panel.drawn import Sides
from xmodal_core.panel.planes import fixed_plane
from xmodal_core.panel.points import CloudPoints, Points
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.translation import READ, Translation, changed, class_counts, lab_readings, translated
from xmodal_core.panel.words import number, title


def lab(report: GapReport) -> None:
    """Controls and numbers beside the clouds, which move."""
    sides = gap_data.features(report)
    if sides is None:
        return
    source, target = sides
    controls, shown = st.columns([8, 12], gap="medium")
    with controls:
        what = _ask(target)
        try:
            moved = translated(source, target, what, report.seed)
            before, after = lab_readings(*sides), lab_readings(source, moved)
        except XModalError as error:
            show.error(error)
            return
        st.markdown(plain(_sentence(what, before, after), longest=600))
        st.dataframe(_table(before, after), hide_index=True, key="lab-table", alt=_alt(before, after))
        st.caption(
            plain(
                f"Counted on the {len(source)} and {len(moved)} drawn rows, so values differ a little from the "
                f"panel's at n = {report.n}. Clouds are drawn on a plane that was fixed before anything moved."
            )
        )
    with shown:
        scene = Scene(
            gap_data.clouds_of(_points(sides, moved), gap_data.request()), axes=("difference of the means", "")
        )
        key = f"gap-lab-{gap_data.name()}"
        player.player(key, scene, alt=f"Both clouds after the change. {_alt(before, after)}", height=360)


def _ask(target: Embedding) -> Translation:
    slide = st.slider("Slide towards the source", 0, 100, 0, step=5, format="%d %%", key="lab-slide")
    scale = st.slider("Scale around its own middle", 0.1, 3.0, 1.0, step=0.1, format="x %.1f", key="lab-scale")
    names = list(class_counts(target))
    left, right = st.columns(2, vertical_alignment="bottom")
    shuffled = left.toggle("Shuffle its labels", key="lab-shuffle")
    dropped = right.selectbox(
        "Drop a class",
        names,
        index=None,
        format_func=lambda name: line(name, 60),
        placeholder="None",
        key="lab-drop",
        disabled=len(names) < 2,
    )
    return Translation(slide / 100, scale, shuffled, dropped)


def _sentence(what: Translation, before: dict[str, float], after: dict[str, float]) -> str:
    if what == Translation():
        return "Nothing is changed yet: move a control and see which numbers follow."
    moved = changed(before, after)
    names = {name: title(name) for name in READ}
    yes, no = ([names[name] for name in moved if moved[name] is side] for side in (True, False))
    told = [f"Moved: {', '.join(yes)}." if yes else "", f"Did not move: {', '.join(no)}." if no else ""]
    gone = [names[name] for name in before if name not in after]
    told += [f"Cannot be read any more: {', '.join(gone)}."] if gone else []
    return " ".join(filter(None, told))


def _table(before: dict[str, float], after: dict[str, float]) -> dict[str, list[str]]:
    moved = changed(before, after)
    signs = {True: "moved", False: "same"}
    return {
        "reading": [title(name) for name in before],
        "unchanged": [number(value) for value in before.values()],
        "now": [number(after.get(name)) for name in before],
        "": [signs[moved[name]] if name in moved else "–" for name in before],
    }


def _alt(before: dict[str, float], after: dict[str, float]) -> str:
    return ", ".join(f"{name} {number(before[name])} before, {number(after.get(name))} now" for name in before)


def _points(sides: Sides, moved: Embedding) -> Points:
    """Both sides on the plane of the rows as they were."""
    plane = fixed_plane(sides)

    def drawn(side: Embedding) -> CloudPoints:
        xy = np.round(plane.apply(side.features.astype(np.float64)), 4).tolist()
        return CloudPoints(xy, [side.class_names[k] for k in side.labels], side.uid.tolist())

    source = drawn(sides[0])
    return Points(source, drawn(moved), plane.explained, plane.horizontal)
