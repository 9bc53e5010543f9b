"""`Guess`: what samples most likely are, why, and what else they may be."""

from dataclasses import dataclass

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution

ROWS_SEEN = 2000
_VALUES_SEEN = 2**21  # of large samples fewer rows say as much
CHANNELS_FIRST = ("channels", "height", "width")
CHANNELS_LAST = ("height", "width", "channels")
TIME_LAST = ("channels", "time")
TIME_FIRST = ("time", "channels")


@dataclass(frozen=True)
class Guess:
    """What samples are.

    Attributes:
        modality, reason: the guess, and one line for the person who can overrule it.
        axes: of one sample in the order of the file, axes of length one left out where there are too many; empty
            where they need no names.
        doubts: what else they may be, each with how to say so.
    """

    modality: Modality
    reason: str
    axes: tuple[str, ...] = ()
    doubts: tuple[Caution, ...] = ()


def rival(found: str, other: Modality, guess: Modality) -> Caution:
    """The doubt that samples are something else.

    Args:
        found: a clause about what they look like.
        other: the close second.
        guess: what they were read as.
    """
    return Caution(
        "modality-guessed",
        f"{found}; read as {guess}, they may be {other}",
        f"read them as {other} if so, or confirm with modality={guess}",
        Reading(modality=other),
    )


def exchanged(found: str, other: tuple[str, ...], guess: tuple[str, ...]) -> Caution:
    """The doubt that axes are in another order."""
    return Caution(
        "axes-guessed",
        f"{found}; their order was taken to be {'+'.join(guess)}",
        f"say the other order if so, or confirm with axes={'+'.join(guess)}",
        Reading(axes="+".join(other)),
    )


@dataclass(frozen=True)
class Values:
    """What the first rows hold.

    Attributes:
        low, high: of the finite values; both 0 where there are none.
        whole: they are whole numbers and truth values.
        n_kinds: different values.
    """

    low: float
    high: float
    whole: bool
    n_kinds: int

    @property
    def binary(self) -> bool:
        """Only 0 and 1."""
        return self.whole and self.low >= 0 and self.high <= 1

    @property
    def like_pixels(self) -> bool:
        """Grey values in bytes or two bytes, on or off, or shares of white."""
        return self.low >= 0 and (self.whole or self.high <= 1)


def values_of(inputs: np.ndarray) -> Values:
    """Look at the first rows of numbers (n, ...)."""
    rows = max(1, min(ROWS_SEEN, _VALUES_SEEN // max(1, inputs[:1].size)))
    seen = inputs[:rows].reshape(-1)
    if seen.dtype.kind == "f":
        seen = seen[np.isfinite(seen)]
    kinds = np.unique(seen)
    if not len(kinds):
        return Values(0.0, 0.0, False, 0)
    whole = kinds.dtype.kind != "f" or bool((kinds == np.floor(kinds)).all())
    return Values(float(kinds[0]), float(kinds[-1]), whole, len(kinds))
