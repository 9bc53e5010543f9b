"""What the target is trained on, where its task leaves a choice."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import task_loss
from xmodal_core.losses import FIELD_LOSSES
from xmodal_core.methods.stages.given import Given
from xmodal_core.settings import setting

_OF_TASK = {"field_loss": Task.DENSE, "positive_weight": Task.MULTILABEL}


@dataclass(frozen=True)
class TrainingLoss:
    """Settings of the loss on the target's own task; validation and scores are the same whatever they are.

    Differs: the defaults are the plain losses for every set, where the released configurations choose per data set.
    """

    field_loss: str = setting(
        "squared",
        "What a field is trained on: squared error in standard units, or the relative L2 error that it is scored by",
        choices=FIELD_LOSSES,
    )
    positive_weight: float = setting(
        1.0,
        "How often a positive of a multi-label target counts; 0 gives each label its negatives over its positives",
        low=0.0,
        high=1000.0,
    )

    def check(self, given: Given) -> None:
        """Refuse a choice that the target's task does not have, which would do nothing in silence.

        Raises:
            SettingsError: says which.
        """
        for name in loss_settings_beside(given.target.task):
            value, usual = getattr(self, name), getattr(TrainingLoss, name)
            if value != usual:
                raise SettingsError(
                    f"{name} is {value}, which is for a {_OF_TASK[name]} target, and {given.target.name} has a "
                    f"{given.target.task} one; leave it at {usual}."
                )

    def loss_on(self, target: LabelledDataset) -> Callable[[Tensor, Tensor], Tensor]:
        """Mean loss of (outputs, targets) of rows of the target, targets as `target_tensor` gives them."""
        return task_loss(target, self.field_loss, self.positive_weight)


def loss_settings_beside(task: Task) -> tuple[str, ...]:
    """Settings of the loss that mean nothing for a task."""
    return tuple(name for name, of in _OF_TASK.items() if of is not task)
