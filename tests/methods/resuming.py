"""A run that is cut and goes on from its checkpoint in a new network."""

from pathlib import Path

import torch
from torch import nn

from xmodal_core.runs.checkpoint import dump_checkpoint, load_checkpoint
from xmodal_core.runs.run import Run


def resumed(first: Run, cut: int, second: Run, folder: Path) -> list[dict[str, float]]:
    """Metrics of `first` up to the cut, then of `second` from the checkpoint that was written there."""
    steps = first.steps()
    seen = [dict(next(steps).metrics) for _ in range(cut)]
    checkpoint = folder / "checkpoint.safetensors"
    checkpoint.write_bytes(dump_checkpoint(first, 1.5))
    assert load_checkpoint(second, checkpoint) == 1.5
    assert second.done == cut
    return seen + metrics(second)


def metrics(run: Run) -> list[dict[str, float]]:
    return [dict(step.metrics) for step in run.steps()]


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Whether all parameters are equal bit for bit."""
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
