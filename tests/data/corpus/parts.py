"""Arrays in parts, scenes of which each pixel is a sample, and AnnData."""

import io
from collections.abc import Callable

import h5py
import numpy as np
import scipy.io
import scipy.sparse

from tests.data.corpus import Brought
from tests.data.packed import packed
from xmodal_core.data.reading import Reading

_TYPES = ("B", "NK", "T")


def _brought(
    name: str,
    make: Callable[[], bytes],
    outcome: str = "right",
    *says: str,
    said: Reading | None = None,
    **facts: object,
) -> Brought:
    return Brought(name, make, outcome, says, facts, said or Reading())


def _npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _mat(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, arrays)
    return stream.getvalue()


def _x(seed: int, n: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 5))


def _y(seed: int, n: int = 20) -> np.ndarray:
    return (np.arange(n) + seed) % 2


def _in_parts(samples: str, labels: str, numbers: range = range(1, 5)) -> dict[str, np.ndarray]:
    named = {samples.format(i): _x(i, 20 + i) for i in numbers}
    return {**named, **{labels.format(i): _y(i, 20 + i) for i in numbers}}


def _folders(*more: str) -> bytes:
    files = {}
    for i in range(1, 5):
        files |= {f"fold{i}/x.npy": _npy(_x(i)), f"fold{i}/y.npy": _npy(_y(i))}
        files |= {f"fold{i}/{name}.npy": _npy(np.arange(20) + 20 * i) for name in more}
    return packed(files)


def _map() -> np.ndarray:
    """(20, 15): three fields on a ground that nobody labelled."""
    classes = np.zeros((20, 15), np.uint8)
    classes[2:9, 3:12], classes[10:14], classes[15:18, 2:9] = 1, 2, 3
    return classes


def _cube() -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=(20, 15, 30)).cumsum(axis=2)
    return (1000 + 100 * noise + 300 * _map()[..., None].astype(float)).astype(np.uint16)


def _steps() -> bytes:
    """(24, 40, 6): windows in which one of three things starts at its own time."""
    rng = np.random.default_rng(5)
    classes = np.where(np.arange(40) < rng.integers(5, 35, (24, 1)), 0, 1 + rng.integers(0, 2, (24, 1)))
    return _npz(X=rng.normal(size=(24, 40, 6)).cumsum(axis=1) + classes[..., None], y=classes)


def _h5ad(
    *columns: str,
    sparse: Callable[[np.ndarray], scipy.sparse.spmatrix] | None = None,
    is_old: bool = False,
    cut: int = 0,
) -> bytes:
    counts = np.random.default_rng(0).poisson(1.0, (40, 12)).astype(np.float32)
    stream, text = io.BytesIO(), h5py.string_dtype()
    with h5py.File(stream, "w") as file:
        if sparse is None:
            file["X"] = counts
        else:
            packed_counts = sparse(counts)
            for part in ("data", "indices", "indptr"):
                file[f"X/{part}"] = getattr(packed_counts, part)[: -cut or None]
        file.create_dataset("obs/_index", data=[f"cell{i}" for i in range(40)], dtype=text)
        file["obs/n_counts"] = counts.sum(axis=1)
        for column in columns:
            codes = (np.arange(40) % 3).astype(np.int8)
            where = f"obs/__categories/{column}" if is_old else f"obs/{column}/categories"
            file[f"obs/{column}" if is_old else f"obs/{column}/codes"] = codes
            file.create_dataset(where, data=_TYPES, dtype=text)
        file.create_dataset("var/_index", data=[f"gene{i}" for i in range(12)], dtype=text)
        file["obsm/X_pca"] = counts[:, :5]
    return stream.getvalue()


_CELLS = {"modality": "tabular", "n": 40, "classes": [*_TYPES], "features": [f"gene{i}" for i in range(12)]}
_SCENE = {"modality": "series", "shape": [1, 30], "n": 144, "classes": ["1", "2", "3"]}

