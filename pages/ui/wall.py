"""Samples of a data set as pictures in strips, a strip a class; a click shows one large.

from pages.ui import wall

wall.wall("data-target", data, TARGET)
"""

from typing import Any

import streamlit as st

from pages.ui import show
from pages.ui.safe import line, plain
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.figures import canvas
from xmodal_core.figures import wall as drawn
from xmodal_core.figures.base import Mark
from xmodal_core.figures.samples import target_text

_VALUES = 200  # of a row of a table

_wall = st.components.v2.component("xmodal_wall", js=canvas.wall_script(), css=canvas.wall_style())


def wall(key: str, data: LabelledDataset, mark: Mark, look: str = drawn.WAVES, most: int = drawn.MOST) -> None:
    """Show some samples of every class, drawn once; the one that is clicked opens in a dialog.

    Args:
        key: stable widget key.
        data: of any modality and task.
        mark: source or target.
        look: of series, waves or spectrograms.
        most: samples.
    """
    told, said = _packed(data.content_hash, data.name, look, most, data)
    alt = f"Samples of the {mark.name} {line(data.name, 60)}, {said}"
    picked = _wall(key=key, data=told | {"what": f"{mark.name} sample", "alt": alt}, on_picked_change=_ignored).picked
    st.caption(plain(f"{said[:1].upper()}{said[1:]}. Click one to see it large."))
    if isinstance(picked, int) and 0 <= picked < len(data):
        _enlarge(data, picked, mark)


def _ignored() -> None:
    """A trigger is told only where somebody listens."""


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(content: str, name: str, look: str, most: int, _data: LabelledDataset) -> tuple[dict[str, Any], str]:  # noqa: ARG001 - the key
    told = drawn.packed(_data, look, most=most)
    for strip in told["strips"]:
        strip["name"] = line(strip["name"], 60)
        for item in strip["items"]:
            item |= {"uid": line(item["uid"], 80), "words": line(item["words"], 60)}
    return told, drawn.said(_data, drawn.strips(_data, most))


@st.dialog("One sample", width="large")
def _enlarge(data: LabelledDataset, row: int, mark: Mark) -> None:
    """A sample with its name, split, target and values."""
    from xmodal_core.figures.enlarged import enlarged

    target = target_text(data, row, 200)
    where = f"{plain(data.uid[row], 80)} · {data.splits[row]} · row {row:,} of {len(data):,}"
    st.markdown(f"{mark.glyph} **{plain(target)}** · {where}")
    figure = enlarged(data, row)
    if figure is None:
        st.text(str(data.inputs[row]))
        return
    alt = f"Sample {line(data.uid[row], 80)} of the {mark.name}: {line(target, 100)}"
    show.figure(figure, f"sample-{mark.name}", alt, _values(data, row))
    if data.modality is Modality.SERIES and data.inputs.shape[1] > 8:
        st.caption(f"The first 8 of {data.inputs.shape[1]} channels.")


def _values(data: LabelledDataset, row: int) -> dict[str, list[Any]] | None:
    """Names and values of a row of a table, the first of them; None of what has too many numbers to read."""
    if data.modality is not Modality.TABULAR:
        return None
    values = data.inputs[row, :_VALUES].tolist()
    features = data.understanding.features if data.understanding is not None else ()
    words = [features[i].categories if i < len(features) else () for i in range(len(values))]
    names = data.feature_names or tuple(f"feature {i + 1}" for i in range(len(values)))
    told = [line(w[int(v)], 60) if w else f"{v:.6g}" for v, w in zip(values, words, strict=True)]
    return {"feature": [line(name, 60) for name in names[: len(values)]], "value": told}
