"""Whether the places along an axis are in an order: neighbours are alike in a series or a picture, not in a table."""

import numpy as np

_ROWS = 500
_PLACES = 128


def is_ordered(inputs: np.ndarray, axis: int) -> bool:
    """Whether neighbours along this axis (n, ...) move together more than places far from each other do.

    Correlations over all rows and other places; each place is in its own units first, so that columns of a table
    with different means are not taken for a slope. False where there are too few places or rows to tell.
    """
    near, far, n = likeness(inputs, axis)
    apart = near > 1.5 * far or (near > 0.9 and 1 - far > 3 * (1 - near))
    return bool(near > 0.15 + 2 / np.sqrt(n) and apart)


def likeness(inputs: np.ndarray, axis: int) -> tuple[float, float, int]:
    """Mean size of the correlation of neighbours and of places far apart, in [0, 1], and observations behind it."""
    places = inputs.shape[axis]
    if places < 6 or inputs.dtype.kind not in "biuf":
        return 0.0, 0.0, 1
    start = (places - min(places, _PLACES)) // 2
    index = [slice(None)] * inputs.ndim
    index[0], index[axis] = slice(_ROWS), slice(start, start + _PLACES)
    seen = np.moveaxis(inputs[tuple(index)], axis, -1).astype(np.float64)
    table = seen.reshape(-1, seen.shape[-1])  # (observations, places)
    table = table[np.isfinite(table).all(axis=1)][:20_000]
    if len(table) < 8:
        return 0.0, 0.0, 1
    with np.errstate(over="ignore", invalid="ignore"):
        table = table - table.mean(axis=0)
        spread = table.std(axis=0)
        table = table[:, spread > 0] / spread[spread > 0]
    if table.shape[1] < 6 or not np.isfinite(table).all():
        return 0.0, 0.0, 1
    related = np.abs(table.T @ table) / len(table)
    far = related[np.triu_indices(len(related), max(2, len(related) // 4))]
    return float(np.diag(related, 1).mean()), float(far.mean()), len(table)