CORPUS = {
    "batches": _brought("a.npz", lambda: _npz(**_in_parts("data_batch_{}", "labels_batch_{}")), n=90, label="labels"),
    "numbers behind": _brought("a.npz", lambda: _npz(**_in_parts("x_{}", "y_{}", range(3))), n=63),
    "numbers at once": _brought("a.npz", lambda: _npz(**_in_parts("X{}", "y{}")), n=90),
    "parts of one split": _brought(
        "a.npz",
        lambda: _npz(**_in_parts("X_train_{}", "y_train_{}"), X_test=_x(9), y_test=_y(9)),
        n=110,
        splits={"train": 72, "val": 18, "test": 20},
    ),
    "batches with the labels of all": _brought(
        "a.npz", lambda: _npz(**{f"data_batch_{i}": _x(i) for i in range(4)}, labels=_y(0, 80)), n=80
    ),
    "folds": _brought("a.npz", lambda: _npz(**_in_parts("fold{}_x", "fold{}_y")), "warned", "possible-split", n=90),
    "the highest fold tests": _brought(
        "a.npz",
        lambda: _npz(**_in_parts("fold{}_x", "fold{}_y")),
        said=Reading(split="fold"),
        splits={"train": 43, "val": 23, "test": 24},
    ),
    "a folder a fold": _brought("a.zip", _folders, "warned", "possible-split", n=80),
    "a folder a fold with more arrays": _brought("a.zip", lambda: _folders("ids"), "warned", "possible-split", n=80),
    "batches with a test batch": _brought(
        "a.npz",
        lambda: _npz(**_in_parts("data_batch_{}", "labels_batch_{}"), test_batch=_x(9), test_labels=_y(9)),
        "warned",
        "part-unused",
        n=90,
    ),
    "one part, said": _brought(
        "a.npz",
        lambda: _npz(**_in_parts("x_{}", "y_{}")),
        "warned",
        "part-unused",
        said=Reading(samples="x_1", label="y_1"),
        n=21,
    ),
    "two views of the same samples": _brought(
        "a.npz", lambda: _npz(x_0=_x(0), x_1=_x(1), y_0=_y(0), y_1=_y(0)), "refused", "--read samples=x_0"
    ),
    "two views with one label": _brought(
        "a.npz", lambda: _npz(x_0=_x(0), x_1=_x(1), y=_y(0)), "refused", "x_1 (20 x 5"
    ),
    "parts of two widths": _brought(
        "a.npz", lambda: _npz(x_0=_x(0), x_1=_x(1)[:, :4], y_0=_y(0), y_1=_y(1)), "refused", "x_1 (20 x 4"
    ),
    "an array a class": _brought(
        "a.npz", lambda: _npz(**{f"class_{i}": _x(i) for i in range(4)}), "refused", "a label for each"
    ),
    "arrays of splits in a zip": _brought(
        "a.zip",
        lambda: packed({f"{s}.npz": _npz(X=_x(i), y=_y(i)) for i, s in enumerate(("train", "test"))}),
        splits={"train": 16, "val": 4, "test": 20},
    ),
    "samples and labels in two files of a zip": _brought(
        "a.zip", lambda: packed({"samples.npz": _npz(X=_x(0)), "labels.npz": _npz(y=_y(0))}), n=20
    ),
    "a scene": _brought(
        "a.mat", lambda: _mat(pines=_cube(), pines_gt=_map()), "warned", "missing-labels", label="pines_gt", **_SCENE
    ),
    "a scene, its ground said": _brought(
        "a.mat", lambda: _mat(pines=_cube(), pines_gt=_map()), said=Reading(ignore="0"), **_SCENE
    ),
    "a scene with bands first": _brought(
        "a.npz",
        lambda: _npz(cube=np.moveaxis(_cube(), 2, 0), ground_truth=_map()),
        "warned",
        "missing-labels",
        **_SCENE,
    ),
    "a scene as a table": _brought(
        "a.mat",
        lambda: _mat(pines=_cube(), pines_gt=_map()),
        said=Reading(modality="tabular", missing="drop"),
        modality="tabular",
        shape=[30],
    ),
    "a scene that is labelled throughout": _brought(
        "a.mat", lambda: _mat(pavia=_cube(), pavia_gt=_map() % 2 + 1), n=300, classes=["1", "2"]
    ),
    "a scene under names of samples": _brought(
        "a.npz", lambda: _npz(X=_cube(), gt=_map()), "warned", "axes-guessed", "missing-labels", **_SCENE
    ),
    "a scene, its axes said": _brought(
        "a.npz",
        lambda: _npz(X=_cube(), y=_map()),
        said=Reading(axes="height+width+channels", missing="drop"),
        **_SCENE,
    ),
    "a scene in two files": _brought(
        "a.zip",
        lambda: packed({"pines_corrected.mat": _mat(pines_corrected=_cube()), "pines_gt.mat": _mat(pines_gt=_map())}),
        "warned",
        "missing-labels",
        **_SCENE,
    ),
    "a scene that looks like series": _brought(
        "a.npz",
        lambda: _npz(X=np.concatenate([_cube(), _cube()], 1)[..., :12], y=np.concatenate([_map(), _map()], 1)),
        "warned",
        "axes-guessed",
        modality="series",
        task="segmentation",
        n=20,
    ),
    "a scene that cannot be series": _brought(
        "a.npz", lambda: _npz(X=_cube(), y=_map()), "refused", "--read axes=height+width+channels"
    ),
    "series with a class a step": _brought("a.npz", _steps, modality="series", task="segmentation", n=24),
    "a scene without its map": _brought(
        "a.mat", lambda: _mat(pines=_cube()), "refused", "map of classes (20 x 15) is missing"
    ),
    "a map without its scene": _brought(
        "a.mat", lambda: _mat(pines_gt=_map()), "refused", "its scene (20 x 15 x bands)"
    ),
    "cells": _brought("a.h5ad", lambda: _h5ad("cell_type"), label="obs/cell_type", **_CELLS),
    "cells by rows": _brought("a.h5ad", lambda: _h5ad("cell_type", sparse=scipy.sparse.csr_matrix), **_CELLS),
    "cells by columns": _brought("a.h5ad", lambda: _h5ad("cell_type", sparse=scipy.sparse.csc_matrix), **_CELLS),
    "cells of an older file": _brought("a.h5ad", lambda: _h5ad("cell_type", is_old=True), **_CELLS),
    "cells with clusters, too": _brought(
        "a.h5ad", lambda: _h5ad("cell_type", "leiden"), "warned", "label-guessed", **_CELLS
    ),
    "cells of batches": _brought("a.h5ad", lambda: _h5ad("cell_type", "batch"), "warned", "possible-group", **_CELLS),
    "cells whose label is said": _brought(
        "a.h5ad", lambda: _h5ad("disease"), said=Reading(label="disease"), label="obs/disease", **_CELLS
    ),
    "cells without a label": _brought("a.h5ad", lambda: _h5ad("disease"), "refused", "disease", "--read label=NAME"),
    "damaged cells": _brought(
        "a.h5ad", lambda: _h5ad("cell_type", sparse=scipy.sparse.csr_matrix, cut=3), "refused", "sparse X is damaged"
    ),
}
