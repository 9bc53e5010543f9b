"""What a workspace to look at holds, copied into a person's own, where it may be changed."""

import shutil
from pathlib import Path

from xmodal_core.files import appearing, replace_file


def take(item: Path, workspace: Path) -> int:
    """Copy the runs and gaps of an item; what is there already stays as it is.

    Args:
        item: folder of the item.
        workspace: the person's own, made where it is missing.

    Returns:
        How many runs and files of gaps came.

    Raises:
        OSError: the workspace cannot be written.
    """
    came = 0
    for kind in ("runs", "gap"):
        (workspace / kind).mkdir(parents=True, exist_ok=True)
        for found in sorted((item / kind).glob("*"), reverse=True):  # what lies beside a report before the report
            came += _copied(found, workspace / kind / found.name)
    return came


def _copied(source: Path, copy: Path) -> bool:
    """Whether it was not there before; it appears whole."""
    if copy.exists():
        return False
    if source.is_file():
        replace_file(copy, source.read_bytes())
        return True
    with appearing(copy) as unfinished:
        shutil.copytree(source, unfinished, dirs_exist_ok=True)
    return True
