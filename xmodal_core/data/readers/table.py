"""Tables of any kind: a format makes columns of a file, and `roles` finds out what they are."""

import io

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.readers.roles import table_dataset
from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError


def read_table(upload: Upload) -> LabelledDataset:
    """Read a table.

    Raises:
        DataError: what `read_columns` or `table_dataset` says.
    """
    return table_dataset(upload, read_columns(upload))


def column_names(content: bytes, filename: str) -> list[str]:
    """Names of the columns, for the choice of one with labels; whether the file can be read, `read_table` says."""
    try:
        return preview_columns(Upload(io.BytesIO(content), "", filename)).names()
    except DataError:
        return []
