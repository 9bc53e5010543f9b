"""What is kept of a step: one record, and of some steps a frame."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, TypeGuard

if TYPE_CHECKING:
    from xmodal_core.methods.base import Step

_KINDS = {"done": int, "stage": str, "index": int, "total": int, "metrics": dict, "frame": bool}
_MAX_FRAMES = 200  # of all stages but alignment, which keeps every one


class StepRecord(TypedDict):
    """A line of steps.jsonl.

    Attributes:
        done: number of the step over all stages.
        stage: its name.
        index, total: number of the step within its stage, from 1, and the stage's steps.
        metrics: plain floats by name.
        seconds: trained so far, over all workers.
        frame: whether its arrays are kept.
    """

    done: int
    stage: str
    index: int
    total: int
    metrics: dict[str, float]
    seconds: float
    frame: bool


def step_record(step: "Step", done: int, seconds: float, has_frame: bool) -> StepRecord:
    """What is written of a step.

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


def is_step_record(value: object) -> TypeGuard[StepRecord]:
    """Whether a value that was read is a record of this schema."""
    if not isinstance(value, dict) or any(type(value.get(name)) is not kind for name, kind in _KINDS.items()):
        return False
    if type(value.get("seconds")) not in (int, float):
        return False
    return all(type(number) in (int, float) for number in value["metrics"].values())


def keeps_frame(stages: Sequence[tuple[str, int]], step: "Step") -> bool:
    """Which steps keep their frame: all of alignment, and others so that about `_MAX_FRAMES` are left."""
    if step.stage == "align":
        return True
    others = sum(total for stage, total in stages if stage != "align")
    stride = math.ceil(others / _MAX_FRAMES)
    return step.index in (1, step.total) or step.index % stride == 0
