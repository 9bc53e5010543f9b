"""Tables of any kind: a format makes columns of a file, and `roles` finds out what they are."""

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.series.long import find_long, read_long
from xmodal_core.data.readers.series.relational import read_relational, relational_text
from xmodal_core.data.readers.series.ucr import is_ucr, read_ucr
from xmodal_core.data.readers.tables import FORMATS, preview_columns, read_columns
from xmodal_core.data.readers.tables.joined import joined
from xmodal_core.data.readers.tables.records import release
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.tabular.roles import table_draft
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError


def read_table(upload: Upload) -> LabelledDataset:
    """Read a table; one whose rows or cells are those of series as series.

    Raises:
        DataError: what `read_columns` or `table_draft` says.
    """
    if (text := relational_text(upload)) is not None:
        return read_relational(upload, text)
    return _of_table(upload, read_columns(upload))


def read_tables(uploads: Sequence[Upload], splits: Sequence[str]) -> LabelledDataset:
    """Read tables of the same columns, one a split (train, val or test).

    Raises:
        DataError: as `read_table`, or their columns differ.
    """
    if any(relational_text(one) is not None for one in uploads):
        raise DataError(f"{uploads[0].name}: found series in .arff of several splits; bring them as .ts, or one file.")
    files = [PurePath(one.filename).name for one in uploads]
    table = joined(uploads[0].name, [read_columns(one) for one in uploads], files, splits)
    if uploads[0].reading.split is not None:
        table.splits = None
    together = replace(uploads[0], filename=" + ".join([uploads[0].filename, *files[1:]]))
    if find_long(together, table) is not None:
        raise DataError(
            f"{together.name}: the tables have a row a step, expected one with all series; join them, with their split."
        )
    return _of_table(together, table)


def _of_table(upload: Upload, table: Table) -> LabelledDataset:
    _give_back()
    if is_ucr(upload, table):
        return read_ucr(upload, table)
    if (found := find_long(upload, table)) is not None:
        return read_long(upload, table, found)
    draft = table_draft(upload, table)
    del table  # its columns take as much memory as all that is still to come
    _give_back()
    return finish(draft)


def _give_back() -> None:
    """Memory that Arrow keeps for the next table; formats that Arrow does not read have none."""
    if "pyarrow" in sys.modules:
        release()


def column_names(content: bytes, filename: str) -> list[str]:
    """Names of the columns of a table, for a choice of them; none of another file, or of one that cannot be read."""
    if Path(filename).suffix.lower() not in (*FORMATS, ".gz"):
        return []
    try:
        return preview_columns(Upload(io.BytesIO(content), "", filename)).names()
    except DataError:
        return []
