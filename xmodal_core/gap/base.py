"""What a gap metric is and what a reading says."""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.values import JsonValue

UNBOUNDED = (-math.inf, math.inf)
NOT_NEGATIVE = (0.0, math.inf)
SHARE = (0.0, 1.0)

T = TypeVar("T")
Pausing = Generator[None, None, T]  # pauses before every evaluation, so that whoever pulls can stop there; ends in a T


def finish(work: Pausing[T]) -> T:
    """What work ends in, without a stop on the way."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: T = end.value
            return found


@dataclass(frozen=True)
class Statistic:
    """One evaluation of a metric on two clouds: the number and what it is made of.

    Attributes:
        value: the number.
        detail: plain JSON values.
        standard_error: where the statistic knows its own, which then replaces subsampling.
        freedom: degrees of freedom of that standard error; None for so many that they do not matter.
        bounds: least and largest value that the statistic can take on so many rows; of a debiased one, whose plain
            form is never negative, the least is minus what was taken off.
    """

    value: float
    detail: Mapping[str, Any] = field(default_factory=dict)
    standard_error: float | None = None
    freedom: int | None = None
    bounds: tuple[float, float] = UNBOUNDED


@dataclass(frozen=True)
class GapReading(JsonValue):
    """A number that cannot be shown without its context.

    Attributes:
        value: the statistic on the full sample.
        unit: what one unit of it is.
        floor: the same statistic where there is no gap (source half against the other source half, or chance).
        ceiling: the same statistic at a randomly initialised embedder; None where there is no embedder.
        interval: 95 % t interval from subsampling without replacement, centred on `value` and cut where no reading can
            be; None if n is too small. `detail["class_shares"]` says which other rows are meant.
        p: p-value against "both clouds come from one distribution"; None where the metric has none.
        n: rows per side.
        seed: seed of every draw behind the numbers.
        detail: parts, solver, baselines: plain JSON values.
        shuffled: the statistic with the target's labels dealt out at random, what is left when classes mean
            nothing; None where labels are not looked at.
    """

    value: float
    unit: str
    floor: float | None
    ceiling: float | None
    interval: tuple[float, float] | None
    p: float | None
    n: int
    seed: int
    detail: Mapping[str, Any]
    shuffled: float | None


@dataclass(frozen=True)
class Metric:
    """A named statistic of a source and a target embedding.

    Attributes:
        title: what it is called on screen.
        settings_type: frozen dataclass of its settings, each field made by `settings.setting`.
        statistic: (source, target, settings) -> Statistic. Pure; a stochastic one takes its seed from settings.
        meaning: one line, what a large value says.
        blind_to: one line, what it cannot tell.
        n_subsamples: subsamples behind the interval: fewer for a costly statistic.
        target_only: the statistic ignores the source; its floor is chance level, `detail["chance"]`, or else
            its value under shuffled labels.
        uses_labels: shuffling the target's labels changes the value, so that null is measured, too.
        max_rows: rows per side beyond which a sample is drawn; None takes any number.
        cost: readings are taken in this order, the cheap ones first.
        symmetric: source and target may change places.
        identical: largest value of a cloud held against itself; None where no such bound is known.
        null: (source, target, settings, n_permutations, seed) -> (n_permutations,) values with the side labels
            dealt out at random over the pooled rows; None where the metric offers none.
    """

    name: str
    title: str
    unit: str
    settings_type: type
    statistic: Callable[[Embedding, Embedding, Any], Statistic]
    meaning: str
    blind_to: str
    reference: str
    n_subsamples: int = 200
    target_only: bool = False
    uses_labels: bool = False
    max_rows: int | None = None
    cost: int = 1
    symmetric: bool = True
    identical: float | None = 0.0
    null: Callable[[Embedding, Embedding, Any, int, int], np.ndarray] | None = None
