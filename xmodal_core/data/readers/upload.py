"""What a reader is given: the bytes, a name for the data set, and what the person said about them."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from xmodal_core.data.dataset import Modality, Task


@dataclass(frozen=True, eq=False)
class Upload:
    """One file on its way in.

    Attributes:
        stream: seekable bytes, at position 0.
        name: printable name of the data set; every error starts with it.
        filename: the file as the person knows it.
        modality: chosen by the person; None lets the reader guess.
        label_column: column (table) or array (.npz) that holds the labels; None lets the reader guess.
        task: what the targets are, chosen by the person; None lets the reader guess.
    """

    stream: BinaryIO
    name: str
    filename: str
    modality: Modality | None = None
    label_column: str | None = None
    task: Task | None = None

    def size(self) -> int:
        """Number of bytes; leaves the stream at its start."""
        size = self.stream.seek(0, io.SEEK_END)
        self.stream.seek(0)
        return size


def printable(text: str, longest: int = 80) -> str:
    """The text on one line, without control characters, cut to a length that fits a sentence."""
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."
