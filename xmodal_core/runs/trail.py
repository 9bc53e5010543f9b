"""What a run leaves step by step: a log with a record for each, and folders with a file for some of them.

Whoever reads while it grows goes on where the last look ended, and a run that is resumed drops what it takes again.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.errors import RunError
from xmodal_core.files import replacing
from xmodal_core.runs.records import StepRecord


@dataclass(frozen=True)
class StepLog:
    """Step records as lines of JSON, only ever appended; a line that a crash cut off is none."""

    path: Path

    def append(self, record: StepRecord) -> None:
        """Write one record behind the others."""
        with self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(record).encode() + b"\n")

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
        return [json.loads(line) for line in whole.splitlines()], offset + len(whole)

    def cut(self, done: int) -> None:
        """Drop records of steps after `done`, and a torn last line."""
        if not self.path.is_file():
            return
        size = 0
        for line in self.path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n") or json.loads(line)["done"] > done:
                break
            size += len(line)
        os.truncate(self.path, size)

    def reach_disk(self) -> None:
        """Wait until a power cut would lose none of it."""
        if self.path.is_file():
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())


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


class Frames(StepFiles):
    """What steps can show: arrays by name, an .npz a step."""

    def write(self, done: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep the arrays of step `done`."""
        with replacing(self.of(done)) as stream:
            np.savez(stream, allow_pickle=False, **arrays)

    def read(self, done: int) -> dict[str, np.ndarray]:
        """The arrays of step `done`.

        Raises:
            RunError: it has none, or a damaged file.
        """
        try:
            with np.load(self.of(done), allow_pickle=False) as file:
                return dict(file)
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            run = self.folder.parent.name
            raise RunError(f"step {done} of {run} has no readable frame; choose another step.") from error
