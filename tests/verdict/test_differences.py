"""Paired differences by seed and by row: pairing by name, shares of an error, changes between two experiments."""

import numpy as np
import pytest

from xmodal_core.data.dataset import Task
from xmodal_core.runs.row_scores import RowScores
from xmodal_core.scores import SCORES
from xmodal_core.verdict.differences import Rows, differences, yardstick

IDS = np.array([30, 10, 20], np.uint64)


def kept(values: list[float], ids: np.ndarray = IDS, groups: np.ndarray | None = None) -> RowScores:
    return RowScores(ids, np.array(values), groups)


def means(rows: Rows) -> dict[str, dict[int, float]]:
    return {arm: {seed: float(run.values.mean()) for seed, run in own.items()} for arm, own in rows.items()}


def test_rows_are_paired_by_what_they_are_and_not_by_their_place() -> None:
    rows = {"a": {0: kept([1, 0, 1])}, "b": {0: kept([1, 1, 0], IDS[::-1])}}  # 20: 1, 10: 1, 30: 0
    found = differences("a", "b", means(rows), yardstick(), rows)
    assert found is not None
    assert found.by_row is not None
    assert found.by_row.tolist() == [[-1, 0, 1]]  # of rows 10, 20, 30


@pytest.mark.parametrize(
    "second", [{}, {0: kept([1, 0, 1])}, {0: kept([1, 0, 1]), 1: kept([1, 0, 1], IDS + 1)}], ids=len
)
def test_without_the_same_rows_of_every_seed_there_are_only_seeds(second: dict[int, RowScores]) -> None:
    rows = {"a": {s: kept([1, 1, 1]) for s in (0, 1)}, "b": second}
    scores = {"a": {0: 1.0, 1: 1.0}, "b": {0: 0.6, 1: 0.8}}
    found = differences("a", "b", scores, yardstick(), rows)
    assert found is not None
    assert found.by_row is None
    assert (found.spread.mean, found.spread.of_rows) == (pytest.approx(0.3), None)


def test_a_share_of_an_error_is_linear_around_the_ratio_of_means() -> None:
    """Errors 1 and 3 against 2 and 6: half of it, row by row too; errors 2, 2 against 2, 6: the rows differ."""
    by = yardstick(SCORES[Task.DENSE])
    half = by.by_row(np.array([[-1.0, -3.0]]), np.array([[-2.0, -6.0]]))
    assert half == pytest.approx(np.array([[0.5, 0.5]]))
    first, second = np.array([[-2.0, -2.0]]), np.array([[-2.0, -6.0]])
    rows = by.by_row(first, second)
    assert rows.mean() == pytest.approx(by.differences([-2.0], [-4.0])[0])  # 0.5
    # the ratio's derivative by the weight of a row, times their number: r + (d - r e) / mean e
    assert rows == pytest.approx(np.array([[0.5 + (0 - 0.5 * 2) / 4, 0.5 + (4 - 0.5 * 6) / 4]]))


def test_a_change_keeps_its_rows_where_both_have_the_same() -> None:
    small = {"a": {0: kept([1, 0, 1]), 1: kept([1, 1, 1])}, "b": {0: kept([0, 0, 0]), 1: kept([0, 0, 0])}}
    large = {"a": {0: kept([1, 1, 1]), 1: kept([1, 1, 1])}, "b": {0: kept([0, 0, 1]), 1: kept([0, 0, 1])}}
    before, after = (differences("a", "b", means(rows), yardstick(), rows) for rows in (small, large))
    assert before is not None
    assert after is not None
    moved = after.since(before)
    assert moved.by_row is not None
    assert moved.by_row.tolist() == [[1, -1, 0], [0, -1, 0]]  # of rows 10, 20, 30
    assert moved.spread.mean == pytest.approx(-1 / 6)
    assert moved.spread.n_rows == 3
    further = after.continued(before, 0.5)
    assert further.by_seed == pytest.approx(after.by_seed + 0.5 * moved.by_seed)
    assert further.spread.mean == pytest.approx(float(further.by_seed.mean()))


def test_groups_of_rows_are_what_is_counted() -> None:
    rows = {arm: {s: kept([s, 1, 1], groups=np.array([4, 4, 9])) for s in (0, 1, 2)} for arm in "ab"}
    found = differences("a", "b", means(rows), yardstick(), rows)
    assert found is not None
    assert (found.spread.n_rows, found.spread.grouped) == (2, True)
