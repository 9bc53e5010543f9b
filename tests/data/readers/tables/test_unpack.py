import gzip
import io
import time

import pytest

from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.upload import Upload

TABLE = b"a,label\n" + b"1.5,x\n2.5,y\n" * 10


def upload(content: bytes, name: str = "t.csv.gz") -> Upload:
    return Upload(io.BytesIO(content), "t", name)


def test_a_packed_table_is_read_as_the_table() -> None:
    for read in (read_columns, preview_columns):
        found = read(upload(gzip.compress(TABLE)))
        assert (len(found), found.format) == (20, "csv, utf-8, separated by commas")
    halves = gzip.compress(TABLE[:50]) + gzip.compress(TABLE[50:])
    assert len(read_columns(upload(halves))) == 20


@pytest.mark.parametrize("name", ["t.nii.gz", "t.gz", "t.xlsx.gz", "t.gz.gz"])
def test_what_holds_no_table_as_text_is_refused(name: str, refusal) -> None:
    refusal(lambda: read_columns(upload(gzip.compress(TABLE), name)), "t")


def test_damaged_empty_and_hostile_archives_are_refused(refusal) -> None:
    refusal(lambda: read_columns(upload(gzip.compress(TABLE)[:-9])), "damaged")
    refusal(lambda: read_columns(upload(gzip.compress(b""))), "empty")
    start = time.monotonic()
    refusal(lambda: read_columns(upload(gzip.compress(b"1" * 2**27))), "500 times")
    assert time.monotonic() - start < 5
