"""What is said of arrays that nothing tells the roles of: what there is, and how to say which is which."""

import re

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays import names
from xmodal_core.data.readers.arrays.held import Entry, Held, listing
from xmodal_core.errors import DataError

_SMALLEST_SIDE = 8  # of a scene


def unknown_layout(name: str, held: Held, entries: list[Entry]) -> DataError:
    """The refusal of a layout that is not known: what there is, and how to say which is which."""
    by_size = sorted(entries, key=lambda entry: -int(np.prod(entry.shape)))
    named = [entry for entry in entries if names.parse(entry.name).base in names.SAMPLES]
    samples = next(iter(named or by_size), None)
    unread = ", ".join(f"{printable(one, 30)} ({printable(kind, 60)})" for one, kind in held.unread[:3])
    found = f"{name}: found {listing(entries)}" + (f" and {unread}, not read" if unread else "")
    if samples is None and unread:
        return DataError(
            f"{name}: found {unread}, expected plain arrays of samples and labels, such as X and y; in MATLAB save the "
            "fields of a struct by themselves with save('new.mat', '-struct', 'name'), elsewhere with np.savez."
        )
    fitting = [e for e in entries if samples is not None and e is not samples and len(e) and len(e) == len(samples)]
    fitting = [e for e in fitting if not names.HARMLESS.search(names.parse(e.name).base)] or fitting
    fitting = [e for e in fitting if samples is None or not _is_sibling(e, samples)]
    if samples is not None and len(samples.shape) > 2 and any("coordinate" in e.name for e in entries):
        axes = "+".join(("time", "position") if len(samples.shape) == 3 else ("time", "height", "width"))
        return DataError(
            f"{found}, expected samples and a label for each; to learn the last time step of one array from its first, "
            f"say its axes, for instance --read samples={printable(samples.name, 30)},axes={axes}."
        )
    beside = [e for e in entries if samples is not None and e is not samples and _ends_alike(e, samples)]
    if samples is not None and not fitting and beside:
        return DataError(
            f"{found}, expected samples and a label for each, such as X and y; where samples lie on the last axis, say "
            f"so, for instance --read samples={_short(samples)},label={_short(beside[0])},axes=features+samples."
        )
    if samples is not None and not fitting and (half := _half_a_scene(samples)):
        return DataError(f"{found}, {half}")
    if samples is None or not fitting:
        return DataError(
            f"{found}, expected samples and a label for each, such as X and y; save both with np.savez(file, X=X, y=y)."
        )
    label = min(fitting, key=lambda entry: len(entry.shape))
    return DataError(
        f"{found}, expected samples and a label for each, such as X and y; say which is which, for instance --read "
        f"samples={_short(samples)},label={_short(label)}."
    )


def _half_a_scene(alone: Entry) -> str:
    """What is missing where a file holds the cube of a hyperspectral scene or its map of classes, "" where neither."""
    base, stem = names.parse(alone.name).base, re.sub(r"_?(gt|corrected)$", "", alone.name, flags=re.I)
    both = f"scipy.io.savemat('both.mat', {{'{printable(stem, 30)}': cube, '{printable(stem, 30)}_gt': classes}})"
    sides = " x ".join(map(str, alone.shape[:2]))
    if len(alone.shape) == 3 and base not in names.SAMPLES and min(alone.shape) >= _SMALLEST_SIDE:
        return (
            "expected samples and a label for each, such as X and y; if this is one scene of height x width x bands, "
            f"its map of classes ({sides}) is missing: put both into one file with {both}, or both files into one .zip."
        )
    if len(alone.shape) == 2 and base.endswith(("gt", "ground_truth")) and min(alone.shape) >= _SMALLEST_SIDE:
        return (
            f"expected samples and a label for each; this is a map of classes, and its scene ({sides} x bands) is "
            f"missing: put both into one file with {both}, or both files into one .zip."
        )
    return ""


def _is_sibling(one: Entry, other: Entry) -> bool:
    """Whether both are of one kind and numbered, such as img_0 and img_1."""
    return one.shape == other.shape and re.sub(r"\d+", "", one.name) == re.sub(r"\d+", "", other.name)


def _ends_alike(one: Entry, other: Entry) -> bool:
    """Whether both are tables whose last axes, the longest ones, are equally long."""
    both = len(one.shape) == len(other.shape) == 2 and one.shape[1] == other.shape[1]
    return both and one.shape[1] > max(len(one), len(other))


def check_dense(name: str, entries: list[Entry]) -> None:
    """Refuse the three arrays of a sparse matrix, whose values alone are no samples.

    Raises:
        DataError: there is such a matrix.
    """
    for entry in entries:
        folder, _, last = entry.name.rpartition("/")
        parts = {"data", "indices", "indptr"}
        if last == "indptr" and parts <= {e.name.rpartition("/")[2] for e in entries if e.name.startswith(folder)}:
            where = f" in {printable(folder, 30)}" if folder else ""
            what = f"the parts data, indices and indptr of a sparse matrix{where}"
            raise DataError(
                f"{name}: found {what}, expected plain arrays; save them with np.savez(file, X=X.toarray(), y=y)."
            )


def _short(entry: Entry) -> str:
    """What to call an array: without its split, so that those of other splits come along."""
    own = names.parse(entry.name)
    return printable(own.base if own.split and own.base else entry.name, 30)
