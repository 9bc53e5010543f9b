"""A tensor whose gradient was worked out beside its value: no graph through the solver that found it."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def with_gradient(x: Tensor, value: Tensor, gradient: Tensor) -> Tensor:
    """`value`, differentiable in `x`.

    Args:
        x: what the value depends on, (...) or a batch (b, ...).
        value: a scalar, or (b,).
        gradient: of each value with respect to its x; the shape of x.
    """
    return _KnownGradient.apply(x, value, gradient)


class _KnownGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, value: Tensor, gradient: Tensor) -> Tensor:  # noqa: ARG004 - x is what it is of
        ctx.save_for_backward(gradient)
        return value.view_as(value)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return upstream.reshape(upstream.shape + (1,) * (gradient.ndim - upstream.ndim)) * gradient, None, None
