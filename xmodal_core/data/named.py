"""One door for the command line and run files: a name that ships, or a file."""

import os
from pathlib import Path

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.readers import read
from xmodal_core.data.readers.upload import printable
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import is_stored, load_dataset
from xmodal_core.errors import DataError


def load_named(name_or_path: str, *, n: int = 2000, seed: int = 0) -> LabelledDataset:
    """The example, the source or the file of this name; names win over files.

    Args:
        name_or_path: a key of `EXAMPLES` or `SOURCES`, a file that a reader takes, or a stored data set.
        n: rows of a source; examples and files come whole.
        seed: draw of a source.

    Raises:
        DataError: nothing has this name, or the file cannot be used.
    """
    if name_or_path in EXAMPLES:
        return EXAMPLES[name_or_path].load()
    if name_or_path in SOURCES:
        return SOURCES[name_or_path].load(n, seed)
    path = Path(os.path.expanduser(name_or_path))  # unlike Path.expanduser, no error for ~nobody
    if not _is_file(path):
        raise DataError(
            f"{printable(name_or_path)!r} is neither a file nor a known name, expected a path, an example "
            f"({', '.join(EXAMPLES)}) or a source ({', '.join(SOURCES)}); check the spelling."
        )
    return load_dataset(path) if is_stored(path) else read(path, path.name)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False
