import pytest

from tests.data.readers.tabular.tabled import counted
from xmodal_core.data.readers.tabular.first_of_block import n_blocks


@pytest.mark.parametrize(
    ("words", "n"),
    [
        (["a", "", "", "b", ""], 2),
        (["a", "", "b", "", "a", ""], 3),
        (["", "a", "", "b", ""], 0),  # nothing in the first row
        (["a", "", "", "a", ""], 0),  # a new block has another value
        (["a", "b", "", "", "", ""], 0),  # a block of one row
        (["a", "b", "a", "", "b", ""], 0),
        (["a", "", "", ""], 0),  # one block
        (["", "", ""], 0),
    ],
)
def test_blocks_have_a_value_in_their_first_row_alone(words: list[str], n: int) -> None:
    assert n_blocks(counted({"k": words})[0]) == n
