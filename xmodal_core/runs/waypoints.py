"""The body's weights at steps along a run, with the validation score there: what a trajectory is read from.

Weights are kept in float32, so that the last waypoint is the checkpoint's body bit for bit and an untrained body has
drift 0. Rounding them to half precision would halve the files; measured on both bodies that ship it moves CKA by
1e-7, drift by 6e-7, the weights by 2e-4 of their norm (10 steps of fine-tuning: 9e-3) and one of 371 probe answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from xmodal_core.errors import RunError
from xmodal_core.evaluation import evaluate
from xmodal_core.model.body import Body
from xmodal_core.runs.checkpoint import UNREADABLE, pack, unpack
from xmodal_core.runs.run import Run
from xmodal_core.scores import Evaluation

_BODY = "body."
_SCORED_ROWS = 500  # validation rows behind a waypoint's score: a standard error of .022 at most


def waypoint_steps(total: int, n: int) -> tuple[int, ...]:
    """At most n steps spread evenly over 1..total, the last one included; none for n = 0 or a run of no steps."""
    return tuple(sorted({-(-total * i // n) for i in range(1, n + 1)})) if total else ()


def dump_waypoint(run: Run) -> bytes | None:
    """The body now as a safetensors file with the validation score in its metadata; None for a network without one.

    The run goes on as if it had not been looked at.
    """
    model = run.state.model
    tensors = {k.removeprefix(_BODY): v for k, v in model.state_dict().items() if k.startswith(_BODY)}
    if not tensors:
        return None
    with _left_as_found(model):
        found = evaluate(model, run.target, "val", _SCORED_ROWS)
    return pack(tensors, {"done": run.done, "validation": found.to_json() if found else {}})


def load_waypoint(path: Path, body: Body) -> Evaluation | None:
    """Give a body of the same network the weights of a waypoint; returns its evaluation on validation rows, if any.

    Raises:
        RunError: the file is damaged or belongs to another network.
    """
    try:
        tensors, meta = unpack(path)
        body.load_state_dict(tensors)
        found = meta["validation"]
        return Evaluation.from_json(found) if found else None
    except UNREADABLE as error:
        raise RunError(
            f"waypoint {path.name} cannot be read ({type(error).__name__}), expected the weights of this run's body; "
            "start the run again."
        ) from error


@contextmanager
def _left_as_found(model: nn.Module) -> Iterator[None]:
    """Every module goes back to training or evaluation mode as it was."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
