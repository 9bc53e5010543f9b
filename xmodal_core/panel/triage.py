"""What a gap panel shows before anything is trained: sentences, each with its rule and its numbers, all untested.

Scores triage, runs decide: no published threshold on any gap calibrates a verdict across modalities, so nothing here is
advice. The one hypothesis that readings can raise is "align first" (far apart, yet with label structure), the one
warning is false comfort (near, and without it).

The baselines for label structure follow arXiv 2510.06448.

Differs: the panel has no cross-fitted label matching and no neighbour index after mean removal, so both are told to be
missing; the split of the gap is that of the centroid reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xmodal_core.embedding import Space
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading

UNTESTED = "untested"
FAR, NEAR = 0.5, 0.2  # shares of the way from floor to ceiling: conventions, calibrated on nothing
GAPS, ACCURACIES = ("knn", "centroid"), ("target_knn", "linear_probe")
USED = (*GAPS, *ACCURACIES, "logme")
NOT_IN_PANEL = (
    "Not read by the panel: cross-fitted matching of source and target labels (the Reuse page has it for a finished "
    "run), and the neighbour index after the means are removed."
)
_DISJOINT = {"knn": 1.0}  # where a reading ends when there is no embedder to give a ceiling
_SHUFFLES_SD = 2.0
_WHERE = {
    Space.RAW: "on raw inputs",
    Space.EMBEDDER: "entering the network",
    Space.BODY: "leaving the network",
}
_BASELINES = {"random_network": "a random encoder", "raw_inputs": "raw inputs"}

GAP_RULE = (
    f"Far: the whole interval lies beyond {100 * FAR:g} % of the way from the floor to the ceiling (an untrained "
    f"embedder; without one, an index of 1). Near: all of it lies below {100 * NEAR:g} %. Anything else is "
    "inconclusive. Conventions, calibrated on nothing; a gap alone decides nothing."
)
PARTS_RULE = (
    "Mean, scale and rest of the distance between the clouds as Gaussians with independent features. One translation "
    "would remove the first, one factor the second. The parts have no interval of their own."
)
LABEL_RULE = (
    "Each baseline is read on the same rows. It has no interval of its own and is given that of the value: above or "
    "below where the two do not overlap, else inconclusive."
)
EVIDENCE_RULE = (
    f"Above, where the whole interval lies above the mean of three shuffles by more than {_SHUFFLES_SD:g} of their sd."
)
PAIR_RULE = (
    "Far, if either gap reading is; near, if every one is. Label structure is above a random encoder, if kNN or the "
    "linear probe is and neither is below; below, if one is below and none above; else inconclusive."
)

Numbers = Mapping[str, float | tuple[float, float]]


@dataclass(frozen=True)
class Finding:
    """One sentence of what the data show.

    Attributes:
        topic: gap | labels | both.
        kind: shows | hypothesis | warning | open.
        text: the sentence.
        rule: how it follows from the numbers.
        numbers: what it was read from: values, and intervals as pairs.
    """

    topic: str
    kind: str
    text: str
    rule: str
    numbers: Numbers = field(default_factory=dict)


@dataclass(frozen=True)
class Triage:
    """All findings, what would have been asked too and is not there, and how sure one may be."""

    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    confidence: str = UNTESTED


def triage(readings: Mapping[str, GapReading], space: str, refused: Mapping[str, str] | None = None) -> Triage:
    """Say what the readings of one panel show.

    Args:
        readings: of a `GapReport`, by metric.
        space: raw, embedder or body; only what leaves the body can raise a hypothesis.
        refused: by metric, why these rows could not be measured by it.
    """
    taken = {name: readings[name] for name in USED if name in readings}
    gaps = {name: _level(name, taken[name]) for name in GAPS if name in taken}
    labels = {name: _against(taken[name], "random_network") for name in ACCURACIES if name in taken}
    found = [_gap(name, taken[name], gaps[name]) for name in gaps]
    if "centroid" in taken:
        found.append(_parts(taken["centroid"]))
    found += [_labels(name, taken[name], space) for name in labels]
    if "logme" in taken:
        found.append(_evidence(taken["logme"]))
    if space == Space.BODY and gaps and labels:
        found.append(_together(_nearness(list(gaps.values())), _structure(list(labels.values())), taken))
    return Triage(tuple(found), tuple(_missing(taken, space, refused or {})))


def place(name: str, reading: GapReading) -> tuple[float, float, float] | None:
    """Value and interval ends as shares of the way from floor to ceiling; None where one of them is missing.

    Also None where the ceiling is no farther from the floor than the interval is wide: there is no way to go.
    """
    top = end_of_way(name, reading)
    if reading.floor is None or reading.interval is None or top is None:
        return None
    low, high = reading.interval
    way = top - reading.floor
    if way <= high - low:
        return None
    share = [(v - reading.floor) / way for v in (reading.value, low, high)]
    return share[0], share[1], share[2]


def end_of_way(name: str, reading: GapReading) -> float | None:
    """Where the way from the floor ends: the ceiling, or where a reading ends by itself; None where neither is."""
    return reading.ceiling if reading.ceiling is not None else _DISJOINT.get(name)


def _level(name: str, reading: GapReading) -> str:
    placed = place(name, reading)
    if placed is None:
        return "open"
    _, low, high = placed
    return "far" if low > FAR else "near" if high < NEAR else "open"


def _against(reading: GapReading, baseline: str) -> str:
    """Its side, above | below | open, against a baseline on the same rows; "" where that was not read."""
    value = reading.detail.get(baseline)
    if value is None:
        return ""
    if reading.interval is None:
        return "open"
    low, high = reading.interval
    half = max(reading.value - low, high - reading.value)  # one end may be cut where no reading can be
    difference = reading.value - value
    return "above" if difference > 2 * half else "below" if difference < -2 * half else "open"


def _gap(name: str, reading: GapReading, level: str) -> Finding:
    said, placed = _named(name, reading), place(name, reading)
    anchors = {"floor": reading.floor, "ceiling": reading.ceiling}
    numbers = _numbers(reading) | {label: v for label, v in anchors.items() if v is not None}
    if placed is None:
        text = f"Inconclusive: {said} cannot be placed between a floor and a ceiling."
        return Finding("gap", "open", text, GAP_RULE, numbers)
    way = f"{100 * placed[0]:.0f} % of the way from floor to ceiling [{100 * placed[1]:.0f}, {100 * placed[2]:.0f}]"
    texts = {
        "far": f"Source and target are far apart: {said} is {way}.",
        "near": f"Source and target are near each other: {said} is {way}.",
        "open": f"Inconclusive, neither near nor far: {said} is {way}.",
    }
    return Finding("gap", "open" if level == "open" else "shows", texts[level], GAP_RULE, numbers)


def _parts(reading: GapReading) -> Finding:
    numbers: dict[str, float] = {part: reading.detail[f"{part}_part"] for part in ("mean", "scale", "residual")}
    total = sum(numbers.values())
    if reading.floor is None or reading.interval is None or reading.interval[0] <= reading.floor or total <= 0:
        text = "Inconclusive, what the gap is made of: its mean part cannot be told from the floor."
        return Finding("gap", "open", text, PARTS_RULE, numbers)
    mean, scale, rest = (100 * part / total for part in numbers.values())
    text = f"Of the gap, {mean:.0f} % is a shift of the mean, {scale:.0f} % a change of scale, {rest:.0f} % the rest."
    return Finding("gap", "shows", text, PARTS_RULE, numbers)


def _labels(name: str, reading: GapReading, space: str) -> Finding:
    how = {label: (_against(reading, key), reading.detail.get(key)) for key, label in _BASELINES.items()}
    read = {label: (side, value) for label, (side, value) in how.items() if side}
    head = f"{_named(name, reading)} {_WHERE[Space(space)]}"
    if reading.detail.get("pseudo_labels"):
        head += ", of classes that are clusters of the targets,"
    parts = [
        f"is {side} {label} ({value:.3g})" if side != "open" else f"is inconclusive against {label} ({value:.3g})"
        for label, (side, value) in read.items()
    ]
    text = f"{head} {' and '.join(parts)}." if parts else f"{head}; no baseline was read beside it."
    settled = any(side in ("above", "below") for side, _ in read.values())
    numbers = _numbers(reading) | {label: float(value) for label, (_, value) in read.items() if value is not None}
    return Finding("labels", "shows" if settled else "open", text, LABEL_RULE, numbers)


def _evidence(reading: GapReading) -> Finding:
    shuffled, sd = reading.shuffled, reading.detail.get("shuffled_sd", 0.0)
    said = _named("logme", reading)
    if shuffled is None or reading.interval is None:
        text = f"Inconclusive: {said} cannot be held against shuffled labels."
        return Finding("labels", "open", text, EVIDENCE_RULE, _numbers(reading))
    numbers = _numbers(reading) | {"shuffled": shuffled, "sd of shuffles": sd}
    beyond = f"{reading.value - shuffled:+.3g} against shuffled labels ({shuffled:.3g})"
    if reading.interval[0] > shuffled + _SHUFFLES_SD * sd:
        text = f"The features explain the target's labels: {said}, {beyond}."
        return Finding("labels", "shows", text, EVIDENCE_RULE, numbers)
    text = f"Inconclusive, whether the features explain the target's labels: {said}, {beyond}."
    return Finding("labels", "open", text, EVIDENCE_RULE, numbers)


def _nearness(levels: list[str]) -> str:
    return "far" if "far" in levels else "near" if set(levels) == {"near"} else "open"


def _structure(sides: list[str]) -> str:
    """Their common side, above | below | open, and "" where no random encoder was read."""
    read = set(sides) - {""}
    if not read:
        return ""
    if {"above", "below"} <= read:
        return "open"
    return "above" if "above" in read else "below" if "below" in read else "open"


def _together(nearness: str, structure: str, taken: Mapping[str, GapReading]) -> Finding:
    numbers = {METRICS[name].title: taken[name].value for name in (*GAPS, *ACCURACIES) if name in taken}
    known = {"above": "more label structure than", "below": "less label structure than"}
    than = f"{known.get(structure, 'no clear difference in label structure from')} a random encoder"
    if structure == "":
        kind = "open"
        text = "Label structure was not held against a random encoder, so nothing follows from gap and labels together."
    elif nearness == "far" and structure == "above":
        kind = "hypothesis"
        text = (
            f"Hypothesis: align first. The clouds are far apart, yet the body shows {than}: the case that alignment is "
            "meant for. Whether it pays is untested."
        )
    elif nearness == "near" and structure != "above":
        kind = "warning"
        text = (
            f"False comfort: the clouds are near each other, but the body shows {than}. A small gap without label "
            "structure promises nothing."
        )
    elif nearness == "open":
        kind, text = "open", f"Inconclusive: the gap is neither clearly small nor clearly large; the body shows {than}."
    else:
        kind, apart = "open", "far apart" if nearness == "far" else "near each other"
        text = f"No hypothesis follows: the clouds are {apart} and the body shows {than}. Only runs can tell."
    return Finding("both", kind, text, PAIR_RULE, numbers)


def _missing(taken: Mapping[str, GapReading], space: str, refused: Mapping[str, str]) -> list[str]:
    said = []
    for name in USED:
        if name not in taken:
            why = f"refused these rows: {refused[name]}" if name in refused else "was not measured."
            said.append(f"{METRICS[name].title} {why}")
    if space != Space.BODY:
        said.append("Label structure in the body: measure what leaves the network.")
    for key, label in _BASELINES.items():
        lacking = [METRICS[n].title for n in ACCURACIES if n in taken and taken[n].detail.get(key) is None]
        if lacking and space != Space.RAW:
            said.append(f"{', '.join(lacking)} of {label}: not read beside the value.")
    return [*said, NOT_IN_PANEL]


def _named(name: str, reading: GapReading) -> str:
    interval = "no interval" if reading.interval is None else "{:.3g}, {:.3g}".format(*reading.interval)
    return f"{METRICS[name].title} {reading.value:.3g} [{interval}]"


def _numbers(reading: GapReading) -> dict[str, float | tuple[float, float]]:
    found: dict[str, float | tuple[float, float]] = {"value": reading.value, "n": reading.n}
    return found if reading.interval is None else found | {"95 % interval": reading.interval}
