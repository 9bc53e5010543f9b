"""What a transfer grid says: ranks, paired gains, and the gap against what crossing it was worth."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xmodal_core.runs.plan import baselines
from xmodal_core.values import JsonValue
from xmodal_core.verdict.intervals import mean_and_half

_N_BOOTSTRAPS = 2000
_BASE = "finetune"
_LEAST_SETS = 4  # for a rank correlation
_RELATIONS = (  # x and y of the two figures to the right
    ("held-out OTDD before alignment", f"{_BASE} above scratch"),
    ("OTDD closed by alignment", f"orca above {_BASE}"),
)
GAPS = {"heldout_otdd": "OTDD", "heldout_knn_index": "kNN index"}


@dataclass(frozen=True)
class Arm(JsonValue):
    """One method on one set.

    Attributes:
        rate: multiple of its own peak learning rate that the validation rows chose.
        scores: on the test rows, by seed.
        n_test: rows.
        seconds: of the first seed's run.
        gap: the held-out gap at the first and last step of alignment, where it has one.
    """

    set: str
    method: str
    rate: float
    scores: tuple[float, ...]
    score_name: str
    n_test: int
    seconds: float
    gap: dict[str, float]


@dataclass(frozen=True)
class Refused(JsonValue):
    """One method that cannot be run on one set, and why."""

    set: str
    method: str
    refused: str


@dataclass(frozen=True)
class Crossing:
    """What became of one set that ORCA ran on.

    Attributes:
        before, after: readings of the held-out gap by name, at the first and last step of alignment.
        worth: "transfer", mean gain of fine-tuning over training from scratch; "alignment", of ORCA over fine-tuning,
            both in score; None where a seed is missing.
    """

    set: str
    before: dict[str, float]
    after: dict[str, float]
    worth: dict[str, float | None]

    @property
    def closed(self) -> dict[str, float]:
        """By how much alignment closed the gap."""
        return {gap: self.before[gap] - self.after[gap] for gap in self.before}


Entry = Arm | Refused


def mean_ranks(arms: Iterable[Entry]) -> dict[str, tuple[float, int]]:
    """Mean rank of every method over the sets that it ran on, 1 the best, ties shared; and how many sets."""
    by_set: dict[str, dict[str, float]] = {}
    for a in arms:
        if isinstance(a, Arm):
            by_set.setdefault(a.set, {})[a.method] = statistics.fmean(a.scores)
    ranks: dict[str, list[float]] = {}
    for scores in by_set.values():
        values = np.array(list(scores.values()))
        for method, value in scores.items():
            ranks.setdefault(method, []).append(1 + (values > value).sum() + ((values == value).sum() - 1) / 2)
    return {m: (float(np.mean(r)), len(r)) for m, r in sorted(ranks.items(), key=lambda item: np.mean(item[1]))}


def gains(arms: Iterable[Entry], over: str) -> dict[str, list[float]]:
    """Per method, mean over seeds of the paired gain over another arm, one number a set."""
    arms = list(arms)
    methods = dict.fromkeys(a.method for a in arms if a.method != over)
    found = {method: list(gains_by_set(arms, method, over).values()) for method in methods}
    return {method: values for method, values in found.items() if values}


def gains_by_set(arms: Iterable[Entry], method: str, over: str) -> dict[str, float]:
    """Mean over seeds of the paired gain of one method over another, by set; sets that lack a seed are left out."""
    table = {(a.set, a.method): a.scores for a in arms if isinstance(a, Arm)}
    pairs = {name: (scores, table.get((name, over), ())) for (name, own), scores in table.items() if own == method}
    return {name: float(np.mean(np.subtract(*both))) for name, both in pairs.items() if len(both[0]) == len(both[1])}


def spearman(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Rank correlation, 95 % percentile interval from a bootstrap over sets; NaN below four sets, or of a constant."""
    from scipy.stats import spearmanr

    if len(x) < _LEAST_SETS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return (float("nan"),) * 3
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(_N_BOOTSTRAPS):
        rows = rng.integers(0, len(x), len(x))
        if len(set(rows)) > 2 and np.ptp(np.take(x, rows)) > 0 and np.ptp(np.take(y, rows)) > 0:
            draws.append(spearmanr(np.take(x, rows), np.take(y, rows)).statistic)
    return float(spearmanr(x, y).statistic), *(float(q) for q in np.percentile(draws, (2.5, 97.5)))


def crossings(arms: Iterable[Entry]) -> list[Crossing]:
    """One row a set that ORCA ran on: held-out gap before and after alignment, and what came of it."""
    arms = list(arms)
    transfer, alignment = gains_by_set(arms, _BASE, "scratch"), gains_by_set(arms, "orca", _BASE)
    rows = []
    for found in arms:
        if isinstance(found, Arm) and found.method == "orca" and found.gap:
            before, after = ({g: found.gap[f"{g}_{when}"] for g in GAPS} for when in ("first", "last"))
            worth = {"transfer": transfer.get(found.set), "alignment": alignment.get(found.set)}
            rows.append(Crossing(found.set, before, after, worth))
    return rows


