"""A stage of a run for the player: which steps it plays, its curves, and what became of both clouds in plain words."""

from collections.abc import Sequence

from xmodal_core.figures.playback import Chart, Line, Warned
from xmodal_core.figures.runs import Panel, Record, collapse_step, column

MOST_FRAMES = 240
_HARDLY = 0.02  # of a distance: less is no movement to speak of
_NOISE = 0.05  # of an accuracy over some 200 rows: about two standard errors


def thinned(numbers: Sequence[int], most: int = MOST_FRAMES) -> list[int]:
    """At most so many of some ascending numbers, evenly spread, with the first and the last."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[round(i * (len(numbers) - 1) / (most - 1))] for i in range(most)]


def charts(records: Sequence[Record], panels: Sequence[Panel]) -> list[Chart]:
    """The panels as charts over the steps of the stage; curves without a value are left out."""
    drawn = []
    for panel in panels:
        lines = [Line(label, *column(records, name)) for name, label in panel.lines.items()]
        if have := [line for line in lines if line.steps]:
            drawn.append(Chart(panel.title, have, panel.limits))
    return drawn


def warned(records: Sequence[Record]) -> Warned | None:
    """Where and how alignment went wrong, if it did."""
    began = collapse_step(records)
    if began is None:
        return None
    _, accuracy = column(records, "heldout_knn_accuracy")
    return Warned(
        began,
        f"From step {began} on the objective is lower than at first, but held-out accuracy is worse by more than 0.1 "
        f"({accuracy[0]:.2f} at first, {accuracy[-1]:.2f} now): the clouds meet because classes run together.",
    )


def in_plain_words(records: Sequence[Record]) -> str:
    """What happened so far: did the target come closer, and do its classes stay apart; empty before two steps."""
    _, distance = column(records, "heldout_otdd")
    _, accuracy = column(records, "heldout_knn_accuracy")
    if len(distance) < 2 or len(accuracy) < 2:
        return ""
    n = int(records[-1]["metrics"].get("heldout_n", 0))
    moved = (distance[-1] - distance[0]) / abs(distance[0]) if distance[0] else 0.0
    gained = accuracy[-1] - accuracy[0]
    came = "hardly moved" if abs(moved) < _HARDLY else "came closer to the source's" if moved < 0 else "moved away"
    classes = "stay as far apart" if abs(gained) < _NOISE else "came further apart" if gained > 0 else "ran together"
    is_mixed = (moved <= -_HARDLY) is (gained <= -_NOISE) and abs(gained) >= _NOISE
    return (
        f"The target's cloud {came} {'but' if is_mixed else 'and'} its classes {classes}: from step "
        f"{records[0]['index']} to {records[-1]['index']}, held-out OTDD went from {_short(distance[0])} to "
        f"{_short(distance[-1])} and held-out accuracy from {accuracy[0]:.2f} to {accuracy[-1]:.2f} "
        f"(n = {n} rows a side)."
    )


def _short(value: float) -> str:
    """Three digits, zeros at the end too, so that both ends of a change look alike."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")
