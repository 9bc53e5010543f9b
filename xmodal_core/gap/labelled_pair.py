"""Two embeddings as one transport problem in safe units, and the way back to the units of the features."""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.label_distance import ClassSample, class_samples, label_distances
from xmodal_core.gap.pair import feature_pair
from xmodal_core.gap.transport.ground import GroundCost


@dataclass(frozen=True, eq=False)
class LabelledPair:
    """A transport problem between labelled clouds.

    Attributes:
        ground: the problem, features divided by `unit`.
        unit: a power of two near the spread of the features, so that division loses nothing.
        source, target: the classes of either side, in the order of `ground.labels`.
        names: of these classes, per side.
    """

    ground: GroundCost
    unit: float
    source: list[ClassSample]
    target: list[ClassSample]
    names: dict[str, list[str]]

    def distance(self, cost: float) -> float:
        """Distance in the units of the features from a cost of the problem."""
        return self.unit * float(cost ** (1 / self.ground.p))

    def to_problem(self, cost: float) -> float:
        """A cost in the units of the features as a cost of the problem."""
        return cost / self.unit**self.ground.p

    def values(self, cost: float, features: float, labels: float) -> dict[str, float]:
        """The names under which a cost is reported."""
        distance, scale = self.distance(cost), self.unit**self.ground.p
        return {
            "distance": distance,
            "squared": scale * cost if self.ground.p == 2 else distance**2,
            "half": (scale * cost if self.ground.p == 2 else distance**2) / 2,
            "feature_part": scale * features,
            "label_part": scale * labels,
        }

    def description(self) -> dict[str, object]:
        """What the numbers rest on: sizes, classes and their distances."""
        sides = {"source": self.source, "target": self.target}
        return {
            "class_distance": (self.unit * self.ground.labels ** (1 / self.ground.p)).tolist(),
            "class_names": self.names,
            "n_source": self.ground.shape[0],
            "n_target": self.ground.shape[1],
            "single_sample_classes": {
                side: [name for name, c in zip(self.names[side], classes, strict=True) if len(c.rows) == 1]
                for side, classes in sides.items()
            },
        }


def labelled_pair(
    source: Embedding,
    target: Embedding,
    labels: str,
    p: int = 2,
    lambda_x: float = 1.0,
    lambda_y: float = 1.0,
    *,
    balanced: bool = False,
    unit: float | None = None,
) -> LabelledPair:
    """The transport problem of two embeddings (n, d) and (m, d).

    Args:
        source: with weights or without.
        target: the same.
        labels: how classes are compared, a key of `LABEL_KINDS`.
        p: exponent.
        lambda_x: weight of the feature part.
        lambda_y: weight of the label part.
        balanced: every class of a side gets the same mass.
        unit: what features are divided by; chosen from their spread when None.

    Raises:
        DataError: the widths differ, or features or weights are not usable.
        SettingsError: labels have no closed form for this p.
    """
    x, x_to = feature_pair(source, target)
    unit = _unit(x, x_to) if unit is None else unit
    x, x_to = x / unit, x_to / unit
    masses = _masses(source, balanced=balanced), _masses(target, balanced=balanced)
    present_s, classes_s = class_samples(x, source.labels, source.weights)
    present_t, classes_t = class_samples(x_to, target.labels, target.weights)
    y, y_to = np.searchsorted(present_s, source.labels), np.searchsorted(present_t, target.labels)
    by_class, by_class_to = np.argsort(y, kind="stable"), np.argsort(y_to, kind="stable")
    ground = GroundCost(
        x[by_class],
        x_to[by_class_to],
        y[by_class],
        y_to[by_class_to],
        masses[0][by_class],
        masses[1][by_class_to],
        label_distances(classes_s, classes_t, labels, p),
        lambda_x,
        lambda_y,
        p,
    )
    names = {"source": _names(source, present_s), "target": _names(target, present_t)}
    return LabelledPair(ground, unit, classes_s, classes_t, names)


def _unit(x: np.ndarray, x_to: np.ndarray) -> float:
    spread = max(float(np.abs(side - x[0]).max()) for side in (x, x_to))
    return float(2.0 ** np.round(np.log2(spread))) if spread > 0 else 1.0


def _masses(side: Embedding, *, balanced: bool) -> np.ndarray:
    if side.weights is None:
        mass = np.full(len(side), 1 / len(side))
    else:
        mass = np.asarray(side.weights, np.float64)
        if mass.shape != (len(side),) or not (np.isfinite(mass) & (mass > 0)).all():
            raise DataError(f"{side.provenance} has weights that are not all above zero; give one a sample.")
        mass = mass / mass.sum()
    if balanced:
        _, inverse = np.unique(side.labels, return_inverse=True)
        per_class = np.bincount(inverse, mass)
        mass = mass / (per_class[inverse] * len(per_class))
    return mass


def _names(side: Embedding, present: np.ndarray) -> list[str]:
    return [side.class_names[label] for label in present]
