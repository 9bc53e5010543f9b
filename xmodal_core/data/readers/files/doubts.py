"""What is said of files in folders where another reading is as good: levels, names, and files without a class."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable, printable_path
from xmodal_core.data.readers.files.levels import Levels
from xmodal_core.data.readers.files.tree import Entry
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Part

FOLDER = "folder "  # "folder 1" is the one around a file, as a part of what was brought
_DOUBTFUL = re.compile(r"background[ _-]?google|(\d+\.)?clutter", re.I)
_SHOWN = 4
_MOST_NAMED = 20  # names that can still be read in one option


def tell_levels(draft: Draft, levels: Levels, columns: dict[int, np.ndarray], labelled: bool) -> None:
    """Parts of the tree by level; a warning where another level could be the class."""
    words = {level: sorted(set(names.tolist()) - {""}) for level, names in columns.items()}
    for level, names in words.items():
        role = "label" if labelled and level == levels.chosen else "left out"
        draft.parts.append(Part(f"{FOLDER}{level}", f"{len(names):,} names: {few(names)}", role))
    if not (labelled and levels.runner_up):
        return
    taken, other = few(sorted(set(draft.labels.tolist()))), few(words.get(levels.runner_up, []))
    if levels.uneven:
        message = f"files lie at different depths; the outermost folders were taken for classes ({taken})"
    else:
        message = f"the class was taken from the folder {levels.chosen} above a file ({taken})"
    draft.warn(
        "level-guessed",
        f"{message}, and folder {levels.runner_up} could be it, too ({other})",
        f"say level={levels.chosen} if this is right, level={levels.runner_up} if not",
        Reading(level=levels.runner_up),
    )


def warn_of_background(draft: Draft) -> None:
    """Doubt a folder that is known to hold what is of no class."""
    doubtful = [name for name in np.unique(draft.labels).tolist() if _DOUBTFUL.fullmatch(name)]
    if doubtful and draft.reading.level is None:
        draft.warn(
            "label-guessed",
            f"the folder {printable(doubtful[0])!r} was read as a class, and such a folder often holds what is of none",
            "leave it out, or confirm it with level=1",
            Reading(drop=tuple(doubtful)),
        )


def warn_of_names(draft: Draft, labels: np.ndarray) -> None:
    """Warn of classes whose names differ only in case, accents, or blanks."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in np.unique(labels).tolist():
        bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
        alike[re.sub(r"(?<=[^\W\d])[ _-]+(?=[^\W\d])", "", bare.casefold())].append(name)
    pairs = [" and ".join(map(printable, names)) for names in alike.values() if len(names) > 1]
    if pairs:
        draft.warn(
            "names-differ",
            f"{len(pairs)} classes have names that differ only in case, blanks or accents: {few(pairs)}",
            "give them one name if they are the same",
        )


def tell_unlabelled(draft: Draft, left: Sequence[Entry], kept: Sequence[Entry]) -> None:
    """Say which files have no class folder or no split, by the folder that leaves them all out."""
    if not left:
        return
    draft.leave_out("files", [printable_path(one.path) for one in left], "they lie in no class folder")
    where = sorted({str(one.path.parent) for one in left})
    draft.warn(
        "files-left-out",
        f"{len(left):,} files lie in no class folder and were left out ({few(where) if where != ['.'] else 'on top'})",
        "leave them out, or sort them by class",
        to_drop(left, kept),
    )


def to_drop(left: Sequence[Entry], kept: Sequence[Entry]) -> Reading | None:
    """What leaves these files out and no others: their folders, else their names if they are few."""
    folders = {one.path.parent.name or one.path.name for one in left}
    if any(folders & set(one.path.parts) for one in kept) or any("+" in one or "," in one for one in folders):
        folders = {str(one.path) for one in left}
    return Reading(drop=tuple(sorted(folders))) if len(folders) <= _MOST_NAMED else None


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(printable(one, 40) for one in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
