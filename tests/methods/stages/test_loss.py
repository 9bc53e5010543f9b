"""What is trained on is what was asked for, in every method, and what a task does not have is refused."""

from collections.abc import Callable

import pytest

from tests.methods.resuming import metrics
from tests.tiny import TinyFiles, tiny_task
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import SettingsError
from xmodal_core.methods import METHODS
from xmodal_core.methods.finetune import Finetune
from xmodal_core.methods.simple import Simple
from xmodal_core.methods.stages.given import Given, check_given
from xmodal_core.methods.stages.loss import TrainingLoss, loss_settings_beside
from xmodal_core.runs.run import Run

ONE = {"align_steps": 1, "curriculum_steps": 1, "refine_steps": 1}
WITH_NAMES = ("lsg",)  # needs classes, so it has neither a field nor several labels


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(WITH_NAMES)))
def test_every_method_trains_fields_and_labels_on_the_loss_that_was_asked_for(
    prepared: Callable[..., Run], files: TinyFiles, method: str
) -> None:
    own = {"warmup_share": 0.0} if method == "mona" else {}
    for task, asked in ((Task.DENSE, {"field_loss": "relative_l2"}), (Task.MULTILABEL, {"positive_weight": 4.0})):
        usual, other = (
            metrics(prepared(method, files.task(task), budget=ONE, **own, **settings))[-1] for settings in ({}, asked)
        )
        assert other["loss"] != pytest.approx(usual["loss"], rel=1e-3)


def test_every_method_has_the_choice() -> None:
    assert all(issubclass(method, TrainingLoss) for method in METHODS.values())


@pytest.mark.parametrize("task", Task)
def test_a_loss_of_another_task_is_refused_and_not_offered(task: Task) -> None:
    given = Given(tiny_task(task, Modality.FIELD if task is Task.DENSE else Modality.IMAGE))
    for name, value in (("field_loss", "relative_l2"), ("positive_weight", 0.0)):
        method = Finetune(**{name: value})
        if name in loss_settings_beside(task):
            with pytest.raises(SettingsError, match=f"{name} is {value}, which is for a"):
                check_given(method, given)
        else:
            check_given(method, given)


def test_boosting_counts_every_row_alike() -> None:
    with pytest.raises(SettingsError, match="boosting counts every row alike"):
        check_given(Simple(positive_weight=3.0), Given(tiny_task(Task.MULTILABEL, Modality.TABULAR)))
