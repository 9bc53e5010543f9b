"""Data of the gallery read once: `python -m xmodal_core.gallery.parsing`, a process of its own.

What is parsed from installed packages takes seconds the first time, most of them for importing the packages. The first
page starts this where something is missing, so that an item opens at once.
"""

import os
import sys

from xmodal_core.data.named import load_named
from xmodal_core.data.store import cache_root
from xmodal_core.gallery.items import ITEMS


def names() -> list[str]:
    """Data sets of all items, each once, those that are opened first standing first."""
    return list(
        dict.fromkeys(name for item in ITEMS.values() for name in (item.target, item.source) if "@" not in name)
    )


def is_parsed() -> bool:
    """Whether each of them was read before, as far as file names tell."""
    kept = [path.name for path in (cache_root() / "sources").glob("*.npz")]
    return all(any(file.startswith(f"{name}-") for file in kept) for name in names())


def main() -> int:
    """Read them all; the exit code is 0."""
    if hasattr(os, "nice"):
        os.nice(5)  # somebody is looking at the first page
    for name in names():
        load_named(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
