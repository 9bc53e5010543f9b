"""Optimizers and learning-rate schedules of fine-tuning: those that ORCA's and PaRe's configurations use."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.optimizer import ParamsT

from xmodal_core.methods.base import warmup_then_linear
from xmodal_core.settings import check_settings, setting

_BETAS = (0.9, 0.98)  # as in ORCA's configurations
_MOMENTUM = 0.9
_WARMUP_SHARE = 0.1


def _cosine(step: int, total: int, peak: float) -> float:
    warmup = max(1, round(total * _WARMUP_SHARE))
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))


def _constant(step: int, total: int, peak: float) -> float:
    return peak * min(1.0, (step + 1) / max(1, round(total * _WARMUP_SHARE)))


SCHEDULES: dict[str, Callable[[int, int, float], float]] = {
    "linear": warmup_then_linear,
    "cosine": _cosine,
    "constant": _constant,
}
OPTIMIZERS: dict[str, Callable[[ParamsT, float, float], torch.optim.Optimizer]] = {
    "adamw": lambda groups, rate, decay: torch.optim.AdamW(groups, rate, _BETAS, weight_decay=decay),
    "adam": lambda groups, rate, decay: torch.optim.Adam(groups, rate, _BETAS, weight_decay=decay),
    "sgd": lambda groups, rate, decay: torch.optim.SGD(groups, rate, _MOMENTUM, weight_decay=decay),
}


@dataclass(frozen=True)
class Optimization:
    """How a step is taken.

    Differs: AdamW with betas (0.9, 0.98) and ORCA's warm-up for every task, where the released configurations tune
    optimizer, rate and decay per task on the test set; every schedule warms up over the first tenth of its steps.
    """

    learning_rate: float = setting(
        1e-3, "Peak learning rate of the new layers: embedder, predictor", low=1e-7, high=1.0
    )
    body_rate: float = setting(0.1, "Learning rate of the body, as a share of theirs", low=0.0, high=1.0)
    batch_size: int = setting(32, "Target samples per step", low=2, high=4096, unit="samples")
    weight_decay: float = setting(0.01, "Weight decay: decoupled for adamw, else an L2 penalty", low=0.0, high=1.0)
    clip_norm: float = setting(1.0, "Largest gradient norm; 0 does not clip", low=0.0, high=1e6)
    optimizer: str = setting("adamw", "Rule of the steps; sgd has momentum 0.9", choices=tuple(OPTIMIZERS))
    schedule: str = setting(
        "linear", "Course of the learning rate after its warm-up: to zero, or constant", choices=tuple(SCHEDULES)
    )

    def __post_init__(self) -> None:
        check_settings(self)

    def rate(self, step: int, total: int) -> float:
        """Learning rate of the new layers at 0-based `step` of a stage."""
        return SCHEDULES[self.schedule](step, total, self.learning_rate)


def make_optimizer(
    module: nn.Module, body: nn.Module, settings: Optimization, moments: torch.optim.Optimizer | None = None
) -> torch.optim.Optimizer:
    """An optimizer of every trainable parameter of a module, the body's at a share of the rate of the new layers'.

    Args:
        module: what is trained.
        body: the part of it that has a rate of its own.
        settings: rule, rates and decay.
        moments: an optimizer whose moments, of the parameters that both have, go on; None begins with none.
    """
    in_body = {id(p) for p in body.parameters()}
    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if id(p) not in in_body], "share": 1.0},
        {"params": [p for p in trained if id(p) in in_body], "share": settings.body_rate},
    ]
    made = OPTIMIZERS[settings.optimizer](groups, settings.learning_rate, settings.weight_decay)
    if moments is not None:
        made.state.update({p: moments.state[p] for p in trained if p in moments.state})
    return made
