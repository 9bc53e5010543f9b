import importlib.util
import io
from pathlib import Path

import numpy as np
import pytest

from xmodal_core.data.dataset import Modality
from xmodal_core.data.readers import read
from xmodal_core.data.readers.series.relational import read_relational
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

HEAD = "@relation t\n@attribute r relational\n@attribute a0 numeric\n@end r\n@attribute c {x,y}\n@data\n"
MOTIONS = Path(importlib.util.find_spec("aeon").origin).parent / "datasets/data/BasicMotions"  # type: ignore[union-attr,arg-type]


def load(text: str):
    return read_relational(Upload(io.BytesIO(text.encode()), "t", "t.arff"), text)


def test_a_sample_is_a_channel_a_line_within_quotes() -> None:
    data = load(HEAD + "'1,2\\n3,4',x\n'5,?\\n7,8',y\n" * 3)
    assert data.inputs[0].tolist() == [[1, 2], [3, 4]]
    assert data.inputs[1].tolist() == [[5, 5], [7, 8]]
    assert data.class_names == ("x", "y")


def test_only_a_relational_attribute_makes_series() -> None:
    assert read((HEAD + "'1,2\\n3,4',x\n'5,6\\n7,8',y\n" * 3).encode(), "t.arff").modality is Modality.SERIES
    table = "@relation relational\n@attribute a numeric\n@attribute c {x,y}\n@data\n"
    assert read((table + "1,x\n2,y\n3,x\n5,y\n").encode(), "t.arff").modality is Modality.TABULAR


def test_the_archive_gives_the_same_in_both_of_its_formats() -> None:
    text = (MOTIONS / "BasicMotions_TRAIN.arff").read_text()
    from_arff, from_ts = load(text), read(MOTIONS / "BasicMotions_TRAIN.ts", "b.ts")
    np.testing.assert_allclose(from_arff.inputs, from_ts.inputs, rtol=1e-6)
    assert [n.lower() for n in from_arff.class_names] == [n.lower() for n in from_ts.class_names]
    np.testing.assert_array_equal(from_arff.targets, from_ts.targets)


@pytest.mark.parametrize(
    ("body", "words"), [("1,2,x\n", "in quotes"), ("'1,2\\n3',x\n", "cannot be read"), ("'1,b',x\n", "cannot be read")]
)
def test_a_line_that_is_no_sample_is_refused(body: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load(HEAD + body)
    with pytest.raises(DataError, match="no @data"):
        load(HEAD.replace("@data", "@date") + body)
