import io

import numpy as np
import pytest
from scipy.io import arff as scipy_arff

from tests.data.readers.tabular.tabled import day_of
from xmodal_core.data.readers.tables import read_columns
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload

FILE = """% made by hand
@RELATION 'a relation'
@ATTRIBUTE 'sepal length' REAL
@attribute kind {'a b',"c d", e}
@attribute note string
@attribute day date "yyyy-MM-dd"
@attribute bin {0,1}
@DATA
1.5, 'a b', 'it\\'s', "2020-01-02", 0
?, "c d", 'x, y', 2020-01-03, 1
% a remark
2,e,z,?,0
"""


def table(text: str) -> Table:
    return read_columns(Upload(io.BytesIO(text.encode()), "t", "t.arff"))


def test_every_type_of_attribute_is_read() -> None:
    found = table(FILE)
    assert found.names() == ["sepal length", "kind", "note", "day", "bin"]
    assert found["sepal length"].missing.tolist() == [False, True, False]
    assert found["kind"].words.tolist() == ["a b", "c d", "e"]
    assert found["note"].words.tolist() == ["it's", "x, y", "z"]
    assert [day_of(found["day"], row) for row in (0, 1)] == ["2020-01-02", "2020-01-03"]
    assert found["bin"].numbers is None  # nominal, whatever it looks like


def test_scipy_reads_the_same_numbers_and_words() -> None:
    text = "@relation r\n@attribute a real\n@attribute b {x,y}\n@data\n1.5,x\n?,y\n-2e3,y\n"
    theirs, _ = scipy_arff.loadarff(io.StringIO(text))
    found = table(text)
    np.testing.assert_array_equal(found["a"].numbers, theirs["a"])
    assert found["b"].words.tolist() == [word.decode() for word in theirs["b"]]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("2,e,z,?,0", "{0 2, 1 e}", "sparse"),
        ("2,e,z", "2,f,z", "'f'"),
        ("note string", "note relational", "'note'"),
        ("2,e,z,?,0", "2,e,z", "3 value(s) for 5"),
        ("2,e,z,?,0", "2,'e,z,?,0", "quotes"),
        ("@DATA", "@DATE", "line 8"),
        ("2,e", "n.d.,e", "'n.d.'"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line_or_attribute(old: str, new: str, word: str, refusal) -> None:
    refusal(lambda: table(FILE.replace(old, new)), word)
