"""Who is moved onto whom: the optimal coupling of the drawn rows as lines, for a class or a sample."""

import numpy as np
import streamlit as st

from pages.ui import gap_data, player, show
from pages.ui.safe import line, plain
from xmodal_core.embedding import Embedding
from xmodal_core.errors import XModalError
from xmodal_core.figures.playback import Scene
from xmodal_core.panel.coupling import DrawnCoupling, drawn_coupling, where_to
from xmodal_core.panel.drawn import Sides
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.words import number

_TOLD = 3  # classes named in the sentence
_PICTURED, _LOOK = 6, 40  # classes with a picture, and its pixels
_SIDES = ("source", "target")


def coupling(report: GapReport) -> None:
    """Choose a class, or a sample, and see where it goes."""
    sides = gap_data.features(report)
    if sides is None:
        return
    asked = gap_data.request()
    settings = {} if asked is None else asked.settings.get("otdd", {})
    try:
        found = drawn_coupling(*sides, settings)
    except XModalError as error:
        show.error(error)
        return
    chosen, shown = st.columns([6, 14], gap="medium")
    with chosen:
        rows = _ask(sides)
        pairs = found.of(*rows)
        st.markdown(plain(_sentence(found, pairs, rows, sides), longest=900))
        _looks(found, pairs, rows, sides)
        st.caption(
            plain(
                f"OTDD of these {len(sides[0])} and {len(sides[1])} drawn rows: {number(found.value)}, solved by "
                f"{found.solver}; the panel's own was solved on n = {report.n} a side. A line is a pair that carries "
                "mass; costs are in squared feature units.",
                longest=600,
            )
        )
    with shown:
        of_a_class = next((side for side, chosen in zip(_SIDES, rows, strict=True) if chosen is not None), None)
        one = sum(chosen is not None and len(chosen) == 1 for chosen in rows) == 1
        drawn = pairs if one else np.arange(len(found.mass))
        scene = Scene(
            gap_data.clouds_of(report.points, asked),
            axes=(report.points.horizontal, ""),
            links=np.stack([found.source_rows[drawn], found.target_rows[drawn]], axis=1),
            weights=found.mass[drawn] / found.mass.max() * (1.0 if one or of_a_class else 0.3),
        )
        choice = {} if one or of_a_class is None else {of_a_class: _class_of(rows, sides)}
        alt = f"Lines join samples that are moved onto each other. {_sentence(found, pairs, rows, sides)}"
        key = f"gap-coupling-{gap_data.name()}"
        player.player(key, scene, alt=alt, height=360, table=_table(found, pairs, sides), choice=choice)


Rows = tuple[np.ndarray | None, np.ndarray | None]


def _ask(sides: Sides) -> Rows:
    """Rows of the source and of the target that are looked at; None for all of a side."""
    source, target = sides
    of = st.segmented_control(
        "Follow", ("Everything", "A class", "A sample"), default="A class", required=True, key="coupling-of"
    )
    if of == "Everything":
        return None, None
    side = st.segmented_control("Of the", ("target", "source"), default="target", required=True, key="coupling-side")
    looked = target if side == "target" else source
    if of == "A class":
        present = np.unique(looked.labels)
        picked = st.selectbox(
            "Class", present, format_func=lambda k: line(looked.class_names[k], 60), key=f"coupling-class-{side}"
        )
        rows = np.flatnonzero(looked.labels == picked)
    else:
        picked = st.selectbox(
            "Sample", range(len(looked)), format_func=lambda i: line(looked.uid[i], 60), key=f"coupling-sample-{side}"
        )
        rows = np.array([picked])
    return (None, rows) if side == "target" else (rows, None)


def _class_of(rows: Rows, sides: Sides) -> str:
    """The class of the chosen rows as the legend has it."""
    side, chosen = next((side, chosen) for side, chosen in zip(sides, rows, strict=True) if chosen is not None)
    return line(side.class_names[side.labels[chosen[0]]], 60)


def _looks(found: DrawnCoupling, pairs: np.ndarray, rows: Rows, sides: Sides) -> None:
    """Pictures of the classes at the other end, with the share that each has."""
    known = gap_data.looks(gap_data.request())
    if known is None or not len(pairs) or (rows[0] is None and rows[1] is None):
        return
    name, side = ("source", sides[0]) if rows[1] is not None else ("target", sides[1])
    with st.container(horizontal=True, gap="small"):
        for label, share in list(where_to(found, pairs, side.labels, name).items())[:_PICTURED]:
            if (address := known[name].get(side.class_names[label])) is not None:
                said = f"{share:.0%} {side.class_names[label]}"
                st.image(address, width=_LOOK, caption=f"{share:.0%}", alt=line(said, 80))


def _sentence(found: DrawnCoupling, pairs: np.ndarray, rows: Rows, sides: Sides) -> str:
    """Where the chosen rows go, how much of all that is, and what it costs."""
    source, target = sides
    if not len(pairs):
        return "No pair carries mass here."
    mass = float(found.mass[pairs].sum())
    cost = float(found.mass[pairs] @ (found.features[pairs] + found.labels[pairs])) / mass
    of_labels = float(found.mass[pairs] @ found.labels[pairs]) / mass
    priced = f"mean cost {number(cost)}, {of_labels / cost:.0%} of it for the classes" if cost > 0 else "at no cost"
    if rows[0] is None and rows[1] is None:
        return f"All {len(pairs)} pairs are drawn: {priced}."
    end = ("source", source) if rows[1] is not None else ("target", target)
    shares = where_to(found, pairs, end[1].labels, end[0])
    named = ", ".join(f"{share:.0%} {end[1].class_names[k]}" for k, share in list(shares.items())[:_TOLD])
    rest = f" and {len(shares) - _TOLD} more" if len(shares) > _TOLD else ""
    verb = "comes from" if rows[1] is not None else "goes to"
    return f"What is chosen, {mass:.1%} of all mass, {verb} {end[0]} classes {named}{rest}; {priced}."


def _table(found: DrawnCoupling, pairs: np.ndarray, sides: Sides) -> dict[str, list[object]]:
    def told(side: Embedding, rows: np.ndarray) -> tuple[list[object], list[object]]:
        return side.uid[rows].tolist(), [side.class_names[k] for k in side.labels[rows]]

    (source, source_class), (target, target_class) = (
        told(side, rows[pairs]) for side, rows in zip(sides, (found.source_rows, found.target_rows), strict=True)
    )
    return {
        "source": source,
        "source class": source_class,
        "target": target,
        "target class": target_class,
        "mass": found.mass[pairs].tolist(),
        "for the samples": found.features[pairs].tolist(),
        "for the classes": found.labels[pairs].tolist(),
    }
