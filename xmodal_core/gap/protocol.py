"""How a statistic becomes a reading: equal rows per side, a floor, a ceiling, an interval.

Raw gap values mean little alone. They depend on the number of rows, and most are not zero where there is
no gap; so every value comes with the same statistic between two samples of the source (floor) and, where
there is an embedder, at a randomly initialised one (ceiling).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import GapReading, Metric

MIN_ROWS_FOR_INTERVAL = 20
MIN_ROWS_FOR_FLOOR = 10
_NORMAL_95 = 1.96


@dataclass(frozen=True, eq=False)
class GapSample:
    """The rows that one reading is made of.

    Attributes:
        source, target: the compared rows, equally many unless every row was asked for.
        source_twin: source rows for the floor, disjoint from those they are held against; None when too few.
        floor_source: the rows the twin is held against; `source` itself when None.
    """

    source: Embedding
    target: Embedding
    source_twin: Embedding | None = None
    floor_source: Embedding | None = None


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
    seeds = [int(s) for s in np.random.SeedSequence(seed).generate_state(3)]
    per_side = None if n is None else min(n, len(source), len(target))
    rows_s = stratified_rows(source.labels, len(source) if per_side is None else per_side, seeds[0])
    rows_t = stratified_rows(target.labels, len(target) if per_side is None else per_side, seeds[1])
    held = rows_s if 2 * len(rows_s) <= len(source) else stratified_rows(source.labels, len(source) // 2, seeds[0])
    rest = np.setdiff1d(np.arange(len(source)), held)
    twin = rest[stratified_rows(source.labels[rest], len(held), seeds[2])]
    if len(twin) < MIN_ROWS_FOR_FLOOR:
        return GapSample(source.take(rows_s), target.take(rows_t))
    return GapSample(source.take(rows_s), target.take(rows_t), source.take(twin), source.take(held))


def measure(
    metric: Metric,
    sample: GapSample,
    settings: Any,
    *,
    ceiling_target: Embedding | None = None,
    ceiling_source: Embedding | None = None,
    seed: int = 0,
) -> GapReading:
    """Evaluate a metric with its context.

    The interval comes from stratified subsamples of half the rows drawn without replacement:
    SE = sqrt(b / (n - b)) sd, centred on the full value because transport and neighbour statistics are
    biased in n. A bootstrap draws rows twice, duplicates become each other's neighbours, and a kNN rate that
    should be 0.50 for two samples of one cloud reads 0.60: it is never used here.

    Args:
        metric: what to measure.
        sample: from `paired_sample`.
        settings: an instance of metric.settings_type.
        ceiling_target: the same target rows at a randomly initialised embedder.
        ceiling_source: the source rows held against them; the sample's own when None.
        seed: of the subsamples.

    Raises:
        DataError: the statistic cannot be computed on these rows.

    Reference: Politis, Romano and Wolf, Subsampling, 1999.
    """
    statistic = metric.statistic(sample.source, sample.target, settings)
    floor, floor_n = _floor(metric, sample, settings, statistic.detail)
    ceiling = None
    if ceiling_target is not None:
        held = sample.source if ceiling_source is None else ceiling_source
        ceiling = metric.statistic(held, ceiling_target, settings).value
    error = _standard_error(metric, sample, settings, seed)
    half_width = None if error is None else _NORMAL_95 * error
    value = statistic.value
    return GapReading(
        value=value,
        unit=metric.unit,
        floor=floor,
        ceiling=ceiling,
        interval=None if half_width is None else (value - half_width, value + half_width),
        p=statistic.detail.get("p"),
        n=len(sample.target) if metric.target_only else min(len(sample.source), len(sample.target)),
        seed=seed,
        detail={
            **statistic.detail,
            "floor_n": floor_n,
            "standard_error": error,
            "n_subsamples": 0 if error is None else metric.n_subsamples,
        },
    )


def percent_of_ceiling(reading: GapReading) -> float | None:
    """How much of the untrained gap is left, in percent: 0 at the floor, 100 at the ceiling.

    None without both anchors, or where they coincide.
    """
    if reading.floor is None or reading.ceiling is None or reading.ceiling == reading.floor:
        return None
    return 100 * (reading.value - reading.floor) / (reading.ceiling - reading.floor)


def _floor(metric: Metric, sample: GapSample, settings: Any, detail: Any) -> tuple[float | None, int | None]:
    if metric.target_only:
        return detail["chance"], None
    if sample.source_twin is None:
        return None, None
    held = sample.source if sample.floor_source is None else sample.floor_source
    return metric.statistic(held, sample.source_twin, settings).value, len(sample.source_twin)


def _standard_error(metric: Metric, sample: GapSample, settings: Any, seed: int) -> float | None:
    """Standard error of the value at n rows from the scatter at n / 2; None with too few rows."""
    sides = [sample.target] if metric.target_only else [sample.source, sample.target]
    n = min(len(side) for side in sides)
    if n < MIN_ROWS_FOR_INTERVAL:
        return None
    b = n // 2
    seeds = np.random.SeedSequence(seed).generate_state(2 * metric.n_subsamples).reshape(-1, 2)
    values = [
        metric.statistic(
            sample.source if metric.target_only else _half(sample.source, int(first)),
            _half(sample.target, int(second)),
            settings,
        ).value
        for first, second in seeds
    ]
    return math.sqrt(b / (n - b)) * float(np.std(values, ddof=1))


def _half(embedding: Embedding, seed: int) -> Embedding:
    return embedding.take(stratified_rows(embedding.labels, len(embedding) // 2, seed))
