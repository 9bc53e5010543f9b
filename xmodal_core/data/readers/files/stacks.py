"""One `.npy` array a file -> samples of one array, read as any array is."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.files.broken import set_broken_aside
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.readers.layout import arrange, parse_axes
from xmodal_core.data.readers.npz import parse_array
from xmodal_core.data.readers.samples.kind import settle
from xmodal_core.errors import DataError


def read_stacks(draft: Draft, tree: Tree, entries: Sequence[Entry]) -> None:
    """Fill the draft with arrays, one sample a file.

    Args:
        draft: has a row per entry; broken arrays are taken out.
        tree: where the files are.
        entries: the arrays.

    Raises:
        DataError: too many broken arrays, no numbers, or shapes or types that differ.
    """
    arrays = [_parsed(tree, entry) for entry in entries]
    set_broken_aside(draft, entries, np.array([one is not None for one in arrays]), "arrays")
    whole = [one for one in arrays if one is not None]
    shapes = Counter(one.shape for one in whole)
    if len(shapes) > 1 or whole[0].ndim == 0:
        said = ", ".join(f"{n:,} of {shape}" for shape, n in shapes.most_common(3))
        raise DataError(
            f"{draft.name}: arrays have shapes {said}, expected one shape of at least one axis for all; pad or crop "
            "them, or save them as one table."
        )
    dtype = np.result_type(*{one.dtype for one in whole})
    archives.check_expanded(tree.upload, len(whole) * whole[0].size * dtype.itemsize)
    stacked = np.stack(whole)  # (n, ...)
    axes = parse_axes(draft.name, draft.reading.axes) if draft.reading.axes else ()
    guess = settle(stacked, None, draft.reading.modality, axes)
    draft.modality, draft.modality_reason = guess.modality, guess.reason
    draft.warnings += guess.doubts
    draft.inputs = arrange(draft.name, stacked, draft.modality, guess.axes)


def _parsed(tree: Tree, entry: Entry) -> np.ndarray | None:
    """Numbers of one file, None of a broken one; what holds objects is refused like a broken file, unopened."""
    content = bytearray(tree.read(entry))
    try:
        array = parse_array(tree.upload, entry.path.name, content)
    except DataError:
        return None
    return array if array.dtype.kind in "biuf" and array.size else None
