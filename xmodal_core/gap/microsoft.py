"""OTDD digit for digit as microsoft/otdd returns it in double precision, so that results can be checked across.

Its value is an annealed Sinkhorn divergence with the cost lambda_x |x - x'|^2 / 2 + lambda_y W(y, y') / 2: one averaged
update of both potentials per temperature, from the squared diameter of the data halved down to eps, then one last
update. The updates have not converged when they stop, so the value depends on the schedule, which is repeated here.

Reference: github.com/microsoft/otdd, geomloss (Feydy et al., AISTATS 2019).

Differs: with debias off, the release reads the label distances transposed in one of the two updates (up to 14 % off,
garbage for unequal numbers of classes); here they are right. Its single precision, the default there, differs from
these values by up to 2 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import NOT_NEGATIVE, Statistic
from xmodal_core.gap.label_distance import ClassSample, label_distances
from xmodal_core.gap.labelled_pair import LabelledPair, labelled_pair
from xmodal_core.gap.transport.ground import GroundCost
from xmodal_core.gap.transport.passes import passes

ENTREG = 0.1  # the release's default, outside and inside
_LEAST_ROWS = 2  # of a class, the default of the release's min_labelcount
_LEAST_DISTANCE = 1e-4  # geomloss keeps the root of a squared distance away from zero
_DOUBLE_BELOW = 400_000_000  # pairs times features; beyond, costs and exponentials in single, sums in double


@dataclass(frozen=True)
class MicrosoftArguments:
    """Arguments of the release's `DatasetDistance`, by the names used here; its defaults are those here.

    Attributes:
        labels: gaussian | diagonal | means | exact, or upper_bound for its naive upper bound.
        debias: subtract the entropic cost of each side to itself.
        reg, p: eps, and the exponent of the schedule; the cost stays squared for p = 1.
        lambda_x, lambda_y: weights of the two parts.
        inner_reg, inner_debias, inner_p: of the Sinkhorn divergence between classes, for exact labels.
        augmented: its method "augmentation": the diagonal label distance with another schedule.
    """

    labels: str = "gaussian"
    debias: bool = True
    reg: float = ENTREG
    p: int = 2
    lambda_x: float = 1.0
    lambda_y: float = 1.0
    inner_reg: float = ENTREG
    inner_debias: bool = False
    inner_p: int = 2
    augmented: bool = False


def microsoft_statistic(source: Embedding, target: Embedding, arguments: MicrosoftArguments) -> Statistic:
    """The release's value as `half`; bounds do not apply to it.

    As there, a row that is alone in its class is left out; `detail["note"]` says so.

    Raises:
        DataError: the widths differ, features are not finite, or every class of a side has one row.
    """
    n_rows = len(source) + len(target)
    source, target = _repeated_classes(source), _repeated_classes(target)
    n_lonely = n_rows - len(source) - len(target)
    pair = labelled_pair(source, target, "diagonal", unit=1.0)  # not every part of it scales with the features
    between = _label_distances(pair.source, pair.target, arguments)
    half = microsoft_half(pair, arguments, between)
    distance = math.sqrt(2 * max(half, 0.0))
    detail: dict[str, object] = {
        **pair.description(),
        "distance": distance,
        "squared": 2 * half,
        "half": half,
        "feature_part": None,
        "label_part": None,
        "lower": None,
        "upper": None,
        "solver": "annealed Sinkhorn as in microsoft/otdd",
        "reg": arguments.reg,
        "note": f"As in microsoft/otdd, {n_lonely} rows alone in their class are left out." if n_lonely else "",
    }
    detail["class_distance"] = (between if arguments.labels == "means" else np.sqrt(np.maximum(between, 0))).tolist()
    return Statistic(distance, detail, bounds=NOT_NEGATIVE)


def _repeated_classes(side: Embedding) -> Embedding:
    """The rows of classes with at least `_LEAST_ROWS` of them."""
    _, inverse, counts = np.unique(side.labels, return_inverse=True, return_counts=True)
    kept = np.flatnonzero(counts[inverse] >= _LEAST_ROWS)
    if len(side) and not len(kept):
        raise DataError(
            f"Every class of {side.provenance} has one row, and microsoft/otdd leaves such classes out; use more rows "
            "a class, or compat none."
        )
    return side if len(kept) == len(side) else side.take(kept)


def microsoft_half(pair: LabelledPair, arguments: MicrosoftArguments, between: np.ndarray | None = None) -> float:
    """The release's value for a pair of labelled clouds.

    Args:
        pair: any label distance, unit 1; only its points and classes are used.
        arguments: what the release was called with.
        between: its label distances (K_s, K_t), computed where not at hand.
    """
    diameter = _augmented_diameter(pair) if arguments.augmented else _diameter(pair.ground, debias=arguments.debias)
    schedule = _schedule(diameter, arguments.reg, arguments.p)
    between = _label_distances(pair.source, pair.target, arguments) if between is None else between
    problem = replace(pair.ground, labels=between, lambda_x=arguments.lambda_x / 2, lambda_y=arguments.lambda_y / 2)
    value = _between_cost(problem, schedule)
    if arguments.debias:
        for side, classes in (("source", pair.source), ("target", pair.target)):
            own = _label_distances(classes, classes, arguments)
            value -= _within_cost(_with_itself(problem, side, own), schedule)
    return value


def _label_distances(
    source: Sequence[ClassSample], target: Sequence[ClassSample], arguments: MicrosoftArguments
) -> np.ndarray:
    kind, same = arguments.labels, source is target
    if kind == "means":  # not squared there
        return label_distances(source, target, "means", 1)
    if kind == "upper_bound":
        spread = [np.array([np.sum(c.centred**2) for c in side]) for side in (source, target)]
        table = label_distances(source, target, "means") + spread[0][:, None] + spread[1]
        return np.asarray(table * (1 - np.eye(len(table))) if same else table)
    if kind != "exact":
        return label_distances(source, target, kind)
    table = np.zeros((len(source), len(target)))
    for i, one in enumerate(source):
        for j, other in enumerate(target):
            if not same or j > i:
                table[i, j] = _between_classes(one.rows, other.rows, arguments)
    return table + table.T if same else table


def _between_classes(a: np.ndarray, b: np.ndarray, arguments: MicrosoftArguments) -> float:
    """The release's "exact" label distance: a Sinkhorn divergence with the cost |x - x'|^p, not halved."""
    diameter = float(np.linalg.norm(np.ptp(np.concatenate([a, b]), axis=0)))
    schedule = _schedule(diameter, arguments.inner_reg, arguments.inner_p)

    def problem(x: np.ndarray, y: np.ndarray) -> GroundCost:
        one, other = np.zeros(len(x), np.int64), np.zeros(len(y), np.int64)
        masses = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
        return GroundCost(x, y, one, other, *masses, np.zeros((1, 1)), 1.0, 0.0, arguments.inner_p)

    least = _LEAST_DISTANCE if arguments.inner_p == 1 else 0.0
    value = _between_cost(problem(a, b), schedule, least)
    if arguments.inner_debias:
        value -= _within_cost(problem(a, a), schedule, least) + _within_cost(problem(b, b), schedule, least)
    return value


def _with_itself(problem: GroundCost, side: str, own: np.ndarray) -> GroundCost:
    if side == "source":
        return replace(problem, x_to=problem.x, y_to=problem.y, b=problem.a, labels=own)
    return replace(problem, x=problem.x_to, y=problem.y_to, a=problem.b, labels=own)


def _diameter(ground: GroundCost, *, debias: bool) -> float:
    """Of the box around [x, class number]; debiasing numbers the target's classes on from the source's."""
    offset = len(ground.labels) if debias else 0
    one = np.column_stack([ground.x, ground.y])
    other = np.column_stack([ground.x_to, ground.y_to + offset])
    return float(np.linalg.norm(np.ptp(np.concatenate([one, other]), axis=0)))


def _augmented_diameter(pair: LabelledPair) -> float:
    """Of the box around [x, class mean, class deviation]."""
    boxes = []
    for points, index, classes in (
        (pair.ground.x, pair.ground.y, pair.source),
        (pair.ground.x_to, pair.ground.y_to, pair.target),
    ):
        moments = np.stack([np.concatenate([c.mean, c.deviation]) for c in classes])
        boxes.append(np.column_stack([points, moments[index]]))
    return float(np.linalg.norm(np.ptp(np.concatenate(boxes), axis=0)))


def _schedule(diameter: float, eps: float, p: int) -> list[float]:
    """Temperatures: diameter^p, then down to eps by a factor of 2^p, and eps itself."""
    steps = np.arange(p * math.log(diameter), math.log(eps), -p * math.log(2))
    return [diameter**p, *(math.exp(step) for step in steps), eps]


def _between_cost(problem: GroundCost, schedule: list[float], least: float = 0.0) -> float:
    """Mean potentials of two different sides after the schedule."""
    anneal = _Annealing(problem, least)
    anneal.update(schedule[0], 1.0)
    for eps in schedule:
        anneal.update(eps, 0.5)
    anneal.update(schedule[-1], 1.0)
    return float(anneal.f.mean() + anneal.g.mean())


def _within_cost(problem: GroundCost, schedule: list[float], least: float = 0.0) -> float:
    """Half of the entropic cost of a side to itself; both potentials are the same but for their rounding."""
    return _between_cost(problem, schedule, least) / 2


class _Annealing:
    """Both potentials, updated from one another at once, as the release does."""

    def __init__(self, problem: GroundCost, least: float) -> None:
        from xmodal_core.gap.transport.kernel import strips

        n, m = problem.shape
        self.cost = problem.dense(np.float64 if n * m * problem.x.shape[1] <= _DOUBLE_BELOW else np.float32)
        np.maximum(self.cost, least, out=self.cost)
        self.f, self.g = np.zeros(n), np.zeros(m)
        self.log_a, self.log_b = -math.log(n), -math.log(m)
        self.sums = passes(self.cost, strips(np.array([0, m])))

    def update(self, eps: float, share: float) -> None:
        """Move both potentials by a share of the way to their Sinkhorn update."""
        # In single precision the sums belong to the rounded potentials, so the update starts from these.
        f, g = (potential.astype(self.cost.dtype).astype(np.float64) for potential in (self.f, self.g))
        by_strip, columns = self.sums(f, g, eps)
        rows = by_strip.sum(axis=1, dtype=np.float64)
        self.f += share * (f - eps * (np.log(rows) + self.log_b) - self.f)
        self.g += share * (g - eps * (np.log(columns) + self.log_a) - self.g)
