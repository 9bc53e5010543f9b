"""A run that is cut and goes on from its checkpoint in a new network."""

from pathlib import Path

import torch
from torch import nn

from xmodal_core.runs.checkpoint import dump_checkpoint, load_checkpoint
from xmodal_core.runs.run import Run

_SECONDS = 1.5


def resumed(first: Run, cut: int, second: Run, folder: Path) -> list[dict[str, float]]:
    """Metrics of `first` up to the cut, then of `second` from the checkpoint that was written there."""
    steps = first.steps()
    seen = [dict(next(steps).metrics) for _ in range(cut)]
    assert first.done == cut
    return seen + gone_on(second, _written(first, folder / f"{cut}.safetensors"))


def leaving_checkpoints(run: Run, folder: Path) -> tuple[list[dict[str, float]], list[Path]]:
    """Metrics of a run to its end, and a checkpoint for each number of steps done, from none to all of them."""
    seen: list[dict[str, float]] = []
    left = [_written(run, folder / "0.safetensors")]
    for step in run.steps():
        seen.append(dict(step.metrics))
        left.append(_written(run, folder / f"{len(seen)}.safetensors"))
    return seen, left


def gone_on(run: Run, checkpoint: Path) -> list[dict[str, float]]:
    """Metrics of the steps that a new run takes from a checkpoint on."""
    assert load_checkpoint(run, checkpoint) == _SECONDS
    assert run.done == int(checkpoint.stem)
    return metrics(run)


def _written(run: Run, path: Path) -> Path:
    path.write_bytes(dump_checkpoint(run, _SECONDS))
    return path


def metrics(run: Run) -> list[dict[str, float]]:
    return [dict(step.metrics) for step in run.steps()]


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Whether all parameters are equal bit for bit."""
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
