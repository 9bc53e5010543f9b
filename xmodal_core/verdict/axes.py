"""What the levels of an experiment differ in: training rows, or the budget of steps on the target's labels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """One axis with its words.

    Attributes:
        name: what is counted along it.
        short: the same where it has been said before.
        level: what one number of it is.
        other: how a level of the other axis stands in front of a sentence about this one.
    """

    name: str
    short: str
    level: str
    other: str

    def where(self, other: int | None) -> str:
        """What was held while the levels of this axis were walked along, for instance "At 300 steps on labels"."""
        return "" if other is None else self.other.format(f"{other:,}")


ROWS = Axis("training rows", "rows", "size", "At {} steps on labels")
STEPS = Axis("steps on labels", "steps", "budget", "With {} training rows")
AXES = {axis.name: axis for axis in (ROWS, STEPS)}
