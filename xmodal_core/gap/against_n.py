"""How a reading moves with the number of rows: a value that still falls is mostly finite-sample bias.

Transport between two samples of one cloud shrinks like n^(-1/d), so in many dimensions the bias is larger than
any error of the solver, and readings compare only at equal n. The floor moves with the value; what separates the
two curves is the gap.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Metric, Pausing
from xmodal_core.gap.protocol import GapSample, at_most
from xmodal_core.values import JsonValue

SIZES = (50, 100, 200, 400, 800, 1600)
N_DRAWS = 3  # two where draws are large and differ little
_LARGE = 400


@dataclass(frozen=True)
class CurvePoint(JsonValue):
    """Mean and standard deviation of the value over draws of n rows a side, and the mean floor at the same n."""

    n: int
    value: float
    sd: float
    floor: float | None


def against_n(metric: Metric, sample: GapSample, settings: Any, seed: int = 0) -> Pausing[list[CurvePoint]]:
    """The metric at every size in `SIZES` below the sample's own n, a few draws without replacement each.

    The draws of one size share rows, so their scatter understates the error near the full n. Pauses before every
    evaluation.
    """
    sample = sample.at_most(metric.max_rows, seed)
    held = sample.source if sample.floor_source is None else sample.floor_source

    def mean(one: Embedding, other: Embedding, n: int) -> Pausing[tuple[float, float]]:
        seeds = np.random.SeedSequence([seed, n]).generate_state(2 * (N_DRAWS if n < _LARGE else 2)).reshape(-1, 2)
        values = []
        for a, b in seeds:
            yield
            values.append(metric.statistic(at_most(one, n, int(a)), at_most(other, n, int(b)), settings).value)
        return float(np.mean(values)), float(np.std(values, ddof=1))

    points = []
    for n in SIZES:
        if n >= min(len(sample.source), len(sample.target)):
            break
        floor = None
        try:
            value, sd = yield from mean(sample.source, sample.target, n)
        except DataError:  # a rule on neighbours or class sizes that so few rows do not meet
            continue
        if sample.source_twin is not None and not metric.target_only and n < len(sample.source_twin):
            floor = (yield from mean(held, sample.source_twin, n))[0]
        points.append(CurvePoint(n, value, sd, floor))
    return points
