"""The points of a report on other planes than its own fixed one, from the features of the drawn rows."""

from dataclasses import replace

import numpy as np

from xmodal_core.gap.class_plane import class_plane
from xmodal_core.gap.projection import LinearProjection
from xmodal_core.panel.drawn import Sides
from xmodal_core.panel.points import CLASS_PLANE, CloudPoints, Points


def class_plane_points(sides: Sides, points: Points, seed: int) -> Points:
    """Both sides on the plane in which the target's classes part best; of the target the half that did not choose it.

    Raises:
        DataError: see `class_plane`.
    """
    plane = class_plane(*sides, seed)
    target = _taken(points.target, plane.held_out)
    xy = [np.round(side, 4).tolist() for side in (plane.source, plane.target)]
    return Points(replace(points.source, xy=xy[0]), replace(target, xy=xy[1]), None, CLASS_PLANE)


def fixed_plane(sides: Sides) -> LinearProjection:
    """One linear projection of the drawn rows as they are, on which moved rows can be drawn."""
    source, target = (side.features.astype(np.float64) for side in sides)
    return LinearProjection.fit(source, target)


def _taken(side: CloudPoints, rows: np.ndarray) -> CloudPoints:
    picked = rows.tolist()
    labels, uid = [side.labels[row] for row in picked], [side.uid[row] for row in picked]
    mixing = None if side.mixing is None else [side.mixing[row] for row in picked]
    return CloudPoints([side.xy[row] for row in picked], labels, uid, mixing)
