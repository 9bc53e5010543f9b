"""One door for the command line and run files: a name that ships, or a file."""

import os
from dataclasses import replace
from pathlib import Path

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.printable import printable_path
from xmodal_core.data.readers import read
from xmodal_core.data.readers.stored import check_as_read, told
from xmodal_core.data.reading import Reading
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import is_stored, load_dataset
from xmodal_core.data.variants import BREAKS, broken, split_reference
from xmodal_core.errors import DataError


def load_named(name_or_path: str, *, n: int = 2000, seed: int = 0, reading: Reading | None = None) -> LabelledDataset:
    """The example, the source, the file or the folder of this name; names win over files.

    Args:
        name_or_path: a key of `EXAMPLES` or `SOURCES`, a file or folder that a reader takes, or a stored data set; with
            @ and a key of `BREAKS` behind it, the same broken in this way. A file that is called so wins.
        n: rows of a source; examples and files come whole.
        seed: draw of a source.
        reading: what a person says about a file.

    Raises:
        DataError: nothing has this name, or the file cannot be used.
    """
    base, how = split_reference(name_or_path)
    if how and not _is_there(Path(os.path.expanduser(name_or_path))):
        return broken(load_named(base, n=n, seed=seed, reading=reading), how)
    shipped = name_or_path in EXAMPLES or name_or_path in SOURCES
    if shipped and reading is not None and reading.said:
        raise DataError(
            f"{name_or_path} ships and is read as it is, expected a file for {reading.said[0]}; leave the reading out."
        )
    if name_or_path in EXAMPLES:
        return EXAMPLES[name_or_path].load()
    if name_or_path in SOURCES:
        return SOURCES[name_or_path].load(n, seed)
    path = Path(os.path.expanduser(name_or_path))  # unlike Path.expanduser, no error for ~nobody
    if not name_or_path or not _is_there(path):  # Path("") is the folder that we are in
        raise DataError(
            f"{printable_path(name_or_path)!r} is neither a file or folder nor a known name, expected a path, an "
            f"example ({', '.join(EXAMPLES)}) or a source ({', '.join(SOURCES)}), broken on purpose with @ and one of "
            f"{', '.join(BREAKS)}; check the spelling."
        )
    if path.is_dir() or not is_stored(path):
        return read(path, path.name, reading)
    stored = load_dataset(path)
    check_as_read(stored, reading, path.name)
    if stored.understanding is None:
        stored = replace(stored, understanding=told(stored, path.name))
    return stored


def _is_there(path: Path) -> bool:
    try:
        return path.is_file() or path.is_dir()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False
