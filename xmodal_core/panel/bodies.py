"""The same gap panel over several bodies: one request a body, and their reports side by side.

A request over several bodies is nothing but the requests of each, with the same keys, so that whatever keeps reports by
key measures nothing twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from xmodal_core.data.understanding import Understanding
from xmodal_core.embedding import Space
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.gap.protocol import percent_of_ceiling
from xmodal_core.panel.measure import DONE, measure_gap
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.words import finding, head_line, interval_note, numbers_line, ordered, title
from xmodal_core.values import JsonValue

SCHEMA = 1
MAX_BODIES = 12
_EVERY = "every measure"
_Cell = str | float | None  # of a table: words, a number, or nothing
_ALL_SAME = "Both sides, rows, seed and settings are the same in every row"
_OWN_SOURCES = "Target, seed and settings are the same in every row, each body against its own source"
_COMPARABLE = (
    "A body has a space of its own, so that distances in two bodies have different units: do not rank bodies by the "
    "value of OTDD or of any distance. What can be compared is where a value lies between its own floor (0 %) and its "
    "own ceiling (100 %, an untrained embedder in front of the same body). Shares and accuracies have one scale, but "
    "floors of their own. Intervals are of the value; floor and ceiling are taken as they are. A smaller gap is no "
    "promise that a body does better once it is trained."
)


@dataclass(frozen=True)
class OfBody(JsonValue):
    """What one body gives: a report, or the sentence why there is none.

    Attributes:
        body: its name, folder or id.
        source: an example, a source or a file.
        report: all readings or those taken so far; None before the first, and where the body is refused.
        refused: why the body cannot be used, or cannot take the data; None where it can.
    """

    body: str
    source: str
    report: GapReport | None = None
    refused: str | None = None


@dataclass(frozen=True)
class BodiesReport(JsonValue):
    """What several bodies give, in the order in which they were asked for."""

    bodies: tuple[OfBody, ...]
    schema: int = SCHEMA


@dataclass(frozen=True)
class BodiesProgress:
    """Where a measurement over several bodies is: what it does next, `DONE` at the end, and what there is so far.

    What readers made of the files of both sides is told for each body, as by `Progress`.
    """

    line: str
    report: BodiesReport
    target: Understanding | None = None
    source: Understanding | None = None


def across_bodies(request: GapRequest, bodies: Iterable[str], sources: Sequence[str] = ()) -> list[GapRequest]:
    """One request a body, alike but for the body; a body that is named twice counts once.

    Args:
        request: what is measured of each.
        bodies: names, folders or ids.
        sources: one for each body, in their order; that of `request` for all when empty.

    Raises:
        SettingsError: raw inputs, which no body has seen; other numbers of sources, or too many bodies.
    """
    named = list(bodies)
    if request.space == Space.RAW:
        raise SettingsError("raw inputs are the same for every body; measure several bodies in another space.")
    if sources and len(sources) != len(named):
        raise SettingsError(
            f"found {len(sources)} sources for {len(named)} bodies, expected one for all or one for each body; give "
            "them in the order of the bodies."
        )
    pairs = dict(zip(reversed(named), reversed(sources or [request.source] * len(named)), strict=True))
    if len(pairs) > MAX_BODIES:
        raise SettingsError(f"found {len(pairs)} bodies, expected {MAX_BODIES} at most; compare fewer at once.")
    return [replace(request, body=body, source=pairs[body]) for body in dict.fromkeys(named)]


def measure_bodies(requests: Sequence[GapRequest]) -> Iterator[BodiesProgress]:
    """Measure body after body; one that is refused is told with its sentence and takes no other down.

    Raises:
        XModalError: every body is refused; the first refusal.
    """
    found: tuple[OfBody, ...] = ()
    first_refusal = None
    for request in requests:
        now = OfBody(request.body, request.source)
        try:
            for progress in measure_gap(request):
                now = replace(now, report=progress.report)
                if progress.line != DONE:
                    line, so_far = f"{request.body}: {progress.line}", BodiesReport((*found, now))
                    yield BodiesProgress(line, so_far, progress.target, progress.source)
        except XModalError as error:
            first_refusal = first_refusal or error
            now = replace(now, report=None, refused=" ".join(str(error).split()))
        found += (now,)
    if first_refusal is not None and all(one.refused for one in found):
        raise first_refusal
    yield BodiesProgress(DONE, BodiesReport(found))


def position(reading: GapReading) -> tuple[float, float | None, float | None] | None:
    """Where a value and the ends of its interval lie, in percent of the way from its floor to its ceiling.

    None where an anchor is missing, or the two coincide; ends of None without an interval. The lower end comes first,
    also of a metric that falls as the gap grows.
    """
    value = percent_of_ceiling(reading)
    if value is None:
        return None
    placed = [percent_of_ceiling(replace(reading, value=end)) for end in reading.interval or ()]
    low, high = sorted(p for p in placed if p is not None) if placed else (None, None)
    return value, low, high


def position_text(reading: GapReading) -> str:
    """The position as it can be quoted; a dash where there is none."""
    if (place := position(reading)) is None:
        return "–"
    value, low, high = (None if end is None else f"{end:.0f}".replace("-", "−") for end in place)
    return f"{value} %" if low is None else f"{value} % [{low}, {high}]"


def metrics_of(report: BodiesReport) -> list[str]:
    """Metrics that any body has a reading or a refusal of, in the order of `METRICS`."""
    reports = [one.report for one in report.bodies if one.report is not None]
    return ordered(dict.fromkeys(name for found in reports for name in (*found.readings, *found.refused)))


def comparison_table(report: BodiesReport) -> dict[str, list[_Cell]]:
    """Columns of a table with a row a metric and body, bodies of a metric together; refused bodies come first."""
    refused = [one for one in report.bodies if one.refused]
    rows: list[dict[str, _Cell]] = [{"metric": _EVERY, "body": o.body, "finding": o.refused} for o in refused]
    rows += [_row(name, one) for name in metrics_of(report) for one in report.bodies if one.report is not None]
    shown = [row for row in rows if row]
    columns = max(shown, key=len, default={})
    return {column: [row.get(column) for row in shown] for column in columns}


def _row(name: str, one: OfBody) -> dict[str, _Cell]:
    assert one.report is not None
    if name in one.report.refused:
        return {"metric": title(name), "body": one.body, "finding": one.report.refused[name]}
    if (r := one.report.readings.get(name)) is None:
        return {}
    low, high = r.interval or (None, None)
    return {
        "metric": title(name),
        "body": one.body,
        "floor to ceiling": position_text(r),
        "value": r.value,
        "95 % low": low,
        "95 % high": high,
        "floor or chance": r.floor,
        "ceiling": r.ceiling,
        "shuffled labels": r.shuffled,
        "n": r.n,
        "finding": finding(name, r),
        "source": one.source,
        "unit": r.unit,
    }


def comparison_caption(report: BodiesReport) -> str:
    """What is alike in a comparison, and what can and cannot be read from it."""
    own = len({one.source for one in report.bodies}) > 1
    notes = (interval_note(one.report.readings) for one in report.bodies if one.report is not None)
    return " ".join([f"{_OWN_SOURCES if own else _ALL_SAME}. {_COMPARABLE}", *list(filter(None, notes))[:1]])


def comparison_lines(report: BodiesReport) -> list[str]:
    """A comparison for a terminal, line by line, metric by metric and a line a body; a minus is one for scripts."""
    lines = [f"{one.body}: {head_line(one.report)}" for one in report.bodies if one.report is not None]
    width = max((len(one.body) for one in report.bodies), default=0)
    for name in metrics_of(report):
        lines.append(f"{title(name)} ({METRICS[name].unit})")
        said = {one.body: _said(name, one.report) for one in report.bodies if one.report is not None}
        lines += [f"  {body:<{width}}  {text}" for body, text in said.items() if text]
    lines += [f"{one.body} refused: {one.refused}" for one in report.bodies if one.refused]
    return [line.replace("−", "-") for line in [*lines, comparison_caption(report)]]


def _said(name: str, report: GapReport) -> str:
    if name in report.refused:
        return f"refused: {report.refused[name]}"
    if (reading := report.readings.get(name)) is None:
        return ""
    place = position(reading)
    share = "" if place is None else f"{position_text(reading)} of floor to ceiling; "
    return f"{share}{numbers_line(name, reading)}"
