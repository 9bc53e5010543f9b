"""Tables of any kind: a format makes columns of a file, and `roles` finds out what they are."""

import io

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.readers.roles import table_dataset
from xmodal_core.data.readers.series.long import find_long, read_long
from xmodal_core.data.readers.series.relational import read_relational, relational_text
from xmodal_core.data.readers.series.ucr import is_ucr, read_ucr
from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError


def read_table(upload: Upload) -> LabelledDataset:
    """Read a table; one whose rows or cells are those of series as series.

    Raises:
        DataError: what `read_columns` or `table_dataset` says.
    """
    if (text := relational_text(upload)) is not None:
        return read_relational(upload, text)
    table = read_columns(upload)
    if is_ucr(upload, table):
        return read_ucr(upload, table)
    if (found := find_long(upload, table)) is not None:
        return read_long(upload, table, found)
    return table_dataset(upload, table)


def column_names(content: bytes, filename: str) -> list[str]:
    """Names of the columns, for the choice of one with labels; whether the file can be read, `read_table` says."""
    try:
        return preview_columns(Upload(io.BytesIO(content), "", filename)).names()
    except DataError:
        return []
