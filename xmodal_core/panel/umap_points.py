"""The points of a report on a neighbour map: the second picture of the same rows, made only when asked for.

What comes out is kept beside the report.
"""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from xmodal_core.gap.umap_projection import umap_projection
from xmodal_core.panel.drawn import Sides, drawn_features
from xmodal_core.panel.kept import read_umap, write_umap
from xmodal_core.panel.points import UMAP, Points
from xmodal_core.panel.request import GapRequest


def kept_umap_points(path: Path, points: Points) -> Points | None:
    """The neighbour map that is kept beside the report at `path`; None where there is none of these points."""
    found = read_umap(path)
    return found if found is not None and _rows(found) == _rows(points) else None


def keep_umap_points(path: Path, request: GapRequest, points: Points) -> Points:
    """Fit the neighbour map of a report's points now, and keep it beside the report at `path`.

    Raises:
        XModalError: the data or the body are not what they were.
    """
    found = umap_points(drawn_features(path, request, points), points, request.seed)
    with contextlib.suppress(OSError):  # a full disk costs the next visitor a wait
        write_umap(path, found)
    return found


def umap_points(sides: Sides, points: Points, seed: int) -> Points:
    """The same rows of both sides, fitted together, starting from where they lie on the linear projection.

    Args:
        sides: features of source and target, a row a point.
        points: on the linear projection.
        seed: of the fit.
    """
    features = np.concatenate([side.features for side in sides])  # (n + m, d)
    start = np.array(points.source.xy + points.target.xy)  # (n + m, 2)
    xy = umap_projection(features, start, seed).astype(np.float64).round(4).tolist()
    n = len(points.source.xy)
    return Points(replace(points.source, xy=xy[:n]), replace(points.target, xy=xy[n:]), None, UMAP)


def _rows(points: Points) -> tuple[list[str], list[str]]:
    return points.source.uid, points.target.uid
