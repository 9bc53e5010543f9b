"""Gap readings, and a report of them, in words. The words never say more than the numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

from xmodal_core.embedding import Space
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.gap.interval import MIN_ROWS_FOR_INTERVAL
from xmodal_core.gap.protocol import percent_of_ceiling
from xmodal_core.model.words import of_report
from xmodal_core.panel.report import Context, GapReport

MAIN = ("otdd", "knn", "target_knn")  # one of each group, shown beside the clouds
BETWEEN_CLOUDS, NEIGHBOURS, TARGET_HOLDS = (
    "Distance between the clouds",
    "Neighbours",
    "What the target's features hold",
)
_BY_NEIGHBOURS = ("knn", "coverage")
_BASELINES = {"raw_inputs": "raw inputs", "random_network": "random network"}
_PARTS = {
    "feature_part": "feature part",
    "label_part": "label part",
    "mean_part": "mean part",
    "scale_part": "scale part",
    "covariance_part": "covariance part",
    "residual_part": "residual part",
    "z": "Z",
    "expected": "expected without a gap",
    "density": "density",
    "coverage_of_target": "coverage of the target",
}
_OUTSIDE = ("rho_out", "target_energy_outside")  # where features are first brought to the source's leading axes
_SHARES = {"sampled": "whose class shares vary as rows do", "fixed": "with the class shares of these rows"}
_TIGHT = 1e-6  # bounds this close, relative to the value, are one number


def title(name: str) -> str:
    """What a metric is called on screen."""
    return METRICS[name].title if name in METRICS else name.replace("_", " ")


def number(value: float | None) -> str:
    """Three significant digits, or a dash; tiny values in scientific notation."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")


def ordered(names: Iterable[str]) -> list[str]:
    """Names of metrics in the order of `METRICS`, whatever the order in which they were taken."""
    place = {name: i for i, name in enumerate(METRICS)}
    return sorted(names, key=lambda name: place.get(name, len(place)))


