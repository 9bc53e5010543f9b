"""Files that cannot be decoded: a few are left out and said, many are refused."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable_path
from xmodal_core.data.readers.files.tree import Entry
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

MAX_BROKEN_SHARE = 0.05
_MOST_NAMED = 5
_OF_BANDS = ", and save pictures of more than four bands as arrays with np.savez(file, X=pictures, y=labels)"


def set_broken_aside(draft: Draft, entries: Sequence[Entry], kept: np.ndarray, what: str) -> None:
    """Take broken files out of a draft.

    Args:
        draft: has a row per entry.
        entries: all files.
        kept: bool (n,), which of them were decoded.
        what: pictures, sounds or arrays.

    Raises:
        DataError: more than `MAX_BROKEN_SHARE` of them are broken.
    """
    broken = [entry for entry, is_whole in zip(entries, kept, strict=True) if not is_whole]
    if not broken:
        return
    paths = [printable_path(entry.path) for entry in broken]
    if len(broken) > MAX_BROKEN_SHARE * len(entries):
        raise DataError(
            f"{draft.name}: {len(broken):,} of {len(entries):,} {what} cannot be decoded (such as "
            f"{', '.join(paths[:3])}), expected at most {MAX_BROKEN_SHARE:.0%}; replace or remove them"
            f"{_OF_BANDS if broken[0].path.suffix.lower() in ('.tif', '.tiff') else ''}."
        )
    draft.keep(kept)
    draft.leave_out(what, paths, "broken")
    draft.warn(
        "files-left-out",
        f"{len(broken):,} of {len(entries):,} {what} cannot be decoded and were left out, such as {paths[0]}",
        "replace them, or leave them out",
        Reading(drop=tuple(str(entry.path) for entry in broken)) if len(broken) <= _MOST_NAMED else None,
    )
