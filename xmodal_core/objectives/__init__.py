"""Differentiable training objectives of the alignment stage. None of them is shown as "the gap".

An objective is built once from the cached source side and then called with target features and labels;
`OBJECTIVES` names the builders.
"""

from xmodal_core.objectives.joint_otdd import JointOtdd
from xmodal_core.objectives.mmd import Mmd
from xmodal_core.objectives.per_class import PerClassSinkhorn

OBJECTIVES = {"otdd": JointOtdd, "per_class": PerClassSinkhorn, "mmd": Mmd}
