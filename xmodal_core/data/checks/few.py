"""Some of many names for a sentence."""

from collections.abc import Sequence

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable

_NAMED = 4


def few(names: Sequence[str]) -> str:
    """The first names in quotes, and how many more there are."""
    shown = ", ".join(repr(printable(name, 40)) for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")


def feature_name(draft: Draft, index: int) -> str:
    """The name of a feature, or its number where the file has none."""
    return draft.features[index].name if draft.features else f"feature {index + 1}"


def kept_as_features(draft: Draft) -> set[str]:
    """Columns that a person said are numbers or categories: features, whatever they look like."""
    return {*(draft.reading.number or ()), *(draft.reading.category or ())}
