"""Both clouds of a gap report in the player: pictures under the pointer, a lasso, three planes and what each hides."""

import streamlit as st

from pages.ui import gap_data, player, show
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures.clouds import cloud_caption
from xmodal_core.figures.playback import BY_SIDE, Scene
from xmodal_core.model.words import of_report
from xmodal_core.panel.planes import class_plane_points
from xmodal_core.panel.points import CLASS_PLANE, Points
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.words import space_note

LINEAR, UMAP, CLASSES = "Linear", "UMAP", "Class plane"
_HEIGHT = 290


def clouds(report: GapReport, request: GapRequest | None) -> None:
    """The picture; on other planes only with the request, for the report keeps no features."""
    planes = (LINEAR,) if request is None else (LINEAR, UMAP, CLASSES)
    plane = st.segmented_control(
        "Plane", planes, default=LINEAR, required=True, key="plane", label_visibility="collapsed"
    )
    points = report.points if request is None else _on(plane, report, request)
    draw(points, request, f"gap-clouds-{gap_data.name()}-{plane}")
    colouring = "side" if points.source.mixing is None else "mixing"
    st.caption(plain(cloud_caption(points, colouring), longest=1000))
    with st.popover("What was measured", type="tertiary"):
        st.caption(plain(_provenance(report), longest=1000))


def draw(
    points: Points,
    request: GapRequest | None,
    key: str,
    choice: dict[str, str] | None = None,
    height: int = _HEIGHT,
) -> None:
    """The points in the player, with pictures where the data are here."""
    up = "the source's first remaining axis" if points.explained is not None else ""
    scene = Scene(gap_data.clouds_of(points, request), axes=(points.horizontal, up))
    alt = f"Both clouds on one plane. {cloud_caption(points)}"
    colouring = "target class" if points.horizontal == CLASS_PLANE else BY_SIDE
    player.player(key, scene, alt=alt, height=height, choice=choice, colouring=colouring)


def _on(plane: str | None, report: GapReport, request: GapRequest) -> Points:
    try:
        if plane == UMAP:
            return gap_data.umap(report.points, request)
        if plane == CLASSES and (sides := gap_data.features(report)) is not None:
            return class_plane_points(sides, report.points, report.seed)
    except XModalError as error:
        show.error(error)
    return report.points


def _provenance(report: GapReport) -> str:
    parts = [f"at most {report.tokens} tokens a sample"] if report.tokens else []
    parts += [how] if (how := of_report(report.body, report.model)) else []
    network = ", ".join([f"{report.space} of {report.body}" if report.body else "raw inputs", *parts])
    return (
        f"{report.source} → {report.target}, {network}, n = {report.n} a side, seed {report.seed}; "
        f"{report.seconds:.1f} s on {report.device}. {space_note(report.space)}"
    )
