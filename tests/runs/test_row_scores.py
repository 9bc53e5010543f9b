"""What is kept of test rows comes back, and what is damaged is as good as nothing."""

from pathlib import Path

import numpy as np
import pytest

from xmodal_core.runs.row_scores import RowScores, read_row_scores, row_ids, write_row_scores

NAMES = np.array(["a/0", "a/1", "a/10", "b/0"])
FOUND = RowScores(row_ids(NAMES), np.array([1.0, 0.0, 1.0, 0.25]), np.array([4, 4, 9, 9]))


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_row_scores(tmp_path / "r.npz", FOUND)
    read = read_row_scores(tmp_path / "r.npz")
    assert read is not None
    assert read.groups is not None
    assert [read.ids.tolist(), read.values.tolist()] == [FOUND.ids.tolist(), FOUND.values.tolist()]
    assert read.groups.tolist() == [4, 4, 9, 9]
    write_row_scores(tmp_path / "r.npz", RowScores(FOUND.ids, FOUND.values))
    assert read_row_scores(tmp_path / "r.npz").groups is None  # type: ignore[union-attr]


def test_a_name_has_one_hash_everywhere_and_names_do_not_share_it() -> None:
    assert len(set(row_ids(NAMES).tolist())) == 4
    assert row_ids(NAMES[1:2])[0] == FOUND.ids[1]


@pytest.mark.parametrize("damage", ["nothing", "cut", "shape", "kind", "nan", "pickle"])
def test_what_is_damaged_is_not_read(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "r.npz"
    write_row_scores(path, FOUND)
    arrays = {"id": FOUND.ids, "value": FOUND.values}
    if damage == "nothing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    else:
        arrays |= {
            "shape": {"value": FOUND.values[:2]},
            "kind": {"value": np.array(["x"] * 4)},
            "nan": {"value": np.full(4, np.nan)},
            "pickle": {"value": np.array([None] * 4)},
        }[damage]
        np.savez(path, allow_pickle=True, **arrays)
    assert read_row_scores(path) is None


def test_rows_of_another_result_do_not_explain_it() -> None:
    assert FOUND.explains(0.5625, 4)
    assert not FOUND.explains(0.56, 4)
    assert not FOUND.explains(0.5625, 5)
    assert not RowScores(FOUND.ids[[0, 0, 1, 2]], FOUND.values).explains(0.5625, 4)
