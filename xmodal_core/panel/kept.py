"""A gap report as a file, and beside it under the same name what was asked for and other pictures of its points.

Writing is whole or not at all. Reading gives None for a file that is not there, or is any file but ours.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from xmodal_core.embedding import Embedding, Space
from xmodal_core.errors import XModalError
from xmodal_core.files import replace_file
from xmodal_core.panel.points import Points
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.values import parse_json

_T = TypeVar("_T")
_SIDES = ("source", "target")
MAX_WIDTH = 4096  # features of a row; wider rows, which are raw inputs, are read again instead of kept


def write_report(path: Path, report: GapReport) -> None:
    """Keep a report at `path`; missing folders are made."""
    replace_file(path, json.dumps(report.to_json()))


def read_report(path: Path) -> GapReport | None:
    """The report at `path`."""
    return _read(path, GapReport.from_json)


def write_request(path: Path, request: GapRequest) -> None:
    """Keep what was asked for beside the report at `path`, which need not be there yet."""
    replace_file(_request_path(path), json.dumps(request.to_json()))


def read_request(path: Path) -> GapRequest | None:
    """What was asked for with the report at `path`."""
    return _read(_request_path(path), GapRequest.from_json)


def kept_paths(folder: Path) -> list[Path]:
    """Where reports are kept in this folder, newest first; those with what was asked for beside them."""
    found = [path for path in folder.glob("*.json") if "." not in path.stem and _request_path(path).is_file()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def write_umap(path: Path, points: Points) -> None:
    """Keep the UMAP picture of the report at `path`."""
    replace_file(_umap_path(path), json.dumps(points.to_json()))


def read_umap(path: Path) -> Points | None:
    """The UMAP picture of the report at `path`."""
    return _read(_umap_path(path), Points.from_json)


def write_features(path: Path, source: Embedding, target: Embedding) -> None:
    """Keep the features of the drawn rows beside the report at `path`; of very wide rows nothing is kept."""
    if source.features.shape[1] > MAX_WIDTH:
        return
    arrays: dict[str, np.ndarray] = {}
    for name, side in zip(_SIDES, (source, target), strict=True):
        arrays |= {
            f"{name}_features": side.features,
            f"{name}_labels": side.labels,
            f"{name}_uid": side.uid.astype(str),
        }
        arrays[f"{name}_said"] = np.array([side.provenance, str(side.space), *side.class_names])
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    replace_file(_features_path(path), file.getvalue())


def read_features(path: Path) -> tuple[Embedding, Embedding] | None:
    """The features of the drawn rows, source and target, of the report at `path`."""
    try:
        with np.load(_features_path(path), allow_pickle=False) as arrays:
            return _side_of(arrays, _SIDES[0]), _side_of(arrays, _SIDES[1])
    except (OSError, ValueError, LookupError, zipfile.BadZipFile, XModalError):
        return None


def _side_of(arrays: Any, name: str) -> Embedding:
    provenance, space, *classes = arrays[f"{name}_said"].tolist()
    features, labels, uid = (arrays[f"{name}_{part}"] for part in ("features", "labels", "uid"))
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        raise ValueError
    return Embedding(features, labels, uid, tuple(classes), Space(space), provenance)


def write_bodies(path: Path, bodies: Sequence[str]) -> None:
    """Keep beside the report at `path` which bodies it was last compared over."""
    replace_file(_bodies_path(path), json.dumps(list(bodies)))


def read_bodies(path: Path) -> list[str]:
    """The bodies that the report at `path` was last compared over; none where nobody did."""
    return _read(_bodies_path(path), _names) or []


def _names(values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(name, str) for name in values):
        raise TypeError
    return values


def _bodies_path(path: Path) -> Path:
    return path.with_suffix(".bodies.json")


def _request_path(path: Path) -> Path:
    return path.with_suffix(".request.json")


def _features_path(path: Path) -> Path:
    return path.with_suffix(".features.npz")


def _umap_path(path: Path) -> Path:
    return path.with_suffix(".umap.json")


def _read(path: Path, from_json: Callable[[Any], _T]) -> _T | None:
    try:
        return from_json(parse_json(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, XModalError):
        return None
