"""How a statistic becomes a reading: equal rows per side, a floor, a ceiling, an interval.

Raw gap values mean little alone. They depend on the number of rows, and most are not zero where there is
no gap; so every value comes with the same statistic between two samples of the source (floor) and, where
there is an embedder, at a randomly initialised one (ceiling).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import GapReading, Metric, Pausing, Statistic
from xmodal_core.gap.interval import CLASS_SHARES, Scatter, scatter
from xmodal_core.gap.nulls import permutation_p, shuffled_labels

MIN_ROWS_FOR_FLOOR = 10
_UNBALANCED = 1.5  # a largest class this many times the smallest calls for the class-balanced twin


@dataclass(frozen=True, eq=False)
class GapSample:
    """The rows that one reading is made of.

    Attributes:
        source, target: the compared rows, equally many unless every row was asked for.
        source_twin: source rows for the floor, disjoint from those they are held against; None when too few.
        floor_source: the rows the twin is held against; `source` itself when None.
        balanced: both sides drawn with classes as equal as their rows allow; None where they are equal already.
    """

    source: Embedding
    target: Embedding
    source_twin: Embedding | None = None
    floor_source: Embedding | None = None
    balanced: tuple[Embedding, Embedding] | None = None

    def at_most(self, n: int | None, seed: int) -> "GapSample":
        """The same sample cut to n rows a side, classes in proportion."""
        if n is None or max(len(self.source), len(self.target)) <= n:
            return self

        def cut(side: Embedding | None) -> Embedding | None:
            return None if side is None else at_most(side, n, seed)

        balanced = None if self.balanced is None else tuple(at_most(side, n, seed) for side in self.balanced)
        return GapSample(
            at_most(self.source, n, seed),
            at_most(self.target, n, seed),
            cut(self.source_twin),
            cut(self.floor_source),
            balanced,  # type: ignore[arg-type]
        )


def at_most(side: Embedding, n: int | None, seed: int) -> Embedding:
    """No more than n rows, classes in proportion; equal labels and seeds give equal rows."""
    return side if n is None or len(side) <= n else side.take(stratified_rows(side.labels, n, seed))


def paired_sample(source: Embedding, target: Embedding, n: int | None, seed: int) -> GapSample:
    """Draw n rows per side without replacement, classes in proportion, and a twin of the source for the floor.

    The twin has n rows where the source has 2n; otherwise the source is cut into its two largest equal
    halves, which are held against each other. With n None every row of both sides is taken as it comes.

    Args:
        source: embedding of (n_s, d).
        target: embedding of (n_t, d).
        n: rows per side, lowered to the smaller side.
        seed: of every draw.

    Raises:
        DataError: n below 2.
    """
    if n is not None and n < 2:
        raise DataError(f"Found n = {n} rows per side, expected at least 2; choose more rows.")
    seeds = [int(s) for s in np.random.SeedSequence(seed).generate_state(4)]
    per_side = None if n is None else min(n, len(source), len(target))
    rows_s = stratified_rows(source.labels, len(source) if per_side is None else per_side, seeds[0])
    rows_t = stratified_rows(target.labels, len(target) if per_side is None else per_side, seeds[1])
    held = rows_s if 2 * len(rows_s) <= len(source) else stratified_rows(source.labels, len(source) // 2, seeds[0])
    rest = np.setdiff1d(np.arange(len(source)), held)
    twin = rest[stratified_rows(source.labels[rest], len(held), seeds[2])]
    drawn = source.take(rows_s), target.take(rows_t)
    balanced = _balanced(source, target, len(rows_s), len(rows_t), seeds[3])
    if len(twin) < MIN_ROWS_FOR_FLOOR:
        return GapSample(*drawn, balanced=balanced)
    return GapSample(*drawn, source.take(twin), source.take(held), balanced)


def measure(
    metric: Metric,
    sample: GapSample,
    settings: Any,
    *,
    ceiling_target: Embedding | None = None,
    permutations: int = 0,
    class_shares: str = CLASS_SHARES[0],
    seed: int = 0,
) -> Pausing[GapReading]:
    """Evaluate a metric with its context, with a pause before every evaluation.

    The interval is centred on the full value because transport and neighbour statistics are biased in n.

    Args:
        metric: what to measure.
        sample: from `paired_sample`; cut to the metric's `max_rows`.
        settings: an instance of metric.settings_type.
        ceiling_target: the same target rows at a randomly initialised embedder.
        permutations: of the side labels behind p, where the metric offers them; 0 for none.
        class_shares: sampled | fixed, the other rows that the interval is about.
        seed: of every draw.

    Raises:
        DataError: the statistic cannot be computed on these rows.
    """
    whole_target, sample = sample.target, sample.at_most(metric.max_rows, seed)
    n = len(sample.target) if metric.target_only else min(len(sample.source), len(sample.target))
    if ceiling_target is not None and len(sample.target) < len(whole_target):
        ceiling_target = at_most(ceiling_target, metric.max_rows, seed)
    evaluate = _Evaluation(metric, settings)
    statistic = yield from evaluate(sample.source, sample.target)
    value, detail = statistic.value, dict(statistic.detail)
    if "n_subsample" in detail:  # the value is the one of so many rows, so are the anchors it is held against
        sample = sample.at_most(detail["n_subsample"], seed)
        if ceiling_target is not None:
            ceiling_target = at_most(ceiling_target, detail["n_subsample"], seed)
    ceiling = yield from _ceiling(evaluate, sample.source, ceiling_target)
    shuffled = None
    if metric.uses_labels:
        shuffled, detail["shuffled_sd"] = yield from shuffled_labels(evaluate, sample.source, sample.target, seed)
    floor, detail["floor_n"] = yield from _floor(evaluate, sample, detail.get("chance", shuffled))
    p, permuted = yield from _p_value(evaluate, sample, statistic, permutations, seed)
    detail |= permuted
    if sample.balanced is not None:
        detail["class_balanced"] = yield from _class_balanced(evaluate, sample.balanced)
    sides = sample.source, sample.target
    spread = _own_scatter(statistic) or (yield from scatter(evaluate, metric, *sides, class_shares, seed))
    return GapReading(
        value=value,
        unit=metric.unit,
        floor=floor,
        ceiling=ceiling,
        interval=spread.interval(value, statistic.bounds, n),
        p=p,
        n=n,
        seed=seed,
        detail=detail | spread.told(),
        shuffled=shuffled,
    )


def percent_of_ceiling(reading: GapReading) -> float | None:
    """How much of the untrained gap is left, in percent: 0 at the floor, 100 at the ceiling.

    None without both anchors, or where they coincide.
    """
    if reading.floor is None or reading.ceiling is None or reading.ceiling == reading.floor:
        return None
    return 100 * (reading.value - reading.floor) / (reading.ceiling - reading.floor)


def _own_scatter(statistic: Statistic) -> Scatter | None:
    """What a statistic knows of its own error: over rows, and so over class shares, too, unless it says otherwise."""
    if statistic.standard_error is None:
        return None
    return Scatter(
        statistic.standard_error, 0, statistic.freedom, statistic.detail.get("class_shares", CLASS_SHARES[0])
    )


@dataclass(frozen=True)
class _Evaluation:
    """One metric with its settings: called once per evaluation, with a pause before it."""

    metric: Metric
    settings: Any

    def __call__(self, source: Embedding, target: Embedding) -> Pausing[Statistic]:
        yield
        return self.metric.statistic(source, target, self.settings)


def _ceiling(evaluate: _Evaluation, source: Embedding, target: Embedding | None) -> Pausing[float | None]:
    """The value at a randomly initialised embedder; None where there is none."""
    return None if target is None else (yield from evaluate(source, target)).value


def _floor(
    evaluate: _Evaluation, sample: GapSample, by_chance: float | None
) -> Pausing[tuple[float | None, int | None]]:
    """The value where there is no gap, and the rows per side that it was measured on."""
    if evaluate.metric.target_only:
        return by_chance, None
    if sample.source_twin is None:
        return None, None
    held = sample.source if sample.floor_source is None else sample.floor_source
    statistic = yield from evaluate(held, sample.source_twin)
    return statistic.value, len(sample.source_twin)


def _p_value(
    evaluate: _Evaluation, sample: GapSample, statistic: Statistic, permutations: int, seed: int
) -> Pausing[tuple[float | None, dict[str, int]]]:
    """By permutation where it is asked for and offered, and how many; else the statistic's own."""
    if not permutations or evaluate.metric.null is None:
        return statistic.detail.get("p"), {}
    yield
    null = evaluate.metric.null(sample.source, sample.target, evaluate.settings, permutations, seed)
    return permutation_p(null, statistic.value), {"permutations": permutations}


def _class_balanced(evaluate: _Evaluation, sides: tuple[Embedding, Embedding]) -> Pausing[dict[str, float]]:
    source, target = sides
    statistic = yield from evaluate(source, target)
    return {"value": statistic.value, "n_source": len(source), "n_target": len(target)}


def _balanced(
    source: Embedding, target: Embedding, n_s: int, n_t: int, seed: int
) -> tuple[Embedding, Embedding] | None:
    """Rows with classes as equal as possible, where they are clearly unequal on either side."""
    counts = [np.unique(side.labels, return_counts=True)[1] for side in (source, target)]
    if all(c.max() <= _UNBALANCED * c.min() for c in counts):
        return None
    rows = [balanced_rows(side.labels, n, seed) for side, n in ((source, n_s), (target, n_t))]
    size = min(len(r) for r in rows) if n_s == n_t else None
    return tuple(at_most(side.take(r), size, seed) for side, r in zip((source, target), rows, strict=True))  # type: ignore[return-value]


def balanced_rows(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Ascending rows, at most n, with the same number from every class; a class too small for its share sets it."""
    present, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    share = max(1, min(n // len(present), int(counts.min())))
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(inverse[order], kind="stable")]
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(order[place < share])
