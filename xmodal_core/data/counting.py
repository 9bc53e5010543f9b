"""Whether numbers only count rows: in steps of one or of any other size, in order or shuffled."""

import numpy as np

FEWEST = 10  # rows
_GAPS = 2.0  # a counter may have lost every second row
_SHUFFLED_FROM = 30  # rows; fewer numbers without a repeat may be chance
_EXACT = 2.0**53
_EVEN = 0.05  # share of a step by which steps of fractions may differ, for they are rounded


def counting_step(values: np.ndarray) -> float:
    """The step by which numbers (n,) count the rows; 0 where they do not.

    Whole numbers may have gaps, or be shuffled, in steps of more than one without gaps; fractions rise or fall evenly
    in the order of the rows.
    """
    if len(values) < FEWEST:
        return 0.0
    in_order = bool((values[1:] > values[:-1]).all() or (values[1:] < values[:-1]).all())
    if not np.isfinite(values).all():
        return 0.0
    if _are_whole(values):
        return _whole_step(values, in_order)
    steps = np.diff(values.astype(np.float64))
    mean = abs(float(steps.mean()))
    return mean if in_order and float(np.abs(np.abs(steps) - mean).max()) <= _EVEN * mean else 0.0


def _are_whole(values: np.ndarray) -> bool:
    if values.dtype.kind in "iu":
        return True
    return bool((values[:FEWEST] == np.floor(values[:FEWEST])).all() and (values == np.floor(values)).all())


def _whole_step(values: np.ndarray, in_order: bool) -> float:
    if not in_order and len(values) < _SHUFFLED_FROM:
        return 0.0
    if values.dtype.kind == "f" and float(np.abs(values).max()) >= _EXACT:
        return 0.0
    apart = np.diff(np.sort(values.astype(np.int64) if values.dtype.kind == "f" else values))
    if not (apart > 0).all():
        return 0.0
    step = int(np.gcd.reduce(apart))
    span = (int(values.max()) - int(values.min())) // step + 1
    most = _GAPS * len(values) if in_order or step == 1 else len(values)  # what is rounded is in steps, too
    return float(step) if span <= most else 0.0
