"""One linear map to the plane, fitted once and frozen, so that frames of a run can be compared by eye.

A fit per frame, or a neighbour embedding, moves points that did not move or hides a gap that is there. A
frozen linear map does neither: new frames are one matrix product, and equal lengths stay equal distances.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xmodal_core.errors import DataError

_MIN_ROWS_TO_SPLIT = 4
_CLEAR_SEPARATION = 3.0  # standard errors on held-out rows, below which the mean difference is noise
_ROUNDING = 1e-9  # scatter below this share of the largest feature is rounding
MEAN_DIFFERENCE = "mean difference"
PRINCIPAL_AXES = "principal axes"


@dataclass(frozen=True, eq=False)
class LinearProjection:
    """Two fixed orthogonal axes in feature space.

    Attributes:
        origin: (d,) the source mean, drawn at (0, 0).
        axes: (2, d) orthonormal rows; a row of zeros where no second direction exists.
        unit: length of one unit on either axis: the pooled within-side deviation along x.
        explained: share of the pooled scatter along x and y, on rows that did not choose x.
        separation: distance of the two means along x in units, on rows that did not choose x.
        horizontal: "mean difference", or "principal axes" where the means do not differ beyond chance.
    """

    origin: np.ndarray
    axes: np.ndarray
    unit: float
    explained: tuple[float, float]
    separation: float
    horizontal: str

    @classmethod
    def fit(cls, source: np.ndarray, target: np.ndarray, seed: int = 0) -> "LinearProjection":
        """Choose the axes from features (n, d) and (m, d) at step 0.

        x is the direction from the source mean to the target mean on one half of the rows; the other half
        judges it, since with d > n some direction separates any two samples. y is the first principal axis of
        the source's scatter orthogonal to x. The target lies at positive x; the largest loading of a principal
        axis is positive.

        Raises:
            DataError: widths that differ, or a side without rows.
        """
        source, target = _checked(source, target)
        centred = source - source.mean(axis=0)
        smallest = _ROUNDING * float(np.abs(source).max())
        fitted, judged = _halves(source, target, seed)
        x = _unit_vector(fitted[1].mean(axis=0) - fitted[0].mean(axis=0))
        horizontal = MEAN_DIFFERENCE
        if _standard_errors(judged, x) < _CLEAR_SEPARATION:
            x, horizontal = _principal_axis(centred, smallest), PRINCIPAL_AXES
        y = _principal_axis(centred - np.outer(centred @ x, x), smallest)
        axes = np.stack([x, y])  # (2, d)
        unit = _within_deviation(judged, x)
        apart = float((judged[1].mean(axis=0) - judged[0].mean(axis=0)) @ x) / unit
        return cls(source.mean(axis=0), axes, unit, _explained(judged, axes), apart, horizontal)

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Coordinates (n, 2) float32 of features (n, d).

        Raises:
            DataError: another width than the one fitted.
        """
        if features.ndim != 2 or features.shape[1] != len(self.origin):
            raise DataError(
                f"Found features of shape {features.shape}, expected (n, {len(self.origin)}) as fitted at step 0; "
                "project features of the same network and space."
            )
        points = (features.astype(np.float64) - self.origin) @ self.axes.T / self.unit  # (n, 2)
        return np.asarray(points, dtype=np.float32)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, read back by `from_json`."""
        return {
            "origin": self.origin.tolist(),
            "axes": self.axes.tolist(),
            "unit": self.unit,
            "explained": list(self.explained),
            "separation": self.separation,
            "horizontal": self.horizontal,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "LinearProjection":
        """The projection that `to_json` wrote."""
        return cls(
            np.array(values["origin"]),
            np.array(values["axes"]),
            values["unit"],
            (values["explained"][0], values["explained"][1]),
            values["separation"],
            values["horizontal"],
        )


_Sides = tuple[np.ndarray, np.ndarray]


def _checked(source: np.ndarray, target: np.ndarray) -> _Sides:
    if source.ndim != 2 or target.ndim != 2 or source.shape[1] != target.shape[1]:
        raise DataError(
            f"Found features of shape {source.shape} and {target.shape}, expected (n, d) and (m, d) of equal width; "
            "compare them in the space embedder or body of one model."
        )
    if 0 in source.shape or 0 in target.shape:
        raise DataError(f"Found features of shape {source.shape} and {target.shape}, expected at least one row each.")
    return source.astype(np.float64), target.astype(np.float64)


def _halves(source: np.ndarray, target: np.ndarray, seed: int) -> tuple[_Sides, _Sides]:
    """Rows that choose x, and rows that judge it; the same rows where there are too few to split."""
    if min(len(source), len(target)) < _MIN_ROWS_TO_SPLIT:
        return (source, target), (source, target)
    rng = np.random.default_rng(seed)
    source, target = rng.permutation(source), rng.permutation(target)
    s, t = len(source) // 2, len(target) // 2
    return (source[:s], target[:t]), (source[s:], target[t:])


def _standard_errors(sides: _Sides, axis: np.ndarray) -> float:
    """Difference of the means along an axis, in standard errors."""
    along = [side @ axis for side in sides]
    difference = along[1].mean() - along[0].mean()
    error = np.sqrt(sum(a.var(ddof=1) / len(a) if len(a) > 1 else 0.0 for a in along))
    # Rounding of a constant cloud leaves a "difference" with no error to hold it against.
    resolution = 1e-12 * max(float(np.abs(a).max()) for a in along)
    if abs(difference) <= resolution:
        return 0.0
    return float(difference / error) if error > 0 else float("inf")


def _within_deviation(sides: _Sides, axis: np.ndarray) -> float:
    """Pooled standard deviation along an axis; 1 where nothing varies."""
    variance = float(np.mean([(side @ axis).var() for side in sides]))
    return float(np.sqrt(variance)) if variance > 0 else 1.0


def _explained(sides: _Sides, axes: np.ndarray) -> tuple[float, float]:
    pooled = np.concatenate(sides)
    pooled = pooled - pooled.mean(axis=0)
    total = float((pooled**2).sum())
    shares = ((pooled @ axes.T) ** 2).sum(axis=0) / (total if total > 0 else 1.0)
    return float(shares[0]), float(shares[1])


def _principal_axis(centred: np.ndarray, smallest: float) -> np.ndarray:
    """First principal axis (d,) of centred rows (n, d), largest loading positive; zeros if none reaches `smallest`."""
    n, d = centred.shape
    if n < d:
        left = np.linalg.eigh(centred @ centred.T)[1][:, -1]  # (n,)
        axis = _unit_vector(centred.T @ left)
    else:
        axis = _unit_vector(np.linalg.eigh(centred.T @ centred)[1][:, -1])
    if not np.abs(centred @ axis).max() > smallest:
        return np.zeros(d)
    return axis if axis[np.abs(axis).argmax()] > 0 else -axis


def _unit_vector(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length) if length > 0 else np.zeros_like(vector)
