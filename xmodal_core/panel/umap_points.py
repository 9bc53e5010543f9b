"""The points of a report on a neighbour map: the second picture of the same rows, made only when asked for.

A report keeps places and no features, which of raw inputs would be hundreds of megabytes. So both sides are embedded
again, as the request says; what comes out is kept beside the report.
"""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from xmodal_core.gap.base import finish
from xmodal_core.gap.umap_projection import umap_projection
from xmodal_core.panel.clouds import load_sides, requested_clouds, same_rows, with_classes
from xmodal_core.panel.kept import read_umap, write_umap
from xmodal_core.panel.points import Points
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
    found = umap_points(request, points)
    with contextlib.suppress(OSError):  # a full disk costs the next visitor a wait
        write_umap(path, found)
    return found


def umap_points(request: GapRequest, points: Points) -> Points:
    """The same rows of both sides, fitted together, starting from where they lie on the linear projection.

    Raises:
        XModalError: the data or the body are not what they were.
    """
    source, target, _ = with_classes(*load_sides(request), request.seed)
    clouds = finish(requested_clouds(request, source, target, beside=False))
    rows = same_rows(clouds.source, points.source.uid), same_rows(clouds.target, points.target.uid)
    features = np.concatenate([side.features for side in rows])  # (n + m, d)
    start = np.array(points.source.xy + points.target.xy)  # (n + m, 2)
    xy = umap_projection(features, start, request.seed).astype(np.float64).round(4).tolist()
    n = len(points.source.xy)
    return Points(replace(points.source, xy=xy[:n]), replace(points.target, xy=xy[n:]), None, "UMAP")


def _rows(points: Points) -> tuple[list[str], list[str]]:
    return points.source.uid, points.target.uid
