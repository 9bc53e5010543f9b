"""A curriculum on one sample, for the browser: its tiles once, and at every framed step scores, choice and order."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xmodal_core.figures.exchange import Tiles, orders
from xmodal_core.figures.patches import spread
from xmodal_core.figures.pictures import data_uri, sheet
from xmodal_core.figures.playback import Chart, Line

RELEASED_SAMPLED_SHARE = 1 / 6  # of the stage in which the released code draws and the last target tokens give way
_RAMP = 16
Frame = Mapping[str, np.ndarray]


def packed(
    source: tuple[str, Tiles],
    target: tuple[str, Tiles],
    frames: Sequence[tuple[int, Frame]],
    sample: int,
    settings: Mapping[str, Any],
    schedule: Sequence[tuple[int, int]],
    total: int,
) -> dict[str, Any]:
    """What the browser draws; JSON.

    Args:
        source: title and tiles.
        target: title and tiles.
        frames: (step of the stage, frame), ascending.
        sample: which of the shown samples.
        settings: of the curriculum: `rule` and `compat`.
        schedule: (step, k) of every step so far.
        total: steps of the stage.
    """
    rule, is_released = settings.get("rule", "gate"), settings.get("compat") == "released"
    told, every = [], []
    for step, frame in frames:
        scores = frame["source_scores"][sample], frame["target_scores"][sample]
        frozen = is_released and (step - 1) / total >= RELEASED_SAMPLED_SHARE
        ranked = orders(*scores, source[1].n_real, frozen or rule == "gate_inverted")
        every += [score.ravel() for score in scores]
        told.append(
            {
                "step": step,
                "k": int(frame["target_replaced"].shape[1]),
                "source_scores": [round(float(v), 4) for v in scores[0]],
                "target_scores": [round(float(v), 4) for v in scores[1]],
                "source_order": ranked[0].tolist(),
                "target_order": ranked[1].tolist(),
                "chosen": frame["source_chosen"][sample].tolist(),
                "replaced": frame["target_replaced"][sample].tolist(),
                "raster": not frozen,
            }
        )
    seen = np.concatenate(every)
    return {
        "source": _side(*source),
        "target": _side(*target),
        "frames": told,
        "schedule": [[int(step), int(k)] for step, k in schedule],
        "total": total,
        "previews": rule != "random",  # what is drawn at random is drawn anew at another k
        "low": float(seen.min()),
        "high": float(seen.max()),
        "ramp": _ramp(),
    }


def _side(title: str, shown: Tiles) -> dict[str, Any]:
    _, height, width = shown.pictures.shape[:3]
    return {
        "title": title,
        "sheet": data_uri(sheet(shown.pictures, shown.columns)),
        "columns": shown.columns,
        "n": len(shown.pictures),
        "width": width,
        "height": height,
        "crisp": shown.crisp,
    }


def _ramp() -> list[str]:
    from plotly.colors import sample_colorscale

    shades: list[str] = sample_colorscale("Viridis", np.linspace(0, 1, _RAMP).tolist())
    return shades


def gate_charts(frames: Sequence[tuple[int, Frame]], overlaps: Sequence[tuple[int, float]]) -> list[Chart]:
    """Has the gate learnt to choose? Two charts, each with the line that it has to leave.

    The spread of its scores within a sample, against that at the first step, when it was random; and how much of the
    choice in training, which is drawn with noise, is the gate's own, against two choices that know nothing of each
    other (k of the source's tokens, k / l).

    Args:
        frames: (step, frame), ascending.
        overlaps: (step, share) of every step that has one.
    """
    steps = [step for step, _ in frames]
    spreads = [spread(frame["source_scores"], frame["target_scores"]) for _, frame in frames]
    lines = [Line("source", steps, [s[0] for s in spreads]), Line("target", steps, [s[1] for s in spreads])]
    flat = [
        Line(f"{name}, random gate", steps, [spreads[0][i]] * len(steps)) for i, name in enumerate(("source", "target"))
    ]
    drawn = [Chart("spread of gate scores", [*lines, *flat])]
    chance = {step: f["source_chosen"].shape[1] / f["source_scores"].shape[1] for step, f in frames}
    if overlaps:
        own = Line("gate's own choice", [step for step, _ in overlaps], [share for _, share in overlaps])
        drawn.append(
            Chart("choice in training", [own, Line("chance", list(chance), list(chance.values()))], (0.0, 1.0))
        )
    return drawn


def in_plain_words(schedule: Sequence[tuple[int, int]], n_target: int, total: int) -> str:
    """What the curriculum does, and how far it is.

    Args:
        schedule: (step, k) so far, ascending; at least one.
        n_target: tokens of a target sample.
        total: steps of the stage.
    """
    (_, first), (step, now) = schedule[0], schedule[-1]
    how = "fewer and fewer" if now < first else "more and more" if now > first else "as many"
    return (
        f"The network trains on target samples in which pieces of source samples stand, {how} from step to step: "
        f"{first} of {n_target} at step {schedule[0][0]}, {now} at step {step} of {total}."
    )
