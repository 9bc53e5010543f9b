"""How often is the verdict wrong, and what can it see? Simulated where the truth is known; nothing is trained.

    python -m benchmarks.verdict_errors [--draws N] [--worlds NAME ...] [--parts NAME ...] [--json]

For each world of `verdict_worlds`, numbers of test rows and of seeds, in percent of the draws:

    error      two equal arms are called better or worse; at most 5 is promised
    before     the same by Student's interval over the seeds' means alone, which leaves out the rows
    missed     the interval leaves out the true difference, whatever the margin; 5 is what it is made for
    margin     a difference as large as the margin, which is none that matters, is called better; 2.5
    equal      two equal arms are called equal
    power      a true difference of five margins is called better

Then the rivals of the interval, whether the advised seeds and rows settle what they should, whole verdicts on five
equal arms, and how often the best of several equal ways of crossing is called better than fine-tuning. Two decimals of
a percent would be noise: of 2,000 draws a rate of 5 has a standard error of 0.5.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks.verdict_worlds import WORLDS, Draw, World, draw, scored
from xmodal_core.runs.row_scores import RowScores
from xmodal_core.verdict.advice import PRIOR_MARGINS, advice
from xmodal_core.verdict.contrasts import INCONCLUSIVE, LEAST_PAIRS, is_open, reading_of
from xmodal_core.verdict.crossed import Spread, over_seeds, spread_of
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.intervals import t_quantile
from xmodal_core.verdict.roles import ROLES
from xmodal_core.verdict.rules import verdict

ROWS, SEEDS = (40, 212, 300, 1000, 2000), (2, 3, 5, 10)
FAR = 5  # margins that a difference is large in which the power is told
COLUMNS = ("error", "before", "missed", "margin", "equal", "power")
WAYS, PICKED_ROWS = (1, 2, 4, 8), 300
_RESAMPLES = 1000
_PILOT = 3  # seeds before advice is asked for


def spread(found: Draw, difference: float) -> Spread:
    """What the verdict makes of an experiment's two arms."""
    by = yardstick(found.world.kind)
    return spread_of(by.by_row(*scored(found, difference)), found.groups, by.extreme)


def rates(world: World, n_rows: int, n_seeds: int, draws: int, rng: np.random.Generator) -> dict[str, float]:
    """Shares of the draws, by the columns above."""
    margin = yardstick(world.kind).margin
    counts = dict.fromkeys(COLUMNS, 0)
    for _ in range(draws):
        drawn = draw(world, n_seeds, n_rows, rng)
        null, edge, far = (spread(drawn, k * margin) for k in (0, 1, FAR))
        alone = Spread(null.mean, n_seeds, null.of_seeds)
        counts["error"] += reading_of(null, margin) in ("better", "worse")
        counts["before"] += reading_of(alone, margin) in ("better", "worse")
        counts["missed"] += abs(null.mean) > (null.half or 0)
        counts["margin"] += reading_of(edge, margin) == "better"
        counts["equal"] += reading_of(null, margin) == "equal"
        counts["power"] += reading_of(far, margin) == "better"
    return {name: n / draws for name, n in counts.items()}


def resampled(values: np.ndarray, rng: np.random.Generator, resamples: int = _RESAMPLES) -> np.ndarray:
    """Means (B, K) of values (K, N) over rows that are drawn again, the same rows for all K: counts times values."""
    n, parts = values.shape[1], []
    for _ in range(0, resamples, 100):  # counts of a hundred at a time, or 10,000 rows would take 80 MB
        rows = rng.integers(0, n, (100, n)) + n * np.arange(100)[:, None]
        counts = np.bincount(rows.ravel(), minlength=100 * n).reshape(100, n)
        parts.append(counts @ values.T / n)
    return np.concatenate(parts)[:resamples]


