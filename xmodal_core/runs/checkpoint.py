"""A run as one safetensors file, from which it goes on bit for bit."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from xmodal_core.errors import RunError
from xmodal_core.methods.base import Stage, TrainState
from xmodal_core.runs.run import Run

# What a damaged file of tensors raises.
UNREADABLE = (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError)


def pack(tensors: Mapping[str, torch.Tensor], meta: Mapping[str, Any]) -> bytes:
    """Tensors by name as a safetensors file, with everything else as JSON in its metadata."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(contiguous, {"xmodal": json.dumps(meta)})


def unpack(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
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
    groups: list[dict[str, Any]] = []
    if state.optimizer is not None:
        saved = state.optimizer.state_dict()
        groups = saved["param_groups"]
        tensors |= {f"optimizer/{i}/{k}": v for i, slots in saved["state"].items() for k, v in slots.items()}
    return pack(tensors, {"stage": state.stage, "index": state.index, "groups": groups, "seconds": seconds})


def load_checkpoint(run: Run, path: Path) -> float:
    """Put a run where a checkpoint left it; returns the seconds it had trained.

    Raises:
        RunError: the file is damaged or belongs to another run.
    """
    try:
        tensors, meta = unpack(path)
        _restore(run.state, tensors, meta)
    except UNREADABLE as error:
        raise RunError(f"the checkpoint cannot be read ({type(error).__name__}); start the run again.") from error
    return float(meta["seconds"])


def _restore(state: TrainState, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
    weights = {k.removeprefix("modules/"): v for k, v in tensors.items() if k.startswith("modules/")}
    state.model.load_state_dict({k.removeprefix("model."): v for k, v in weights.items() if k.startswith("model.")})
    state.pending_weights = {k: v for k, v in weights.items() if not k.startswith("model.")}
    state.memo = {k.removeprefix("memo/"): v for k, v in tensors.items() if k.startswith("memo/")}
    state.rng.set_state(tensors["rng"])
    state.stage = None if meta["stage"] is None else Stage(meta["stage"])
    state.index = int(meta["index"])
    slots: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer/"):
            _, index, key = name.split("/")
            slots.setdefault(int(index), {})[key] = tensor
    state.pending_optimizer = {"state": slots, "param_groups": meta["groups"]} if meta["groups"] else None
