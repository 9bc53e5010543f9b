"""A feature of a table that only counts its rows."""

from xmodal_core.data.checks.few import feature_name, kept_as_features
from xmodal_core.data.counting import counting_step
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading


def check_row_numbers(draft: Draft, data: LabelledDataset) -> None:
    """Warn of a feature of numbers in even steps: in the order of the rows, or whole and as close as they can be."""
    if data.modality is not Modality.TABULAR:
        return
    told = {one.mends.time for one in draft.warnings if one.code == "possible-time" and one.mends is not None}
    kept = kept_as_features(draft) | {name for name in told if name is not None}
    for index in range(draft.inputs.shape[1]):
        counts = draft.category_counts[index] if any(draft.category_counts) else 0
        name = feature_name(draft, index)
        is_date = bool(draft.features) and draft.features[index].kind == "date"
        if counts or is_date or name in kept or not (step := counting_step(draft.inputs[:, index])):
            continue
        what = "whole numbers" if step == 1 else f"numbers in steps of {step:.3g}"
        draft.warn(
            "row-numbers",
            f"{name!r} counts the rows: {len(data):,} different {what} in as many rows",
            "leave it out if it only counts, or say that it is a number",
            Reading(drop=(name,)) if draft.features else None,
        )
