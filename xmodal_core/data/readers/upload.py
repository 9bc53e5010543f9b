"""What a reader is given: the bytes, a name for the data set, and what the person said about them."""

import io
from dataclasses import dataclass, field
from typing import BinaryIO

from xmodal_core.data.reading import Reading


@dataclass(frozen=True, eq=False)
class Upload:
    """One file on its way in.

    Attributes:
        stream: seekable bytes, at position 0.
        name: printable name of the data set; every error starts with it.
        filename: the file as the person knows it.
        reading: what the person said about it.
    """

    stream: BinaryIO
    name: str
    filename: str
    reading: Reading = field(default_factory=Reading)

    def size(self) -> int:
        """Number of bytes; leaves the stream at its start."""
        size = self.stream.seek(0, io.SEEK_END)
        self.stream.seek(0)
        return size
