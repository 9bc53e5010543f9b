"""Differentiable training objectives of the alignment stage. None of them is shown as "the gap".

An objective is built once from the cached source side and then called with target features and labels;
`OBJECTIVES` names the builders.
"""

from collections.abc import Callable
from typing import Protocol

from torch import Tensor

from xmodal_core.objectives.divergence import SinkhornDivergence
from xmodal_core.objectives.joint_otdd import JointOtdd
from xmodal_core.objectives.mmd import Mmd
from xmodal_core.objectives.per_class import PerClassSinkhorn
from xmodal_core.objectives.sliced import Sliced


class Objective(Protocol):
    """An objective with its source side cached."""

    def first_eps(self, target: Tensor, labels: Tensor) -> float:
        """Entropy for the whole stage, from the features at its first step."""
        ...

    def __call__(self, target: Tensor, labels: Tensor, eps: float) -> Tensor:
        """Scalar to minimise; target features (m, d) carry the gradient, labels (m,)."""
        ...


OBJECTIVES: dict[str, Callable[[Tensor, Tensor, float], Objective]] = {
    "otdd": JointOtdd,
    "per_class": PerClassSinkhorn,
    "sinkhorn": SinkhornDivergence,
    "mmd": Mmd,
    "sliced": Sliced,
}
