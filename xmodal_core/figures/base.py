"""The visual language: one mark and one colour a domain, one frame for every figure.

Colours keep their distance under the three common colour-vision deficiencies (Okabe and Ito 2008); shape
says the same once more.
"""

import html
import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 420
MARGIN = {"l": 40, "r": 10, "t": 10, "b": 30}
NEUTRAL = "#7A7A7A"
# For classes within one domain: Okabe and Ito's colours, then repeated with the class number in the legend.
CLASS_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#E69F00",
    "#56B4E9",
    "#CC79A7",
    "#A6761D",
    "#666666",
    "#117733",
    "#882255",
)


@dataclass(frozen=True)
class Mark:
    """How one domain looks, by colour, shape and glyph."""

    name: str
    colour: str
    symbol: str
    glyph: str
    dash: str


SOURCE = Mark("source", "#0072B2", "circle", "●", "solid")
TARGET = Mark("target", "#D55E00", "diamond", "◆", "dash")
BETWEEN = Mark("intermediate", "#009E73", "triangle-up", "▲", "dot")


def escape(text: object, longest: int = 60) -> str:
    """A user's string for plotly, which reads a subset of HTML."""
    line = " ".join(str(text).split())
    return html.escape(line if len(line) <= longest else line[: longest - 1] + "…")


def empty_figure(height: int = HEIGHT, **layout: Any) -> "go.Figure":
    """A figure with the common frame: narrow margins, legend on top, no title.

    Args:
        height: pixels.
        **layout: anything plotly's layout takes; wins over the frame.
    """
    if "pandas" in sys.modules:  # plotly takes one that another thread is importing for a whole one: wait for it
        importlib.import_module("pandas")
    import plotly.graph_objects as go

    frame: dict[str, object] = {
        "height": height,
        "margin": MARGIN,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "title": {"text": ""}},
        "hoverlabel": {"align": "left"},
    }
    return go.Figure(layout=frame | layout)