def correlations(rows: Sequence[Crossing]) -> dict[str, tuple[float, float, float, int]]:
    """Spearman, 95 % interval and sets of every gap against what it might predict."""
    found = {}
    for gap, title in GAPS.items():
        before = {row.set: row.before[gap] for row in rows}
        closed = {row.set: row.closed[gap] for row in rows}
        for name, read, gain in (
            (f"{title} before alignment against finetune - scratch", before, "transfer"),
            (f"{title} before alignment against orca - finetune", before, "alignment"),
            (f"{title} closed by alignment against orca - finetune", closed, "alignment"),
        ):
            both = [(read[row.set], worth) for row in rows if (worth := row.worth[gain]) is not None]
            found[name] = (*spearman([x for x, _ in both], [y for _, y in both]), len(both))
    return found


def lines(arms: Sequence[Entry], n_seeds: int) -> list[str]:
    """The tables as text."""
    text = [f"{'set':<18}{'method':<26}{'score':>20}{'rate':>9}{'n test':>8}{'s/run':>8}", *map(line, arms)]
    text += ["", f"mean rank over sets ({n_seeds} seeds each)"]
    text += [f"  {method:<26}{rank:>6.2f}  over {n} sets" for method, (rank, n) in mean_ranks(arms).items()]
    text += ["", f"sets won against {_BASE}, of all; mean gain in score, 95 % t interval over sets"]
    for method, found in gains(arms, _BASE).items():
        told = f"{np.mean(found):+.4f}"
        if len(found) > 1:
            mean, half = mean_and_half(found)
            told += f" [{mean - half:+.4f}, {mean + half:+.4f}]"
        text.append(f"  {method:<26}{sum(g > 0 for g in found)} of {len(found)}  {told}")
    rows = crossings(arms)
    text += ["", f"{'held-out gap':<18}{'OTDD':>16}{'kNN index':>18}{'finetune-scratch':>18}{'orca-finetune':>15}"]
    for row in rows:
        cells = [f"{row.before[g]:.3g} -> {row.after[g]:.3g}" for g in GAPS]
        worth = ["-" if gain is None else f"{gain:+.4f}" for gain in row.worth.values()]
        text.append(f"{row.set:<18}{cells[0]:>16}{cells[1]:>18}{worth[0]:>18}{worth[1]:>15}")
    for name, (rho, low, high, n) in correlations(rows).items():
        text.append(f"  {name}: Spearman {rho:.2f} [{low:.2f}, {high:.2f}], {n} sets")
    return text


def line(found: Entry) -> str:
    """One arm as a row of the first table."""
    name = f"{found.set:<18}{found.method:<26}"
    if isinstance(found, Refused):
        return f"{name}  {found.refused}"
    spread = f" +- {statistics.stdev(found.scores):.4f}" if len(found.scores) > 1 else ""
    told = f"{statistics.fmean(found.scores):.4f}{spread}"
    return f"{name}{told:>20}{found.rate:>9g}{found.n_test:>8}{found.seconds:>8.1f}"


def figure(arms: Sequence[Entry]) -> Any:
    """Gains over fine-tuning by set, a mark a seed; the gap beside what it might foretell."""
    from plotly.subplots import make_subplots

    titles = ("baselines", "does a small gap foretell transfer?", "ways of crossing", "is closing the gap worth it?")
    drawn = make_subplots(2, 2, column_widths=[0.66, 0.34], horizontal_spacing=0.1, subplot_titles=titles)
    table = {(a.set, a.method): a.scores for a in arms if isinstance(a, Arm)}
    controls = baselines()
    for method in dict.fromkeys(a.method for a in arms if a.method != _BASE):
        points = [
            (name, score - base)
            for (name, own), scores in table.items()
            if own == method and len(table.get((name, _BASE), ())) == len(scores)
            for score, base in zip(scores, table[name, _BASE], strict=True)
        ]
        drawn.add_scatter(
            name=method,
            x=[x for x, _ in points],
            y=[y for _, y in points],
            mode="markers",
            row=1 if method in controls else 2,
            col=1,
        )
    rows = crossings(arms)
    before = {row.set: row.before["heldout_otdd"] for row in rows}
    closed = {row.set: row.closed["heldout_otdd"] for row in rows}
    for number, (read, gain) in enumerate(((before, "transfer"), (closed, "alignment")), start=1):
        shown = [row for row in rows if row.worth[gain] is not None]
        drawn.add_scatter(
            x=[read[row.set] for row in shown],
            y=[row.worth[gain] for row in shown],
            text=[row.set for row in shown],
            mode="markers+text",
            textposition="top center",
            textfont_size=10,
            marker_color="#444",
            showlegend=False,
            cliponaxis=False,
            row=number,
            col=2,
        )
    drawn.add_hline(y=0, line={"width": 1, "dash": "dot"})
    drawn.update_xaxes(tickangle=0, tickfont_size=10, col=1)
    drawn.update_yaxes(title_text=f"test score above {_BASE}", col=1)
    for number, (x, y) in enumerate(_RELATIONS, start=1):
        drawn.update_xaxes(title_text=x, row=number, col=2)
        drawn.update_yaxes(title_text=y, row=number, col=2)
    return drawn.update_layout(scattermode="group", template="simple_white", height=760, legend={"orientation": "h"})
