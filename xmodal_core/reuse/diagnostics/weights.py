"""How far did the weights themselves move? |theta1 - theta0| / |theta0| by group of tensors.

Secondary: it grows with learning rate times steps, and a weight in front of a LayerNorm can be rescaled without any
change of function.

Reference: Neyshabur et al., What is being transferred in transfer learning?, NeurIPS 2020, arXiv 2008.11687.
"""

import math
import re
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from xmodal_core.errors import DataError

_NUMBER = re.compile(r"\.(\d+)\.")
REST = "outside the layers"


def weight_distance(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Relative distance of each layer's tensors taken together, of what is in no layer, and of "all" (last).

    Args:
        before: tensors by name; the first number in a name is its layer, counted from 0.
        after: the same names and shapes after training.

    Returns:
        by group, layers counted from 1: Frobenius norm of the difference / norm before; infinite where there was
        nothing before and something after.

    Raises:
        DataError: names or shapes differ, or there is no tensor.
    """
    if not before or {k: v.shape for k, v in before.items()} != {k: v.shape for k, v in after.items()}:
        raise DataError(
            f"Found {len(before)} tensors before and {len(after)} after, expected the same "
            "names and shapes of one network."
        )
    moved: dict[str, float] = defaultdict(float)
    size: dict[str, float] = defaultdict(float)
    for name, old in before.items():
        old = old.astype(np.float64)
        for group in (group_of(name), "all"):
            moved[group] += float(((after[name] - old) ** 2).sum())
            size[group] += float((old**2).sum())
    return {group: _ratio(moved[group], size[group]) for group in sorted(size, key=_place)}


def group_of(name: str) -> str:
    """The layer that a tensor belongs to, by the first number in its name."""
    found = _NUMBER.search(name)
    return REST if found is None else f"layer {int(found[1]) + 1}"


def _ratio(moved: float, size: float) -> float:
    if size > 0:
        return math.sqrt(moved / size)
    return math.inf if moved > 0 else 0.0


def _place(group: str) -> tuple[int, int]:
    layer = group.removeprefix("layer ")
    return (0, int(layer)) if layer.isdecimal() else (1 + (group == "all"), 0)
