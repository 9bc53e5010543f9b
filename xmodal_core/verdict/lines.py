"""A paired difference between the levels of an axis, in a straight line against its logarithm: where is it zero?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from xmodal_core.verdict.crossed import Spread
from xmodal_core.verdict.differences import Differences

_GRID = 32  # places between two levels at which zero is looked for, before ends are found by halving
_HALVINGS = 20
_ZERO = 1e-9  # what rounding leaves of no difference at all


@dataclass(frozen=True, eq=False)
class Line:
    """Differences at two levels or more, and what is between them; see `straight`.

    Places count levels: 0 is the first, 1 the second, 0.5 half way between them in the logarithm.

    Attributes:
        levels: ascending, above zero.
        found: at each of them, of the same seeds, and the same rows or none.
    """

    levels: Sequence[int]
    found: Sequence[Differences]

    def spread(self, place: float) -> Spread:
        """Mean and interval of the difference at a place."""
        first = min(int(place), len(self.levels) - 2)
        return self.found[first + 1].continued(self.found[first], place - first - 1).spread

    def sign(self, place: float) -> int:
        """1 or -1 where the whole interval lies on one side of zero, else 0."""
        found = self.spread(place)
        half = math.inf if found.half is None else found.half
        return int(found.mean - half > _ZERO) - int(found.mean + half < -_ZERO)

    def value(self, place: float) -> float:
        """What of the axis a place is."""
        first = min(int(place), len(self.levels) - 2)
        low, high = (math.log(level) for level in self.levels[first : first + 2])
        return math.exp(low + (place - first) * (high - low))

    @cached_property
    def zeros(self) -> tuple[float, ...]:
        """Places where the mean changes sign, ascending."""
        means = [float(own.by_seed.mean()) for own in self.found]
        known = [i for i, mean in enumerate(means) if abs(mean) > _ZERO]
        return tuple(
            i + means[i] / (means[i] - means[j]) if j == i + 1 else (i + j) / 2
            for i, j in pairwise(known)
            if means[i] * means[j] < 0
        )

    @cached_property
    def stretches(self) -> tuple[tuple[int, float, float], ...]:
        """Where zero is ruled out, ascending: the sign there, and both ends."""
        places = [i / _GRID for i in range(_GRID * (len(self.levels) - 1) + 1)]
        signs = [self.sign(place) for place in places]
        found, first = [], 0
        for i in range(1, len(places) + 1):
            if i < len(places) and signs[i] == signs[first]:
                continue
            if signs[first]:
                start = self._edge(signs[first], places[first], places[max(first - 1, 0)])
                end = self._edge(signs[first], places[i - 1], places[min(i, len(places) - 1)])
                found.append((signs[first], start, end))
            first = i
        return tuple(found)

    def _edge(self, sign: int, inside: float, outside: float) -> float:
        """The last place with this sign between one that has it and one that has not."""
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if self.sign(middle) == sign else (inside, middle)
        return inside

    def changes(self) -> list[tuple[int, float, float]]:
        """Between two stretches of opposite signs: the second sign, the end of the one and the start of the other."""
        return [(after[0], before[2], after[1]) for before, after in pairwise(self.stretches) if before[0] != after[0]]


def straight(levels: Sequence[int], found: Sequence[Differences]) -> Line:
    """The line through differences of the same seeds, over seeds alone unless all have the same test rows.

    Args:
        levels: two or more, ascending, above zero.
        found: at each of them.
    """
    # a level without rows would make the interval jump between its neighbours
    alike = [own.continued(found[0], 0.0).by_row is not None for own in found]
    return Line(levels, found if all(alike) else [replace(own, by_row=None, ids=None, groups=None) for own in found])