def groups(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by what their metrics look at; groups without any are left out."""
    found: dict[str, list[str]] = {BETWEEN_CLOUDS: [], NEIGHBOURS: [], TARGET_HOLDS: []}
    for name in ordered(names):
        if METRICS[name].target_only:
            found[TARGET_HOLDS].append(name)
        else:
            found[NEIGHBOURS if name in _BY_NEIGHBOURS else BETWEEN_CLOUDS].append(name)
    return {group: members for group, members in found.items() if members}


def main_names(names: Iterable[str]) -> list[str]:
    """The readings that stand beside the clouds: those of `MAIN`, or the first ones where none of them was asked."""
    asked = ordered(names)
    return [name for name in MAIN if name in asked] or asked[: len(MAIN)]


def direction(name: str) -> str:
    """Which way the number goes when things are better or worse."""
    if METRICS[name].target_only:
        return "higher is better"
    return "lower is further apart" if METRICS[name].identical is None else "higher is further apart"


def floor_name(name: str, reading: GapReading) -> str:
    """What the floor of a reading is: another sample of the source, chance, or the target's labels shuffled."""
    if not METRICS[name].target_only:
        return "floor"
    return "chance" if "chance" in reading.detail else "shuffled labels"


def shuffled_mark(name: str, reading: GapReading) -> float | None:
    """The value under shuffled labels where it is a mark of its own."""
    return None if floor_name(name, reading) == "shuffled labels" else reading.shuffled


def interval_text(reading: GapReading) -> str:
    """The 95 % interval in brackets, or why there is none."""
    if reading.interval is None:
        few = reading.n < MIN_ROWS_FOR_INTERVAL
        return f"no interval below {MIN_ROWS_FOR_INTERVAL} rows" if few else "no interval, half of the rows are refused"
    return f"[{number(reading.interval[0])}, {number(reading.interval[1])}]"


def interval_note(readings: Mapping[str, GapReading]) -> str:
    """Which other rows the intervals are about; empty where no reading knows."""
    said: dict[str, list[str]] = {}
    for name in ordered(readings):
        if shares := readings[name].detail.get("class_shares"):
            said.setdefault(shares, []).append(title(name))
    if not said:
        return ""
    usual = max(said, key=lambda shares: len(said[shares]))
    apart = [f", those of {' and '.join(said[s])} {_SHARES[s]}" for s in said if s != usual]
    return f"95 % intervals are about other rows of the same origin, {_SHARES[usual]}{''.join(apart)}."


def p_text(p: float | None) -> str:
    """A p-value as it can be quoted; a dash where the metric has none."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def headline(readings: Mapping[str, GapReading]) -> str:
    """The reading that matters most on one line, with its anchor; empty without readings."""
    for name in main_names(readings)[:1]:
        reading = readings[name]
        anchor = floor_name(name, reading)
        return f"{title(name)} {number(reading.value)} {interval_text(reading)}, {anchor} {number(reading.floor)}"
    return ""


def finding(name: str, reading: GapReading) -> str:
    """Where the value lies between its anchors, in one sentence.

    "Not distinguishable" where the interval covers the floor; nothing at all about significance where there
    is no interval, and no claim of a floor where too few rows left none.
    """
    floor = {"floor": "the floor", "shuffled labels": "its value under shuffled labels"}
    anchor = floor.get(floor_name(name, reading), "chance")
    if reading.floor is None:
        return "No floor: the source has too few rows for a second sample, so the value cannot be placed."
    if reading.interval is None:
        return f"Too few rows for an interval, so the value cannot be told from {anchor}."
    low, high = reading.interval
    if low <= reading.floor <= high:
        return f"Not distinguishable from {anchor} at this n."
    side = "Above" if reading.value > reading.floor else "Below"
    meant = ", which here means further apart" if side == "Below" and direction(name).startswith("lower") else ""
    left = percent_of_ceiling(reading)
    tail = "" if left is None else f"; {left:.0f} % of the way to an untrained embedder"
    return f"{side} {anchor}{meant}{tail}."


def numbers_line(name: str, reading: GapReading) -> str:
    """Every number of a reading on one line; anchors that do not exist are left out."""
    parts = [f"Value {number(reading.value)} {interval_text(reading)}"]
    parts.append(f"{floor_name(name, reading)} {number(reading.floor)}")
    if reading.ceiling is not None:
        parts.append(f"ceiling {number(reading.ceiling)}")
    if (shuffled := shuffled_mark(name, reading)) is not None:
        parts.append(f"shuffled labels {number(shuffled)}")
    if reading.p is not None:
        permuted = reading.detail.get("permutations")
        parts.append(f"p {p_text(reading.p)}" + (f" ({permuted} permutations)" if permuted else ""))
    if baselines := baselines_text(reading):
        parts.append(baselines)
    if twin := reading.detail.get("class_balanced"):
        parts.append(
            f"class-balanced {number(twin['value'])} ({twin['n_source']} source, {twin['n_target']} target rows)"
        )
    return ", ".join([*parts, f"n = {reading.n} {_rows(name)}, seed {reading.seed}"])


def baselines_text(reading: GapReading) -> str:
    """What raw inputs and a random network give; empty where neither was measured."""
    return ", ".join(
        f"{label} {number(reading.detail[key])}" for key, label in _BASELINES.items() if key in reading.detail
    )


def parts_line(reading: GapReading) -> str:
    """What a value is made of and what was read beside it; of OTDD the parts are squared. Empty where nothing is."""
    parts = [f"{label} {number(reading.detail[key])}" for key, label in _PARTS.items() if key in reading.detail]
    parts += [
        f"{reading.detail[key]:.0%} of the target outside the source's axes"
        for key in _OUTSIDE
        if key in reading.detail
    ]
    if "squared" in reading.detail:
        parts.insert(0, f"squared {number(reading.detail['squared'])}")
    return ", ".join(parts)


def provenance_line(name: str, reading: GapReading) -> str:
    """How the number was reached: rows, solver and bounds, or baselines to hold it against."""
    parts = [f"n = {reading.n} {_rows(name)}"]
    if reading.detail.get("floor_n") not in (None, reading.n):
        parts.append(f"floor at n = {reading.detail['floor_n']}")
    if bounds := bounds_text(reading):
        parts.append(bounds)
    if baselines := baselines_text(reading):
        parts.append(baselines)
    return " · ".join(parts)


def bounds_text(reading: GapReading) -> str:
    """The solver of a transport and what it proved about the value; empty for other metrics."""
    detail = reading.detail
    if "solver" not in detail:
        return ""
    parts = [str(detail["solver"])]
    low, high = detail.get("lower"), detail.get("upper")
    if low is not None and high is not None:
        tight = high - low <= _TIGHT * max(abs(high), abs(low))
        parts.append("bounds meet" if tight else f"optimum within [{number(low)}, {number(high)}]")
    if detail.get("n_subsample"):
        parts.append(f"points on a subsample of {detail['n_subsample']:,}")
    return ", ".join(parts)


def caveats(reading: GapReading) -> list[str]:
    """Sentences that belong to a number: the metric's own note, and a floor measured on other numbers of rows."""
    said = [str(reading.detail["note"])] if reading.detail.get("note") else []
    floor_n = reading.detail.get("floor_n")
    if floor_n is not None and floor_n != reading.n:
        said.append(f"The floor is measured at n = {floor_n}, the value at n = {reading.n}; fewer rows can raise it.")
    return said


def context_line(context: Context) -> str:
    """What helps to read the numbers and is none of them; empty where nothing of it is known."""
    known = context.intrinsic_dimension.items()
    dimensions = ", ".join(f"{side} {number(value)}" for side, value in known if value is not None)
    parts = [f"Intrinsic dimension: {dimensions}"] if dimensions else []
    parts += [f"{side.capitalize()} classes are {note}" for side, note in (context.pseudo_labels or {}).items()]
    return "; ".join(parts)


def readings_table(readings: Mapping[str, GapReading]) -> dict[str, list[Any]]:
    """Columns of a table with every number of every reading."""
    rows = [
        {
            "metric": title(name),
            "value": r.value,
            "95 % low": r.interval[0] if r.interval else None,
            "95 % high": r.interval[1] if r.interval else None,
            "class shares": r.detail.get("class_shares") or None,
            "floor or chance": r.floor,
            "ceiling": r.ceiling,
            "shuffled labels": r.shuffled,
            "p": p_text(r.p),
            "n": r.n,
            "seed": r.seed,
            "unit": r.unit,
            "direction": direction(name),
            "says": METRICS[name].meaning,
            "cannot tell": METRICS[name].blind_to,
        }
        for name, r in ((name, readings[name]) for name in ordered(readings))
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def head_line(report: GapReport) -> str:
    """What was measured, with the model behind it: sides, space, tokens, rows and seed."""
    parts = [f"{report.source} -> {report.target}", f"space {report.space}"]
    parts += [f"at most {report.tokens} tokens a sample"] if report.tokens else []
    parts += [model] if (model := of_report(report.body, report.model)) else []
    return ", ".join([*parts, f"n = {report.n}", f"seed {report.seed}"])


def space_note(space: str) -> str:
    """What the features of the space `body` are, which is not always what a predictor reads; empty for the others."""
    if space != Space.BODY:
        return ""
    return "The space body is the mean token, of a causal body the last one, whatever a predictor reads."


def report_lines(report: GapReport) -> list[str]:
    """A report for a terminal, line by line; numbers have four digits and no sign that a script cannot read."""
    lines = [f"{head_line(report)}, {report.device}"]
    for name, reading in report.readings.items():
        lines += _reading_lines(name, reading)
    lines += [f"  {name:<14}refused: {sentence}" for name, sentence in report.refused.items()]
    return lines + [note for note in (interval_note(report.readings), space_note(report.space)) if note]


def _reading_lines(name: str, r: GapReading) -> list[str]:
    interval = "none" if r.interval is None else f"{r.interval[0]:.4g} to {r.interval[1]:.4g}"
    beside = {"floor": r.floor, "ceiling": r.ceiling, "shuffled": r.shuffled, "p": r.p}
    anchors = "".join(f"{word} {value:.4g}, " for word, value in beside.items() if value is not None)
    lines = [f"  {name:<14}{r.value:>10.4g} {r.unit}; 95 % interval {interval}; {anchors}n {r.n}"]
    if "solver" in r.detail:
        bounds = [r.detail.get(bound) for bound in ("lower", "upper")]
        text = "none" if None in bounds else f"{bounds[0]:.6g} to {bounds[1]:.6g}"
        lines.append(f"  {'':<14}solver {r.detail['solver']}, bounds {text}")
    return lines


def _rows(name: str) -> str:
    return "rows" if METRICS[name].target_only else "a side"
