"""What a reader is given: the bytes, a name for the data set, and what the person said about them."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from xmodal_core.data.reading import Reading


@dataclass(frozen=True, eq=False)
class Upload:
    """One file, or one folder of files, on its way in.

    Attributes:
        stream: seekable bytes, at position 0.
        name: printable name of the data set; every error starts with it.
        filename: the file as the person knows it.
        reading: what the person said about it.
        folder: where a folder was brought instead of a file; the stream is empty then.
        progress: called as reading goes on with files done and files in all, from one thread.
    """

    stream: BinaryIO
    name: str
    filename: str
    reading: Reading = field(default_factory=Reading)
    folder: Path | None = None
    progress: Callable[[int, int], None] | None = None

    def size(self) -> int:
        """Number of bytes; leaves the stream at its start."""
        size = self.stream.seek(0, io.SEEK_END)
        self.stream.seek(0)
        return size
