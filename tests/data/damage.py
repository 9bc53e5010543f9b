"""Files with a few bytes changed: they are read, or refused in one sentence."""

from hypothesis import strategies as st

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.readers import read
from xmodal_core.errors import DataError


def reads_or_refuses_damaged(data: st.DataObject, good: bytes, name: str, most: int = 4) -> None:
    """Change up to so many bytes of a good file and read it."""
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, most))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(read(bytes(content), name), LabelledDataset)
    except DataError as error:
        sentence = str(error)
        assert "\n" not in sentence
        assert sentence.endswith(".")
