"""`Draft`: a data set on its way from a reader to `finish`, with everything that has to be said about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task
from xmodal_core.data.understanding import Caution, Feature, LeftOut, Part

_NAMED = 5  # names that a sentence has room for


@dataclass(eq=False)
class Draft:
    """What a reader found, row by row and in words; `finish` turns it into a `LabelledDataset`.

    Attributes:
        name: of the data set; every error starts with it.
        file: as the person knows it.
        reading: what the person said.
        format: what the file is.
        modality, modality_reason: of the inputs.
        inputs: (n, ...) in the layout of `LabelledDataset` but in the type of the file, so that nothing is lost
            before it is looked at; missing numbers are NaN.
        labels: (n, ...) as they came.
        label, label_reason: name of the column or array of labels and why it is the one; both empty for folders.
        class_names: as they came, may be empty.
        task, task_reason: where the reader knows it, and why; else it is found from the labels.
        splits, split_reason: (n,) words of any spelling and where they are from; None to split here.
        groups, group: (n,) which rows belong together, and the name of the column.
        times, time: (n,) what orders the rows, and the name of the column.
        features, category_counts: of a table.
        shifts, letters: see `Understanding`; None where nothing was taken off, and where codes stand for no letters.
    """

    name: str
    file: str
    reading: Reading
    format: str
    modality: Modality
    modality_reason: str
    inputs: np.ndarray
    labels: np.ndarray
    label: str = ""
    label_reason: str = ""
    class_names: Sequence[str] = ()
    task: Task | None = None
    task_reason: str = ""
    splits: np.ndarray | None = None
    split_reason: str = ""
    groups: np.ndarray | None = None
    group: str = ""
    times: np.ndarray | None = None
    time: str = ""
    features: Sequence[Feature] = ()
    category_counts: Sequence[int] = ()
    sampling_rate_hz: float | None = None
    parts: list[Part] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
    shifts: dict[str, float] | None = None
    letters: tuple[str, ...] | None = None

    def leave_out(self, what: str, names: Sequence[str], why: str) -> None:
        """Say that parts of the file are not in the data set."""
        if names:
            self.left_out.append(LeftOut(what, len(names), tuple(names[:_NAMED]), why))

    def warn(self, code: str, message: str, fix: str, mends: Reading | None = None) -> None:
        """Say that something is doubtful."""
        self.warnings.append(Caution(code, message, fix, mends))

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows only, bool (n,)."""
        for name in ("inputs", "labels", "splits", "groups", "times"):
            array = getattr(self, name)
            if array is not None:
                setattr(self, name, array[rows])
