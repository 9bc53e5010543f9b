"""What a workspace to look at holds, copied into a person's own, where it may be changed."""

import shutil
import tempfile
from pathlib import Path


def take(item: Path, workspace: Path) -> int:
    """Copy the runs and gaps of an item; what is there already stays as it is.

    Args:
        item: folder of the item.
        workspace: the person's own, made where it is missing.

    Returns:
        How many runs and gap reports came.

    Raises:
        OSError: the workspace cannot be written.
    """
    came = 0
    for kind in ("runs", "gap"):
        (workspace / kind).mkdir(parents=True, exist_ok=True)
        for found in sorted((item / kind).glob("*")):
            came += _copied(found, workspace / kind / found.name) and not found.name.endswith(
                (".umap.json", ".request.json")
            )
    return came


def _copied(source: Path, copy: Path) -> bool:
    """Whether it was not there before; it appears whole."""
    if copy.exists():
        return False
    with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".") as beside:
        made = Path(beside) / copy.name
        if source.is_dir():
            shutil.copytree(source, made)
        else:
            shutil.copyfile(source, made)
        made.rename(copy)
    return True
