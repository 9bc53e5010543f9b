"""The translation lab: what becomes of the readings when the target is slid, scaled, relabelled or loses a class.

Everything is counted on the drawn rows. What moves a number is what it looks at: a slide along the difference of the
means moves what looks at places, shuffled labels only what looks at labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.environment import one_blas_thread
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap import METRICS
from xmodal_core.gap.pair import feature_pair

READ = ("otdd", "sliced", "centroid", "knn", "target_knn")
_LARGEST_SCALE = 10.0


@dataclass(frozen=True)
class Translation:
    """What is done to the target, in this order: a class is dropped, it is scaled and slid, its labels are shuffled.

    Attributes:
        slide: share of the way from its own mean to the source's, 0 to 1.
        scale: what its distances from its own mean are multiplied by, above 0.
        shuffled: whether its labels are dealt out at random.
        dropped: name of the class that is left out; None for none.

    Raises:
        SettingsError: a number out of its range.
    """

    slide: float = 0.0
    scale: float = 1.0
    shuffled: bool = False
    dropped: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.slide <= 1:
            raise SettingsError(f"slide is {self.slide}, expected a share from 0 to 1.")
        if not 0 < self.scale <= _LARGEST_SCALE:
            raise SettingsError(f"scale is {self.scale}, expected a number above 0 and at most {_LARGEST_SCALE:g}.")


def translated(source: Embedding, target: Embedding, what: Translation, seed: int = 0) -> Embedding:
    """The target (m, d) after a translation; nothing asked for gives it back as it is, bit for bit.

    Raises:
        DataError: the widths differ, features are not finite, or the class that is dropped is the only one.
    """
    if what.dropped is not None:
        target = _without(target, what.dropped)
    if what.slide or what.scale != 1:
        x, y = feature_pair(source, target)
        mean = y.mean(axis=0)
        moved = mean + what.scale * (y - mean) + what.slide * (x.mean(axis=0) - mean)
        target = replace(target, features=moved)
    if what.shuffled:
        target = target.relabelled(np.random.default_rng(seed).permutation(target.labels))
    return target


def lab_readings(source: Embedding, target: Embedding) -> dict[str, float]:
    """The value of every reading of `READ` that takes these rows, by metric, with its usual settings."""
    found = {}
    with one_blas_thread():
        for name in READ:
            metric = METRICS[name]
            try:
                found[name] = metric.statistic(source, target, metric.settings_type()).value
            except DataError:  # as where a single class is left: its line stays empty
                continue
    return found


def changed(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, bool]:
    """Whether a reading moved by more than rounding, by metric that has both values."""
    both = [name for name in before if name in after]
    return {name: abs(after[name] - before[name]) > 1e-6 * max(abs(before[name]), 1e-6) for name in both}


def class_counts(side: Embedding) -> dict[str, int]:
    """Rows by class name, of classes that have any."""
    labels, counts = np.unique(side.labels, return_counts=True)
    return {side.class_names[label]: int(n) for label, n in zip(labels, counts, strict=True)}


def _without(target: Embedding, name: str) -> Embedding:
    keep = np.array([target.class_names[label] != name for label in target.labels])
    if not keep.any():
        raise DataError(f"{target.provenance} has no class but {name}, expected another one; drop none.")
    return target.take(np.flatnonzero(keep))
