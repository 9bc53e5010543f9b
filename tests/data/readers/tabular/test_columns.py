import dataclasses

import numpy as np
import pytest

from xmodal_core.data.readers.tabular.columns import Column, Table


def test_words_are_made_once_when_they_are_first_read() -> None:
    made = []

    def words() -> np.ndarray:
        made.append(1)
        return np.array(["01", "1"])

    column = Column("a", np.array([1, 1]), words, np.zeros(2, bool))
    assert not made
    assert column.words.tolist() == column.words.tolist() == ["01", "1"]
    assert len(made) == 1
    assert dataclasses.replace(column, name="b").words.tolist() == ["01", "1"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        column.name = "c"


def test_a_table_finds_its_columns_by_name() -> None:
    columns = [Column(name, None, np.array(["x"]), np.zeros(1, bool)) for name in "ab"]
    table = Table(columns, "csv")
    assert (len(table), table.names(), table["b"]) == (1, ["a", "b"], columns[1])
