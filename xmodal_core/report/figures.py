"""Figures in a page that is one file: plotly's as JSON that its script draws, clouds as bytes that the player plays."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.playback import Scene, pack, sheets
from xmodal_core.report.markup import Markup, folded, joined, script_json, table, tag

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 400


class Figures:
    """Numbers the figures of one page, and knows which scripts they need."""

    def __init__(self) -> None:
        self.plotted = 0
        self.played = 0

    def plot(self, figure: go.Figure, alt: str, columns: Mapping[str, Sequence[Any]] | None = None) -> Markup:
        """A plotly figure with what it says in words, and the same as a table.

        Args:
            figure: one of ours.
            alt: what it says, in words and numbers.
            columns: by heading; none when None or empty.
        """
        self.plotted += 1
        values = json.loads(figure.to_json() or "{}")
        values["layout"].pop("template", None)  # the page has one, once
        name, height = f"plot-{self.plotted}", values["layout"].get("height", _HEIGHT)
        return tag(
            "figure",
            tag("div", class_="plot", id=name, role="group", aria_label=alt, style=f"height:{int(height)}px"),
            tag("script", script_json(json.dumps(values)), type="application/json", id=f"{name}-data"),
            tag("figcaption", alt, class_="spoken"),
            folded("The same as a table", table(columns)) if columns else Markup(""),
        )

    def play(self, name: str, scenes: Sequence[Scene], alt: str, caption: str = "") -> Markup:
        """Clouds that the browser plays and shows samples of.

        Args:
            name: of what is played.
            scenes: one, or two under one cursor.
            alt: what they say, in words and numbers.
            caption: below them.
        """
        self.played += 1
        view = {"name": name, "alt": alt, "height": _HEIGHT, "colouring": "side", "choice": {}, "ghost": True}
        view |= {"trails": True, "loops": False, "speed": 1, "live": False, "follows": False}
        files = [_packed(one.packed(), "sheet") for one in sheets(scenes)]
        return tag(
            "figure",
            *files,
            tag("div", _packed(pack(scenes, **view), "scene"), class_="played"),
            tag("figcaption", caption or alt),
        )


def _packed(content: bytes, kind: str) -> Markup:
    text = base64.b64encode(content).decode()
    return tag("script", Markup(text), type=f"application/x-xmodal-{kind}", class_=kind)


def drawn_by(figures: Figures) -> Markup:
    """The scripts that draw these figures, each once."""
    parts = []
    if figures.plotted:
        from plotly.offline import get_plotlyjs

        parts += [tag("script", Markup(get_plotlyjs())), tag("script", Markup(_PLOT))]
    if figures.played:
        parts.append(_player())
    return joined(*parts)


def _player() -> Markup:
    from xmodal_core.figures.canvas import player_script, player_style, sheet_script

    drawn = player_script().replace("export default function", "const playScenes = function")
    taken = sheet_script().replace("export default function", "const takeSheet = function")
    style = tag("template", tag("style", Markup(player_style() + _ON_PAPER)), id="player-style")
    return joined(style, tag("script", Markup(f"{drawn}\n{{{taken}\n{_PLAY}}}"), type="module"))


_ON_PAPER = "@media print { .rail, .legend, .chosen { display: none !important; } }"
_PLOT = """
for (const place of document.querySelectorAll(".plot")) {
  const spec = JSON.parse(document.getElementById(place.id + "-data").textContent);
  const axis = { gridcolor: "#E6E6E6", zerolinecolor: "#BBBBBB", linecolor: "#BBBBBB", automargin: true };
  const template = { layout: { font: { family: "system-ui, sans-serif", color: "#1A1A1A" }, paper_bgcolor: "#FFFFFF",
    plot_bgcolor: "#FFFFFF", xaxis: axis, yaxis: axis, hovermode: "closest" } };
  const save = (format) => (own) => Plotly.downloadImage(own, { format, filename: place.id, scale: 2 });
  const icon = Plotly.Icons.camera;
  Plotly.newPlot(place, spec.data, { ...spec.layout, template, autosize: true }, { displaylogo: false, responsive: true,
    modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d"], modeBarButtonsToAdd: [
      { name: "png", title: "Save as PNG", icon, click: save("png") },
      { name: "svg", title: "Save as SVG", icon, click: save("svg") }] });
}
const places = document.querySelectorAll(".plot");
const fit = () => places.forEach((place) => place.clientWidth && Plotly.Plots.resize(place));
matchMedia("print").addEventListener("change", fit);
document.querySelectorAll("details").forEach((fold) => fold.addEventListener("toggle", fit));
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
"""
_PLAY = """
const bytes = (script) => Uint8Array.from(atob(script.textContent), (letter) => letter.charCodeAt(0));
for (const sheet of document.querySelectorAll("script.sheet")) takeSheet({ data: bytes(sheet) });
for (const place of document.querySelectorAll(".played")) {
  const data = bytes(place.querySelector("script.scene"));
  const shadow = place.attachShadow({ mode: "open" });
  shadow.append(document.getElementById("player-style").content.cloneNode(true));
  const parentElement = document.createElement("div");
  shadow.append(parentElement);
  playScenes({ data, parentElement });
}
"""
