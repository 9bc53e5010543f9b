"""The player: clouds that the browser plays, scrubs and lets choose from, without asking the server again.

    from pages.ui import player

    source = player.cloud(SOURCE, data, rows, points)              # pictures, names and classes of these rows
    player.player("gap-clouds", Scene([source, target]), alt="...")          # a still: (n, 2) points
    player.player("align", Scene(clouds, steps=[1, 2, 3], charts=charts), alt="...")  # frames: (3, n, 2) points
    player.player("two", scene_a, scene_b, alt="...")              # two runs under one cursor

What a scene can hold is told by `xmodal_core.figures.playback`. A person plays, steps and scrubs (buttons, P, J, K and
arrows once it has the focus; a click on a curve), points at a sample to see it, draws around some to see how many of
each side they are and their pictures, picks classes in the legend, and chooses what points are coloured by.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.ui.safe import line
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.figures import canvas, playback
from xmodal_core.figures.base import Mark
from xmodal_core.figures.pictures import class_rows
from xmodal_core.figures.playback import BY_SIDE, Cloud, Scene, Sheet

_HEIGHT = 400

_player = st.components.v2.component("xmodal_player", js=canvas.player_script(), css=canvas.player_style())
_sheet = st.components.v2.component("xmodal_sheet", js=canvas.sheet_script())


def player(
    key: str,
    *scenes: Scene,
    alt: str,
    table: Any = None,
    height: int = _HEIGHT,
    colouring: str = BY_SIDE,
    choice: Mapping[str, str] | None = None,
    ghost: bool = True,
    live: bool = False,
) -> None:
    """Show one scene, or two under one cursor.

    Args:
        key: stable, and another one for another run: what a person looks at is kept under it.
        *scenes: what is shown; a scene without steps is a still.
        alt: what it says, in words and numbers.
        table: data frame or dict of columns offered under "View as table".
        height: of the planes, in pixels.
        colouring: at first: "side", "source class", "target class", or a name in the clouds' `values`. A person
            changes it in the browser; another value from here changes it, too.
        choice: classes that stand out, by cloud: {"source": "7", "target": "cat"}; sent anew when it changes.
        ghost: whether outlines of the first frame are drawn at first.
        live: more frames are to come: the newest is followed until the person goes elsewhere.
    """
    view = {
        "name": key,
        "alt": line(alt, 2000),
        "height": height,
        "colouring": colouring,
        "choice": dict(choice or {}),
        "ghost": ghost,
        "trails": True,
        "loops": False,
        "speed": 1,
        "live": live,
        "follows": live,
    }
    with st.container(gap=None, key=f"{key}-player"):
        _player(key=key, data=playback.pack(scenes, **view))
        if table is not None:
            with st.popover("View as table", type="tertiary", key=f"{key}-table"):
                st.dataframe(table, hide_index=True)
        for number, one in enumerate(playback.sheets(scenes)):
            _sheet(key=f"{key}-sheet-{number}", data=one.packed(), height=1)


def cloud(
    mark: Mark,
    data: LabelledDataset,
    rows: np.ndarray,
    points: np.ndarray,
    labels: Sequence[str] | None = None,
    values: Mapping[str, np.ndarray] | None = None,
) -> Cloud:
    """Rows of a data set as a cloud with their pictures, which are drawn once.

    Args:
        mark: source, target or intermediate.
        data: a data set of any task; as classes (`launch.classified`) where classes are to be told.
        rows: row numbers (n,).
        points: their places, (n, 2) or (frames, n, 2).
        labels: names of their classes; None takes those of the data set.
        values: other numbers in [0, 1] by name, (n,) each.
    """
    classes = data.class_names if labels is None else ()
    if labels is None:
        labels = [line(classes[c], 60) for c in data.targets[rows]] if classes else [mark.name] * len(rows)
    return Cloud(
        mark,
        points,
        [line(name, 80) for name in data.uid[rows]],
        labels,
        _pictures(data.content_hash, _name(rows), data, rows),
        _of_classes(data.content_hash, data) if classes else None,
        [line(name, 60) for name in classes],
        values or {},
    )


def _name(rows: np.ndarray) -> str:
    return hashlib.blake2b(np.ascontiguousarray(rows, dtype=np.int64).tobytes(), digest_size=16).hexdigest()


@st.cache_resource(max_entries=64, show_spinner=False)
def _pictures(content: str, name: str, _data: LabelledDataset, _rows: np.ndarray) -> Sheet:  # noqa: ARG001 - the key
    return playback.sheet_of(_data, _rows)


@st.cache_resource(max_entries=64, show_spinner=False)
def _of_classes(content: str, _data: LabelledDataset) -> Sheet:  # noqa: ARG001 - the key
    return playback.sheet_of(_data, np.maximum(class_rows(_data), 0), side=32)
