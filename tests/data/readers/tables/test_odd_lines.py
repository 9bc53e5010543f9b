import io

import pytest

from xmodal_core.data.readers.tables.odd_lines import refuse_sparse, without_end_marks
from xmodal_core.data.readers.upload import Upload


def test_a_semicolon_behind_every_row_goes_and_ends_the_row() -> None:
    content, said = without_end_marks(b"1,a,2;\n2,b,3;\n3,c,4;\n")
    assert (content, len(said)) == (b"1,a,2\n2,b,3\n3,c,4\n", 1)
    rows = b"".join(b"%d,a,2;\n" % i for i in range(40))
    assert without_end_marks(rows + b"7,b,1;8,c,2;\n")[0].endswith(b"\n7,b,1\n8,c,2\n")


@pytest.mark.parametrize(
    "content", [b"a;b;\n1;2;\n3;4;\n", b"a,b\n1,2\n3,4;\n", b"1,5;2,5\n1,5;2,5\n1,5;2,5\n", b"x;\ny;\nz;\n"]
)
def test_other_semicolons_stay(content: bytes) -> None:
    assert without_end_marks(content) == (content, [])


def test_rows_that_name_their_columns_are_refused(refusal) -> None:
    upload = Upload(io.BytesIO(), "t", "t.txt")
    refusal(
        lambda: refuse_sparse(upload, b"+1 1:0.5 3:1\n-1 2:1e-3\n1 qid:3 1:4 # x\n"), "LIBSVM", "load_svmlight_file"
    )
    refuse_sparse(upload, b"1 10:30 11:45\n2 11:20 8:15\nlater 3:1\n")