def bootstrapped(values: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Percentile interval of the mean of values (S, N) where seeds and rows are drawn again, each for itself.

    Reference: the pigeonhole bootstrap, Owen, Ann. Appl. Stat. 1, 2007.
    """
    by_seed = resampled(values, rng)  # (B, S)
    seeds = rng.integers(0, len(values), by_seed.shape)
    low, high = np.percentile(np.take_along_axis(by_seed, seeds, axis=1).mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def one_number_of_degrees(found: Spread) -> float:
    """Half width with Satterthwaite's degrees for the sum of both variances.

    Reference: Hillis, Stat. Med. 26, 2007.
    """
    seeds, rows = found.of_seeds / found.n_seeds, found.of_rows or 0.0
    total = seeds + rows
    parts = seeds**2 / (found.n_seeds - 1) + rows**2 / (found.n_rows - 1)
    return t_quantile(total**2 / parts) * math.sqrt(total) if parts else 0.0


def rivals(world: World, n_rows: int, n_seeds: int, draws: int, rng: np.random.Generator) -> dict[str, float]:
    """How often each interval leaves out the true difference of two equal arms."""
    by = yardstick(world.kind)
    missed = dict.fromkeys(("seeds alone", "bootstrap", "one df", "ours"), 0)
    for _ in range(draws):
        drawn = draw(world, n_seeds, n_rows, rng)
        values = by.by_row(*scored(drawn, 0.0))
        found = spread_of(values, drawn.groups, by.extreme)
        low, high = bootstrapped(values, rng)
        missed["seeds alone"] += abs(found.mean) > (over_seeds(values.mean(axis=1)).half or 0)
        missed["bootstrap"] += not low <= 0 <= high
        missed["one df"] += abs(found.mean) > one_number_of_degrees(found)
        missed["ours"] += abs(found.mean) > (found.half or 0)
    return {name: n / draws for name, n in missed.items()}


def advised(world: World, n_rows: int, margins: int | None, draws: int, rng: np.random.Generator) -> dict[str, float]:
    """What is advised after three seeds, and how often that settles it, the experiment going on as it was begun.

    The true difference is so many margins, or any within `FAR` either way, where it is None.
    """
    margin = yardstick(world.kind).margin
    told: dict[str, list[float]] = {"seeds": [], "rows": [], "by seeds": [], "by rows": [], "open": []}
    for _ in range(draws):
        difference = (rng.uniform(-FAR, FAR) if margins is None else margins) * margin
        pilot = draw(world, _PILOT, n_rows, rng)
        found = spread(pilot, difference)
        told["open"].append(reading_of(found, margin) == INCONCLUSIVE)
        if not told["open"][-1]:
            continue
        prior = PRIOR_MARGINS * margin
        asked = advice(found, lambda low, high: ~is_open(low, high, margin), LEAST_PAIRS, prior)
        if asked.seeds is not None:
            more = draw(world, asked.seeds, n_rows, rng, pilot)
            told["seeds"].append(asked.seeds)
            told["by seeds"].append(reading_of(spread(more, difference), margin) != INCONCLUSIVE)
        elif asked.rows is not None and asked.at_seeds is not None:
            more = draw(world, asked.at_seeds, asked.rows * world.group, rng, pilot)
            told["rows"].append(asked.rows)
            told["by rows"].append(reading_of(spread(more, difference), margin) != INCONCLUSIVE)
    middle = {name: float(np.median(told[name])) if told[name] else math.nan for name in ("seeds", "rows")}
    share = {name: float(np.mean(told[name])) if told[name] else math.nan for name in ("open", "by seeds", "by rows")}
    return share | middle | {"n seeds": len(told["seeds"]), "n rows": len(told["rows"])}


def answered(world: World, n_rows: int, n_seeds: int, draws: int, rng: np.random.Generator) -> dict[str, int]:
    """Answers of whole verdicts on five equal arms; half as many validation rows choose between A and B."""
    roles = {letter: letter for letter in ROLES}
    ids, found = np.arange(n_rows, dtype=np.uint64), dict[str, int]()
    for _ in range(draws):
        both = scored(draw(world, n_seeds, n_rows + n_rows // 2, rng, arms=len(roles)), 0.0)
        values = dict(zip(roles, both[:, :, :n_rows], strict=True))
        judged = dict(zip(roles, both[:, :, n_rows:].mean(axis=2), strict=True))
        answer = verdict(
            {arm: dict(enumerate(own.mean(axis=1).tolist())) for arm, own in values.items()},
            kind=world.kind,
            roles=roles,
            validation={arm: dict(enumerate(own.tolist())) for arm, own in judged.items()},
            rows={arm: {s: RowScores(ids, own[s]) for s in range(n_seeds)} for arm, own in values.items()},
        ).answer
        found[answer] = found.get(answer, 0) + 1
    return found


def picked(world: World, n_rows: int, n_seeds: int, ways: int, draws: int, rng: np.random.Generator) -> float:
    """How often the best of equal ways of crossing is called better than fine-tuning, every arm with two equal trials.

    Half as many validation rows choose at the first seed, among the trials of all ways together and among the two of
    fine-tuning, as an experiment does; the first seed counts in the contrast, too.
    """
    by, better = yardstick(world.kind), 0
    for _ in range(draws):
        drawn = draw(world, n_seeds, n_rows + n_rows // 2, rng, arms=2 * (1 + ways))
        values = scored(drawn, 0.0)
        judged = values[:, 0, n_rows:].mean(axis=1)
        tuned, crossing = judged[:2].argmax(), 2 + judged[2:].argmax()
        groups = None if drawn.groups is None else drawn.groups[:n_rows]
        found = spread_of(by.by_row(values[crossing, :, :n_rows], values[tuned, :, :n_rows]), groups, by.extreme)
        better += reading_of(found, by.margin) == "better"
    return better / draws


Told = Callable[[str], None]
Found = dict[str, Any]


def rate_tables(worlds: Sequence[World], draws: int, told: Told) -> Found:
    """A table a world."""
    out: Found = {}
    for world in worlds:
        told(f"\n{world.name}: level {world.level}, row {world.row}, own {world.own}, seed {world.seed}")
        told(f"{'rows':>6}{'seeds':>7}" + "".join(f"{name:>9}" for name in COLUMNS))
        for n_rows in ROWS:
            for n_seeds in SEEDS:
                found = rates(world, n_rows, n_seeds, draws, _rng(world, n_rows, n_seeds))
                out[f"{world.name} {n_rows} {n_seeds}"] = found
                told(f"{n_rows:>6}{n_seeds:>7}" + "".join(f"{100 * found[name]:>9.1f}" for name in COLUMNS))
    return out


def rival_lines(worlds: Sequence[World], draws: int, told: Told) -> Found:
    """A line a world, number of rows and number of seeds, of a fifth of the draws."""
    told("\nmissed by other intervals, margin or not")
    out: Found = {}
    for world in worlds:
        for n_rows, n_seeds in ((40, 3), (300, 2), (300, 3), (300, 5), (2000, 3)):
            found = rivals(world, n_rows, n_seeds, math.ceil(draws / 5), _rng(world, n_rows, n_seeds))
            out[f"rivals {world.name} {n_rows} {n_seeds}"] = found
            words = ", ".join(f"{name} {100 * share:.1f}" for name, share in found.items())
            told(f"{world.name}, {n_rows} rows, {n_seeds} seeds: {words}")
    return out


def advice_lines(worlds: Sequence[World], draws: int, told: Told) -> Found:
    """A line a world, number of rows and true difference, of a fifth of the draws."""
    told(f"\nadvice after {_PILOT} seeds, and how often it settles what was open")
    out: Found = {}
    for world in worlds:
        for n_rows, margins in ((300, None), (2000, None), (2000, 0), (2000, 3), (2000, 5)):
            found = advised(world, n_rows, margins, math.ceil(draws / 5), _rng(world, n_rows, margins or 0))
            out[f"advice {world.name} {n_rows} {margins}"] = found
            truth = f"any up to {FAR}" if margins is None else margins
            told(
                f"{world.name}, {n_rows} rows, true difference {truth} margins: {100 * found['open']:.0f} % open; "
                f"seeds advised {found['n seeds']:.0f} times (median {found['seeds']:.0f}), "
                f"settled {100 * found['by seeds']:.0f} %; rows {found['n rows']:.0f} times "
                f"(median {found['rows']:.0f}), settled {100 * found['by rows']:.0f} %"
            )
    return out


def verdict_lines(worlds: Sequence[World], draws: int, told: Told) -> Found:
    """A line a number of rows and seeds, of the first world and a tenth of the draws."""
    told(f"\nwhole verdicts on five equal arms, {worlds[0].name}")
    out: Found = {}
    for n_rows, n_seeds in ((40, 3), (300, 3), (2000, 5)):
        found = answered(worlds[0], n_rows, n_seeds, math.ceil(draws / 10), _rng(worlds[0], n_rows, n_seeds))
        out[f"verdicts {n_rows} {n_seeds}"] = found
        told(f"{n_rows} rows, {n_seeds} seeds: {found}")
    return out


def picked_lines(worlds: Sequence[World], draws: int, told: Told) -> Found:
    """A line a world and number of seeds."""
    told(f"\nbest of so many equal ways called better than fine-tuning, {PICKED_ROWS} rows")
    out: Found = {}
    for world in worlds:
        for n_seeds in (3, 5):
            found = {k: picked(world, PICKED_ROWS, n_seeds, k, draws, _rng(world, n_seeds, k)) for k in WAYS}
            out[f"picked {world.name} {n_seeds}"] = found
            words = ", ".join(f"of {k} {100 * share:.1f}" for k, share in found.items())
            told(f"{world.name}, {n_seeds} seeds: {words}")
    return out


def bootstrap_line(told: Told) -> Found:
    """What resampling the rows of a large table costs, in seconds of the processor."""
    values, begun = np.random.default_rng(0).random((21, 10_000)), time.process_time()
    resampled(values, np.random.default_rng(0))
    took = time.process_time() - begun
    told(f"\n{_RESAMPLES} resamples of the rows of 7 arms x 3 seeds x 10,000 rows: {took:.2f} s of processor")
    return {"bootstrap of 7 x 3 x 10,000, seconds of processor": took}


PARTS = {
    "rates": rate_tables,
    "rivals": rival_lines,
    "advice": advice_lines,
    "verdicts": verdict_lines,
    "picked": picked_lines,
}


def _rng(world: World, *cell: int) -> np.random.Generator:
    """Of one cell, whichever others are simulated."""
    return np.random.default_rng([*world.name.encode(), *cell])


def main() -> None:
    """Simulate, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--worlds", nargs="+", choices=[world.name for world in WORLDS])
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    worlds = [world for world in WORLDS if not options.worlds or world.name in options.worlds]
    told: Told = (lambda _: None) if options.json else partial(print, flush=True)
    found: Found = {}
    for part in options.parts:
        found |= PARTS[part](worlds, options.draws, told)
    found |= bootstrap_line(told)
    if options.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
