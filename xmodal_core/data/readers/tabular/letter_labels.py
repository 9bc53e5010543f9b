"""A label for each letter of a sequence: words that are as long as the sequences beside them, row by row."""

from collections.abc import Sequence

from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.lengths import has_its_letters
from xmodal_core.data.readers.tabular.prose import is_sequence
from xmodal_core.data.readers.tabular.target_column import TargetColumns


def letter_targets(columns: Sequence[Counted]) -> TargetColumns | None:
    """The first column of such words; None without one, or where a column is called the label."""
    labels = {names.joined(one) for one in names.LABELS}
    if any(names.joined(column.name) in labels for column in columns):
        return None
    sequences = [column for column in columns if column.is_words and is_sequence(column)]
    if len(sequences) != 1:
        return None
    (sequence,) = sequences
    found = [column for column in columns if column is not sequence and has_its_letters(column, sequence)]
    if not found:
        return None
    first, *others = found
    return TargetColumns((first,), f"it has a letter for each of {sequence.shown}", tuple(others), is_guess=True)
