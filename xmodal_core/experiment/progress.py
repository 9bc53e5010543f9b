"""How far an experiment is, and what was tried on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xmodal_core.values import JsonValue


@dataclass(frozen=True)
class Tried(JsonValue):
    """One candidate that the validation rows judged.

    Attributes:
        pool: whom it would stand for.
        arm: the method.
        learning_rate: its peak.
        train_rows: that it was trained on; 0 for all.
        label_steps: its budget.
        seed: of the run.
        validation: score; None where the run failed.
        chosen: whether it goes on to every seed.
        failed: why it failed, one sentence; None where it did not.
    """

    pool: str
    arm: str
    learning_rate: float | None
    train_rows: int
    label_steps: int
    seed: int
    validation: float | None
    chosen: bool
    failed: str | None = None


@dataclass(frozen=True)
class Progress(JsonValue):
    """How far an experiment is.

    Attributes:
        doing: what it does now, in a sentence; empty at its end.
        planned: runs from beginning to end.
        runs: names of those that it has asked for so far, each once.
        tried: candidates, in the order in which they were judged.
        failed: by name of the run, why it has no result; of those that were chosen or had no rival.
    """

    doing: str
    planned: int
    runs: tuple[str, ...] = ()
    tried: tuple[Tried, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
