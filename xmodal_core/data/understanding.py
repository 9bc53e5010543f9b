"""`Understanding`: what a reader made of a file, so that a person can see it before anything is measured.

Everything that was guessed, left out, changed or found doubtful is here; what is not here did not happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xmodal_core.data.reading import Reading
from xmodal_core.values import JsonValue

SCHEMA = 1
OTHER = "(other)"  # the category that rare ones share
IS_MISSING = " is missing"  # behind the name of the feature that an indicator is of


@dataclass(frozen=True)
class Caution(JsonValue):
    """One doubt about what was read.

    Attributes:
        code: its kind, one of the words that `docs/data.md` lists; stable for programs.
        message: what was found, with the number.
        fix: what a person can do about it.
        mends: what to say to the reader to do so; None where it is not for the reader to mend.
    """

    code: str
    message: str
    fix: str
    mends: Reading | None = None

    def sentence(self, option: str = "--read") -> str:
        """Message and fix for a person at the command line, where `option` says something to the reader."""
        flag = f" ({option} {self.mends.on_command_line()})" if self.mends is not None else ""
        return f"{self.message}; {self.fix}{flag}."


@dataclass(frozen=True)
class Part(JsonValue):
    """An array, a column, a folder or a sheet that the file has.

    Attributes:
        name: as in the file.
        holds: what is in it, such as "120 x 3 float64" or "3 different words".
        role: what it was taken for: samples, feature, label, split, group, time, id, or left out.
    """

    name: str
    holds: str
    role: str


@dataclass(frozen=True)
class Feature(JsonValue):
    """A feature of a table.

    Attributes:
        name: as in the file.
        kind: number, date (as days), category or indicator (of a value that was missing).
        missing: share of its values that were.
        categories: their names by code; empty for a number.
        fill: what stands for a missing number, from the training rows; None where none was missing.
        written: how a date is written in the file, such as "day/month/year", or which marks numbers have, such as
            "decimal comma, thousands point"; empty for all else.
    """

    name: str
    kind: str
    missing: float = 0.0
    categories: tuple[str, ...] = ()
    fill: float | None = None
    written: str = ""

    @property
    def order(self) -> str:
        """What comes first in a date of numbers, as `Reading.dates` has it; empty where that is never open."""
        parts = {"day/month": "day-first", "day-month": "day-first", "month/day": "month-first"}
        parts["month-day"] = "month-first"
        return next((order for start, order in parts.items() if self.written.startswith(start)), "")


@dataclass(frozen=True)
class LeftOut(JsonValue):
    """What is in the file and not in the data set.

    Attributes:
        what: rows, columns, arrays or files.
        n: how many.
        names: the first few.
        why: a clause.
    """

    what: str
    n: int
    names: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Understanding(JsonValue):
    """What a reader made of a file.

    Attributes:
        file: as the person knows it.
        format: what the file is, such as "csv, cp1252, separated by semicolons".
        reading: what the person said; the rest was found out.
        n: rows that were read.
        modality, label, task, split: what they are, each with the reason; `label` is empty where the file has no
            part of labels (class folders).
        shape: of one sample, named by `axes`.
        splits: rows of train, val and test.
        group: what keeps rows together, empty where nothing does.
        parts, features, left_out, changed, warnings: see their types; `changed` are clauses.
        shifts: what was taken off a feature or a channel, by its number from 0, in the units of the file.
        letters: what the codes 1, 2, ... of a sequence stand for; 0 is behind its end.
    """

    file: str
    format: str
    n: int
    modality: str
    modality_reason: str
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    task: str
    task_reason: str
    n_outputs: int
    classes: tuple[str, ...]
    label: str
    label_reason: str
    splits: Mapping[str, int]
    split_reason: str
    group: str = ""
    n_groups: int = 0
    parts: tuple[Part, ...] = ()
    features: tuple[Feature, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    changed: tuple[str, ...] = ()
    warnings: tuple[Caution, ...] = ()
    reading: Reading = field(default_factory=Reading)
    schema: int = SCHEMA
    shifts: Mapping[str, float] | None = None
    letters: tuple[str, ...] | None = None
