"""Features of a report's drawn rows: kept beside the report by whoever measured it, or made again as it was asked for.

What is worked out of them afterwards (a neighbour map, the coupling, the translation lab) is about these rows.
"""

import contextlib
from pathlib import Path

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import finish
from xmodal_core.panel.clouds import load_sides, requested_clouds, same_rows, with_classes
from xmodal_core.panel.kept import read_features, write_features
from xmodal_core.panel.points import Points
from xmodal_core.panel.request import GapRequest

Sides = tuple[Embedding, Embedding]


def kept_features(path: Path, points: Points) -> Sides | None:
    """Source and target as they are kept beside the report at `path`; None where not these rows are."""
    found = read_features(path)
    if found is None or any(
        side.uid.tolist() != drawn.uid for side, drawn in zip(found, (points.source, points.target), strict=True)
    ):
        return None
    return found


def drawn_features(path: Path, request: GapRequest, points: Points) -> Sides:
    """The same, and where they are not kept, both sides embedded once more; what comes out is kept.

    Raises:
        XModalError: the data or the body are not what they were.
    """
    if (found := kept_features(path, points)) is not None:
        return found
    made = embedded_again(request, points)
    with contextlib.suppress(OSError):  # a full disk costs the next visitor a wait
        write_features(path, *made)
    return made


def embedded_again(request: GapRequest, points: Points) -> Sides:
    """The drawn rows, embedded as the request says.

    Raises:
        XModalError: the data or the body are not what they were.
    """
    source, target, _ = with_classes(*load_sides(request), request.seed)
    clouds = finish(requested_clouds(request, source, target))
    return same_rows(clouds.source, points.source.uid), same_rows(clouds.target, points.target.uid)
