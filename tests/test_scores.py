"""The table of scores, and an evaluation as a value."""

from collections.abc import Callable

import pytest

from xmodal_core.data.dataset import Task
from xmodal_core.scores import SCORES, Evaluation, score_kind


def test_every_task_has_a_score_that_is_found_by_its_name() -> None:
    assert set(SCORES) == set(Task)
    assert [score_kind(kind.name) for kind in SCORES.values()] == list(SCORES.values())


@pytest.mark.parametrize("kind", SCORES.values(), ids=lambda kind: kind.name)
def test_an_error_is_counted_in_its_own_size_and_a_share_in_points(kind) -> None:
    assert (kind.unit, kind.margin) == (("points", 0.01) if kind.is_share else ("% of the error", 0.02))
    assert (kind.best is None) == kind.is_share


def test_an_evaluation_keeps_what_its_task_has() -> None:
    read = {"score": 0.25, "score_name": "R^2", "loss": 1.5, "n": 40, "r2": 0.25, "rmse": 3.0}
    found = Evaluation.from_json(read)
    assert found == Evaluation(0.25, "R^2", 1.5, 40, r2=0.25, rmse=3.0)
    assert found.to_json() == read
    assert found.kind is SCORES[Task.REGRESSION]


def test_a_score_of_another_name_is_refused(refusal: Callable[..., str]) -> None:
    refusal(lambda: Evaluation(0.5, "luck", 1.0, 10), "'luck'", "accuracy, mean average precision, R^2")
