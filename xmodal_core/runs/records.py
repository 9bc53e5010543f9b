"""What is kept of a step: one record, and of some steps a frame."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xmodal_core.methods.base import Step

_MAX_FRAMES = 200  # of all stages but alignment, which keeps every one


def step_record(step: "Step", done: int, seconds: float, has_frame: bool) -> dict[str, Any]:
    """A step as a line of steps.jsonl.

    Args:
        step: the step.
        done: its number over all stages.
        seconds: trained so far.
        has_frame: whether its arrays are kept.
    """
    return {
        "done": done,
        "stage": str(step.stage),
        "index": step.index,
        "total": step.total,
        "metrics": {name: float(value) for name, value in step.metrics.items()},
        "seconds": round(seconds, 4),
        "frame": has_frame,
    }


def keeps_frame(stages: Sequence[tuple[str, int]], step: "Step") -> bool:
    """Which steps keep their frame: all of alignment, and others so that about `_MAX_FRAMES` are left."""
    if step.stage == "align":
        return True
    others = sum(total for stage, total in stages if stage != "align")
    stride = math.ceil(others / _MAX_FRAMES)
    return step.index in (1, step.total) or step.index % stride == 0
