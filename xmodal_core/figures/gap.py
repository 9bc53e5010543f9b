"""A gap reading in words, on its ruler, and class by class. The words never say more than the numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET, empty_figure, escape
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.gap.protocol import MIN_ROWS_FOR_INTERVAL, percent_of_ceiling

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_CLASSES_SHOWN = 40
_BASELINES = {"raw_inputs": "raw inputs", "random_network": "random network"}


def title(name: str) -> str:
    """What a metric is called on screen."""
    return METRICS[name].title if name in METRICS else name.replace("_", " ")


def number(value: float | None) -> str:
    """Three significant digits, or a dash; tiny values in scientific notation."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")


def interval_text(reading: GapReading) -> str:
    """The 95 % interval in brackets, or why there is none."""
    if reading.interval is None:
        return f"no interval below {MIN_ROWS_FOR_INTERVAL} rows"
    return f"[{number(reading.interval[0])}, {number(reading.interval[1])}]"


def p_text(p: float | None) -> str:
    """A p-value as it can be quoted; a dash where the metric has none."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def headline(readings: Mapping[str, GapReading]) -> str:
    """The first reading on one line, with its anchor; empty without readings."""
    for name, reading in readings.items():
        anchor = "chance" if METRICS[name].target_only else "floor"
        return f"{title(name)} {number(reading.value)} {interval_text(reading)}, {anchor} {number(reading.floor)}"
    return ""


def finding(name: str, reading: GapReading) -> str:
    """Where the value lies between its anchors, in one sentence.

    "Not distinguishable" where the interval covers the floor; nothing at all about significance where there
    is no interval, and no claim of a floor where too few rows left none.
    """
    target_only = METRICS[name].target_only
    floor_name = "chance" if target_only else "the floor"
    if reading.floor is None:
        return "No floor: the source has too few rows for a second sample, so the value cannot be placed."
    if reading.interval is None:
        return f"Too few rows for an interval, so the value cannot be told from {floor_name}."
    low, high = reading.interval
    if low <= reading.floor <= high:
        return f"Not distinguishable from {floor_name} at this n."
    side = "Above" if reading.value > reading.floor else "Below"
    left = percent_of_ceiling(reading)
    tail = "" if left is None else f"; {left:.0f} % of the way to an untrained embedder"
    return f"{side} {floor_name}{tail}."


def numbers_line(name: str, reading: GapReading) -> str:
    """Every number of a reading on one line; anchors that do not exist are left out."""
    target_only = METRICS[name].target_only
    parts = [f"Value {number(reading.value)} {interval_text(reading)}"]
    parts.append(f"{'chance' if target_only else 'floor'} {number(reading.floor)}")
    if reading.ceiling is not None:
        parts.append(f"ceiling {number(reading.ceiling)}")
    if reading.p is not None:
        parts.append(f"p {p_text(reading.p)}")
    parts += [f"{label} {number(reading.detail[key])}" for key, label in _BASELINES.items() if key in reading.detail]
    return ", ".join([*parts, f"n = {reading.n} {'rows' if target_only else 'a side'}, seed {reading.seed}"])


def caveat(reading: GapReading) -> str | None:
    """Said where the floor was measured on other numbers of rows than the value."""
    floor_n = reading.detail.get("floor_n")
    if floor_n is None or floor_n == reading.n:
        return None
    return f"The floor is measured at n = {floor_n}, the value at n = {reading.n}; fewer rows can raise it."


def ruler_figure(reading: GapReading, floor_name: str = "floor") -> "go.Figure":
    """Floor, value with its 95 % interval, and ceiling on one line."""
    places = [v for v in (reading.floor, reading.value, reading.ceiling, *(reading.interval or ())) if v is not None]
    low, high = min(places), max(places)
    pad = 0.3 * (high - low) or 0.3 * (abs(high) or 1.0)
    figure = empty_figure(
        66,
        showlegend=False,
        margin={"l": 4, "r": 4, "t": 2, "b": 2},
        yaxis={"visible": False, "range": [-1, 1]},
        xaxis={"visible": False, "range": [low - pad, high + pad]},
    )
    figure.add_scatter(
        x=[low - pad, high + pad], y=[0, 0], mode="lines", line={"color": NEUTRAL, "width": 1}, hoverinfo="skip"
    )
    # Labels of the anchors point away from each other, so that close anchors stay legible.
    floor_is_left = reading.floor is None or reading.ceiling is None or reading.floor <= reading.ceiling
    if reading.floor is not None:
        _add_anchor(figure, reading.floor, floor_name, SOURCE.colour, "left" if floor_is_left else "right")
    if reading.ceiling is not None:
        _add_anchor(figure, reading.ceiling, "ceiling", NEUTRAL, "right" if floor_is_left else "left")
    figure.add_scatter(
        x=[reading.value],
        y=[0],
        error_x=_error_bar(reading),
        mode="markers+text",
        text=[number(reading.value)],
        textposition="top center",
        marker={"symbol": TARGET.symbol, "size": 9, "color": TARGET.colour},
        hovertemplate=f"value {number(reading.value)} {interval_text(reading)}<extra></extra>",
    )
    return figure


def _add_anchor(figure: "go.Figure", value: float, name: str, colour: str, side: str) -> None:
    figure.add_scatter(
        x=[value],
        y=[0],
        mode="markers+text",
        text=[f"{name} {number(value)}"],
        textposition=f"bottom {side}",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": colour}},
        hovertemplate=f"{name} {number(value)}<extra></extra>",
    )


def _error_bar(reading: GapReading) -> dict[str, Any] | None:
    if reading.interval is None:
        return None
    low, high = reading.interval
    return {
        "type": "data",
        "array": [high - reading.value],
        "arrayminus": [reading.value - low],
        "thickness": 2,
        "width": 7,
    }


def ruler_alt(name: str, reading: GapReading) -> str:
    """The ruler in words and numbers."""
    anchor = "chance" if METRICS[name].target_only else "floor"
    ceiling = "" if reading.ceiling is None else f", ceiling {number(reading.ceiling)}"
    return (
        f"{title(name)} {number(reading.value)} {interval_text(reading)}, {anchor} {number(reading.floor)}{ceiling}. "
        f"{finding(name, reading)}"
    )


def readings_table(readings: Mapping[str, GapReading]) -> dict[str, list[Any]]:
    """Columns of a table with every number of every reading."""
    rows = [
        {
            "metric": title(name),
            "value": r.value,
            "95 % low": r.interval[0] if r.interval else None,
            "95 % high": r.interval[1] if r.interval else None,
            "floor or chance": r.floor,
            "ceiling": r.ceiling,
            "p": p_text(r.p),
            "n": r.n,
            "seed": r.seed,
            "unit": r.unit,
            "says": METRICS[name].meaning,
            "cannot tell": METRICS[name].blind_to,
        }
        for name, r in readings.items()
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def class_distance_figure(detail: Mapping[str, Any]) -> "go.Figure":
    """OTDD's distances between classes as a heat map: source classes down, target classes across.

    Args:
        detail: of an OTDD reading: class_distance (K_s, K_t) and class_names of both sides.
    """
    names_s, names_t = (detail["class_names"][side][:MAX_CLASSES_SHOWN] for side in ("source", "target"))
    distances = [row[:MAX_CLASSES_SHOWN] for row in detail["class_distance"][:MAX_CLASSES_SHOWN]]
    figure = empty_figure(
        margin={"l": 100, "r": 10, "t": 10, "b": 60},
        xaxis={"title": {"text": "◆ target class"}, **_axis(names_t)},
        yaxis={"title": {"text": "● source class"}, "autorange": "reversed", **_axis(names_s)},
    )
    hover = [[f"● {escape(s)} → ◆ {escape(t)}" for t in names_t] for s in names_s]
    figure.add_heatmap(
        z=distances,
        text=hover,
        colorscale="Cividis",
        hovertemplate="%{text}: %{z:.3g}<extra></extra>",
        colorbar={"title": {"text": "W2"}, "thickness": 12},
    )
    return figure


def class_distance_table(detail: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The same distances as columns: source class, target class, distance."""
    rows = [
        (s, t, value)
        for s, line in zip(detail["class_names"]["source"], detail["class_distance"], strict=True)
        for t, value in zip(detail["class_names"]["target"], line, strict=True)
    ]
    columns = ("source class", "target class", "distance")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}


def class_distance_caption(detail: Mapping[str, Any]) -> str:
    """The nearest pair of classes, and what is left out of the figure."""
    table = class_distance_table(detail)
    nearest = min(range(len(table["distance"])), key=table["distance"].__getitem__)
    pair = f"{table['source class'][nearest]} and {table['target class'][nearest]}"
    left_out = max(len(names) for names in detail["class_names"].values()) > MAX_CLASSES_SHOWN
    more = f" The figure shows the first {MAX_CLASSES_SHOWN} classes of each side." if left_out else ""
    return f"Nearest pair: {pair}, at {number(table['distance'][nearest])}.{more}"


def _axis(names: list[str]) -> dict[str, Any]:
    """Ticks by position: two classes may share a name."""
    return {"tickvals": list(range(len(names))), "ticktext": [escape(name, 16) for name in names]}
