"""A run as one safetensors file, from which it goes on bit for bit."""

import hashlib
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
from xmodal_core.runs.objects import identity
from xmodal_core.runs.run import Run
from xmodal_core.values import JsonValue, parse_json

_CHECKSUM = "checksum"
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
        of: what the run's specification is told by; empty for those of earlier versions.
    """

    stage: str | None
    index: int
    groups: tuple[Any, ...]
    seconds: float
    of: str = ""


def pack(tensors: Mapping[str, torch.Tensor], meta: Mapping[str, Any]) -> bytes:
    """Tensors by name as a safetensors file, with everything else as JSON in its metadata."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    whole = {**meta, _CHECKSUM: _checksum(contiguous, meta)}
    return save(contiguous, {"xmodal": json.dumps(whole)})  # one entry: of several the order in the file is chance


def _checksum(tensors: Mapping[str, torch.Tensor], meta: Mapping[str, Any]) -> str:
    """Of every byte of the tensors, their names and kinds, and of what stands beside them."""
    digest = hashlib.blake2b(json.dumps(meta).encode(), digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def unpack(path: Path) -> tuple[dict[str, torch.Tensor], Mapping[str, Any]]:
    """What was packed.

    Raises:
        one of `UNREADABLE`: the file is missing, damaged, or not of ours.
    """
    with safe_open(str(path), framework="pt") as file:
        meta = dict(parse_json((file.metadata() or {})["xmodal"]))
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    checksum = meta.pop(_CHECKSUM, None)  # earlier versions wrote none
    if checksum is not None and checksum != _checksum(tensors, meta):
        raise ValueError("its checksum is another")
    return tensors, meta


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
    of = identity(run.spec.values())
    return pack(tensors, _Rest(state.stage, state.index, tuple(groups), seconds, of).to_json())


def load_checkpoint(run: Run, path: Path) -> float:
    """Put a run where a checkpoint left it; returns the seconds it had trained.

    Raises:
        RunError: the file is damaged or belongs to another run.
    """
    try:
        tensors, meta = unpack(path)
        rest = _Rest.from_json(meta, "the checkpoint")
        _check_whose(run, rest)
        _restore(run.state, tensors, rest)
    except (RunError, *UNREADABLE) as error:
        why = str(error) if isinstance(error, ValueError) else type(error).__name__
        raise RunError(f"the checkpoint cannot be used ({why[:100]}); start the run again.") from error
    return float(rest.seconds)


def _check_whose(run: Run, rest: _Rest) -> None:
    """Raises ValueError where it belongs to another run, or stands at a step that this one does not have."""
    if rest.of and rest.of != identity(run.spec.values()):
        raise ValueError("it belongs to another run")
    stages = dict(run.spec.stages())
    if rest.stage is None:
        steps = 0
    elif rest.stage in stages:
        steps = stages[rest.stage]
    else:
        raise ValueError(f"this run has no stage {rest.stage!r}")
    if not 0 <= rest.index <= steps:
        raise ValueError(f"it stands at step {rest.index} of {steps}")


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
