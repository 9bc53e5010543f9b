"""What stands behind a gap report on screen: the data sets of both sides and the features of the drawn rows."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.ui import player, session, show, warming
from pages.ui.safe import line
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.figures.base import SOURCE, TARGET, Mark
from xmodal_core.figures.pictures import class_pictures, data_uri
from xmodal_core.figures.playback import Cloud
from xmodal_core.panel import kept
from xmodal_core.panel.clouds import load_sides, rows_of, with_classes
from xmodal_core.panel.drawn import Sides, drawn_features, kept_features
from xmodal_core.panel.points import CloudPoints, Points
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.umap_points import keep_umap_points, kept_umap_points

_SMALL = 32  # pixels of a class's picture


def request() -> GapRequest | None:
    """What was asked for at this address; None where that is not known any more."""
    path = session.gap_address()
    return None if path is None else kept.read_request(path)


def name() -> str:
    """What names the result in the address, for keys of widgets that are about it."""
    path = session.gap_address()
    return "none" if path is None else path.stem


def data_sets(asked: GapRequest | None) -> tuple[LabelledDataset, LabelledDataset] | None:
    """Source and target with classes; None where they are not here any more."""
    if asked is None:
        return None
    try:
        return _data_sets(asked.key(), asked)
    except XModalError:
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _data_sets(key: str, _asked: GapRequest) -> tuple[LabelledDataset, LabelledDataset]:  # noqa: ARG001 - the key
    return with_classes(*load_sides(_asked), _asked.seed)[:2]


@st.cache_resource(max_entries=8, show_spinner=False)
def _looks(key: str, _sides: tuple[LabelledDataset, LabelledDataset]) -> dict[str, dict[str, str]]:  # noqa: ARG001
    looks = {}
    for name, side in zip(("source", "target"), _sides, strict=True):
        looks[name] = {label: data_uri(picture) for label, picture in class_pictures(side, _SMALL).items()}
    return looks


def looks(asked: GapRequest | None) -> Mapping[str, Mapping[str, str]] | None:
    """Pictures of the classes of either side, as addresses by class name; None where the data are not here."""
    sides = data_sets(asked)
    return None if asked is None or sides is None else _looks(asked.key(), sides)


def features(report: GapReport) -> Sides | None:
    """Features of the drawn rows, kept or made again while the page waits; None, and the reason told, without them."""
    path, asked = session.gap_address(), request()
    if path is None:
        return None
    if (found := kept_features(path, report.points)) is not None:
        return found
    if asked is None:
        st.caption("The features of these rows are not kept here; measure again.")
        return None
    try:
        with st.spinner("Embedding the drawn rows again"):
            warming.warm_up().join()
            return drawn_features(path, asked, report.points)
    except XModalError as error:
        show.error(error)
        return None


def umap(points: Points, asked: GapRequest) -> Points:
    """The report in the address on a neighbour map: from its file, or fitted while the page waits."""
    path = session.gap_address()
    assert path is not None
    if (found := kept_umap_points(path, points)) is not None:
        return found
    with st.spinner("Fitting UMAP; the first one takes a minute", show_time=True):
        warming.warm_up().join()
        return keep_umap_points(path, asked, points)


def clouds_of(points: Points, asked: GapRequest | None) -> list[Cloud]:
    """Both clouds for the player: with pictures where the data are here and have these rows."""
    sides = data_sets(asked) or (None, None)
    drawn = ((SOURCE, points.source, sides[0]), (TARGET, points.target, sides[1]))
    return [_cloud(mark, side, data) for mark, side, data in drawn]


def _cloud(mark: Mark, side: CloudPoints, data: LabelledDataset | None) -> Cloud:
    xy = np.array(side.xy, dtype=np.float64).reshape(-1, 2)
    values = {} if side.mixing is None else {"mixing": np.array(side.mixing)}
    if data is not None:
        try:
            return player.cloud(mark, data, rows_of(data, side.uid), xy, values=values)
        except XModalError:  # the data are not what they were; the names still are
            pass
    uid, labels = [line(name, 80) for name in side.uid], [line(name, 60) for name in side.labels]
    return Cloud(mark, xy, uid, labels, values=values)
