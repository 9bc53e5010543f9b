"""What a gap metric is and what a reading says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xmodal_core.embedding import Embedding


@dataclass(frozen=True)
class Statistic:
    """One evaluation of a metric on two clouds: the number and what it is made of."""

    value: float
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GapReading:
    """A number that cannot be shown without its context.

    Attributes:
        value: the statistic on the full sample.
        unit: what one unit of it is.
        floor: the same statistic where there is no gap (source half against the other source half, or chance).
        ceiling: the same statistic at a randomly initialised embedder; None where there is no embedder.
        interval: 95 % interval from subsampling without replacement, centred on `value`; None if n is too small.
        p: p-value against "both clouds come from one distribution"; None where the metric has none.
        n: rows per side.
        seed: seed of every draw behind the numbers.
        detail: parts, solver, baselines: plain JSON values.
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


@dataclass(frozen=True)
class Metric:
    """A named statistic of a source and a target embedding.

    Attributes:
        settings_type: frozen dataclass of its settings, each field made by `settings.setting`.
        statistic: (source, target, settings) -> Statistic. Pure; a stochastic one takes its seed from settings.
        meaning: one line, what a large value says.
        blind_to: one line, what it cannot tell.
        n_subsamples: subsamples behind the interval: fewer for a costly statistic.
        target_only: the statistic ignores the source; its floor is chance level, given in detail["chance"].
    """

    name: str
    unit: str
    settings_type: type
    statistic: Callable[[Embedding, Embedding, Any], Statistic]
    meaning: str
    blind_to: str
    reference: str
    n_subsamples: int = 200
    target_only: bool = False
