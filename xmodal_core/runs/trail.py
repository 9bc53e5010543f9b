"""What a run leaves step by step: a log with a record for each, and folders with a file for some of them.

Whoever reads while it grows goes on where the last look ended, and a run that is resumed drops what it takes again.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.errors import RunError
from xmodal_core.files import append_whole, reach_disk, replace_file, replacing
from xmodal_core.runs.records import StepRecord, is_step_record
from xmodal_core.values import parse_json

_OF_STEP, _OF_RUN = "of step", "of run"  # members of a frame that say whose it is


def _record(line: bytes) -> StepRecord | None:
    """The record in a line; None where it holds none."""
    try:
        value = parse_json(line)
    except ValueError:
        return None
    return value if is_step_record(value) else None


@dataclass(frozen=True)
class StepLog:
    """Step records as lines of JSON, only ever appended; a line that is cut off or damaged is none."""

    path: Path

    def append(self, record: StepRecord) -> None:
        """Write one record behind the others, whole or not at all.

        Raises:
            StorageError: the disk is full.
        """
        append_whole(self.path, json.dumps(record).encode() + b"\n")

    def read(self, offset: int = 0) -> tuple[list[StepRecord], int]:
        """Records from a byte offset on, and the offset to go on from; a torn last line is left for later.

        An offset past the end or inside a line, which a cut leaves, gives everything from the start.
        """
        if not self.path.is_file():
            return [], 0
        with self.path.open("rb") as file:
            file.seek(max(0, offset - 1))
            text = file.read()
            if offset > 0 and text[:1] != b"\n":
                file.seek(offset := 0)
                text = file.read()
            elif offset > 0:
                text = text[1:]
        whole = text[: text.rfind(b"\n") + 1]
        return [record for line in whole.split(b"\n") if (record := _record(line))], offset + len(whole)

    def cut(self, done: int) -> None:
        """Drop records of steps after `done`, and what is no record; of a step that is there twice the last stays."""
        if not self.path.is_file():
            return
        text = self.path.read_bytes()
        found = [(record["done"], line) for line in text.split(b"\n")[:-1] if (record := _record(line))]
        kept = {number: line + b"\n" for number, line in found if number <= done}
        whole = b"".join(kept[number] for number in sorted(kept))
        if text.startswith(whole):
            os.truncate(self.path, len(whole))  # as a rule: readers who are further keep their offset
        else:
            replace_file(self.path, whole)

    def reach_disk(self) -> None:
        """Wait until a power cut would lose none of it."""
        if self.path.is_file():
            reach_disk(self.path)


@dataclass(frozen=True)
class StepFiles:
    """A folder with one file for some of the steps, named by the step.

    Attributes:
        folder: made with its first file.
        suffix: of every name, with its dot.
    """

    folder: Path
    suffix: str

    def of(self, done: int) -> Path:
        """Where the file of step `done` is, or would be."""
        return self.folder / f"{done:06d}{self.suffix}"

    def numbers(self) -> list[int]:
        """Steps that have a file, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob(f"*{self.suffix}") if path.stem.isdecimal())

    def cut(self, done: int) -> None:
        """Drop the files of steps after `done`."""
        for number in self.numbers():
            if number > done:
                self.of(number).unlink(missing_ok=True)


@dataclass(frozen=True)
class Frames(StepFiles):
    """What steps can show: arrays by name, an .npz a step, which knows its step and its run.

    Attributes:
        run: what the run's specification is told by.
    """

    run: str = ""

    def write(self, done: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep the arrays of step `done`."""
        with replacing(self.of(done)) as stream:
            mine = {_OF_STEP: np.array(done), _OF_RUN: np.array(self.run)}
            np.savez(stream, allow_pickle=False, **arrays, **mine)

    def read(self, done: int) -> dict[str, np.ndarray]:
        """The arrays of step `done`.

        Raises:
            RunError: it has none, or a damaged file.
        """
        run = self.folder.parent.name
        try:
            with np.load(self.of(done), allow_pickle=False) as file:
                arrays = dict(file)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise RunError(f"step {done} of {run} has no readable frame; choose another step.") from error
        step, of = arrays.pop(_OF_STEP, None), arrays.pop(_OF_RUN, None)  # earlier versions wrote neither
        if (step is not None and step != done) or (of is not None and self.run and of != self.run):
            raise RunError(f"the frame of step {done} of {run} is another step's or run's; choose another step.")
        return arrays
