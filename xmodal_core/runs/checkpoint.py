"""A run as one safetensors file, from which it goes on bit for bit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from xmodal_core.errors import RunError
from xmodal_core.methods.base import Stage, TrainState
from xmodal_core.runs.run import Run
from xmodal_core.values import JsonValue

# What a damaged file of tensors raises.
UNREADABLE = (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError)


@dataclass(frozen=True)
class _Rest(JsonValue):
    """What a checkpoint has beside its tensors.

    Attributes:
        stage: the present one; None before the first.
        index: steps done of it.
        groups: parameter groups of the optimizer as torch writes them; none before there is one.
        seconds: trained so far, over all workers.
    """

    stage: str | None
    index: int
    groups: tuple[Any, ...]
    seconds: float


def pack(tensors: Mapping[str, torch.Tensor], meta: Mapping[str, Any]) -> bytes:
    """Tensors by name as a safetensors file, with everything else as JSON in its metadata."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(contiguous, {"xmodal": json.dumps(meta)})


def unpack(path: Path) -> tuple[dict[str, torch.Tensor], Mapping[str, Any]]:
    """What was packed.

    Raises:
        one of `UNREADABLE`: the file is missing, damaged, or not of ours.
    """
    with safe_open(str(path), framework="pt") as file:
        meta = dict(json.loads((file.metadata() or {})["xmodal"]))
        return {name: file.get_tensor(name) for name in file.keys()}, meta  # noqa: SIM118 - not a dict


def dump_checkpoint(run: Run, seconds: float) -> bytes:
    """The run's state as one safetensors file."""
    state = run.state
    tensors = {f"modules/{k}": v for k, v in state.modules.state_dict().items()}
    tensors |= {f"modules/{k}": v for k, v in state.pending_weights.items() if f"modules/{k}" not in tensors}
    tensors |= {f"memo/{k}": v for k, v in state.memo.items()}
    tensors["rng"] = state.rng.get_state()
    groups: Sequence[Any] = ()
    if state.optimizer is not None:
        saved = state.optimizer.state_dict()
        groups = saved["param_groups"]
        tensors |= {f"optimizer/{i}/{k}": v for i, slots in saved["state"].items() for k, v in slots.items()}
    return pack(tensors, _Rest(state.stage, state.index, tuple(groups), seconds).to_json())


def load_checkpoint(run: Run, path: Path) -> float:
    """Put a run where a checkpoint left it; returns the seconds it had trained.

    Raises:
        RunError: the file is damaged or belongs to another run.
    """
    try:
        tensors, meta = unpack(path)
        rest = _Rest.from_json(meta, "the checkpoint")
        _restore(run.state, tensors, rest)
    except (RunError, *UNREADABLE) as error:
        raise RunError(f"the checkpoint cannot be read ({type(error).__name__}); start the run again.") from error
    return float(rest.seconds)


def _restore(state: TrainState, tensors: dict[str, torch.Tensor], rest: _Rest) -> None:
    weights = {k.removeprefix("modules/"): v for k, v in tensors.items() if k.startswith("modules/")}
    state.model.load_state_dict({k.removeprefix("model."): v for k, v in weights.items() if k.startswith("model.")})
    state.pending_weights = {k: v for k, v in weights.items() if not k.startswith("model.")}
    state.memo = {k.removeprefix("memo/"): v for k, v in tensors.items() if k.startswith("memo/")}
    state.rng.set_state(tensors["rng"])
    state.stage = None if rest.stage is None else Stage(rest.stage)
    state.index = rest.index
    slots: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer/"):
            _, index, key = name.split("/")
            slots.setdefault(int(index), {})[key] = tensor
    state.pending_optimizer = {"state": slots, "param_groups": list(rest.groups)} if rest.groups else None
