"""What is in the gallery: each item as the question it shows, and what has to be measured and trained for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BODY = "fractal-vit"
ARMS = ("orca", "finetune", "scratch", "simple")
CURRICULUM = "pare"
SEEDS = (0, 1, 2)
ROWS = 500  # a side of a gap
GAP_SEED = 0


@dataclass(frozen=True)
class Item:
    """One item.

    Attributes:
        name: in addresses and file names.
        title, text: what it shows, in plain words; what came of it is told by its numbers.
        target, source: data sets that ship.
        steps: of the stages that its runs have; all get as many steps on labels, those of a curriculum included.
        seeds: of its runs.
        curriculum: whether PaRe is among its arms.
    """

    name: str
    title: str
    text: str
    target: str
    source: str = "fractals"
    steps: Mapping[str, int] = field(
        default_factory=lambda: {"align_steps": 30, "curriculum_steps": 15, "refine_steps": 30}
    )
    seeds: tuple[int, ...] = SEEDS
    curriculum: bool = False

    @property
    def arms(self) -> tuple[tuple[str, ...], ...]:
        """What is trained together: PaRe by itself, for of two ways of crossing one would be given up."""
        return (ARMS, (CURRICULUM,)) if self.curriculum else (ARMS,)


_ALL = (
    Item("same", "The same data on both sides", "Digits against digits: no gap to cross.", "digits", "digits"),
    Item(
        "digits",
        "Other pictures",
        "A network that saw only fractals meets handwritten digits.",
        "digits",
        curriculum=True,
    ),
    Item(
        "vowels",
        "Spectrograms",
        "The same network meets synthesised voices, drawn as spectrograms.",
        "vowels",
        curriculum=True,
    ),
    Item("shuffled", "Labels shuffled", "Digits with labels dealt out at random.", "digits@shuffled"),
    Item(
        "watch",
        "A smart watch",
        "Six channels of a wrist: does the network know motion?",
        "basic_motions",
        curriculum=True,
    ),
    Item("wine", "A small table", "13 chemical measurements of a wine: which grower?", "wine"),
    Item("field", "Water in rock", "From a map of rock to a map of pressure, cell by cell.", "darcy"),
)
ITEMS: dict[str, Item] = {item.name: item for item in _ALL}
