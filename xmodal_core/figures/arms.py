"""Arms of a comparison: the same colour, symbol and dash in every figure of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from xmodal_core.figures.base import CLASS_COLOURS
from xmodal_core.verdict.at_level import ComparisonAtLevel

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
_DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class ArmMark:
    """How one arm looks."""

    title: str
    colour: str
    symbol: str
    dash: str


def arm_marks(levels: Sequence[ComparisonAtLevel]) -> dict[str, ArmMark]:
    """How every arm looks, by its name, in the order of the first level.

    Args:
        levels: all of a comparison, also where a figure shows fewer.
    """
    titles: dict[str, str] = {}
    for level in levels:
        for row in level.table:
            titles.setdefault(row.arm, row.title)
    return {
        arm: ArmMark(title, *(of[i % len(of)] for of in (CLASS_COLOURS, _SYMBOLS, _DASHES)))
        for i, (arm, title) in enumerate(titles.items())
    }
