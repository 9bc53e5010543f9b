r"""`.arff` of the time-series archives with several channels: one relational attribute and a class.

A sample is a quoted string with a channel a line, `'1,2,3\n4,5,6',label`, where `\n` is written out. Weka's own
format, as the UEA archive uses it; everything else in `.arff` is a table.
"""

import re

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.series.assemble import series_dataset
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_START = 65_536  # bytes in which the attribute is declared
_FORM = ".arff with series of several channels"


def relational_text(upload: Upload) -> str | None:
    """The text of an .arff with a relational attribute; None, with the stream at its start, for every other file."""
    if not upload.filename.lower().endswith(".arff"):
        return None
    start = upload.stream.read(_START)
    upload.stream.seek(0)
    if re.search(rb"^\s*@attribute\s+\S+\s+relational\b", start, re.IGNORECASE | re.MULTILINE) is None:
        return None
    return upload.stream.read().decode("utf-8-sig", "replace")


def read_relational(upload: Upload, text: str) -> LabelledDataset:
    """Read the samples behind @data.

    Raises:
        DataError: a line that is no sample.
    """
    marker = re.search(r"^\s*@data\s*$", text, re.IGNORECASE | re.MULTILINE)
    if marker is None:
        raise DataError(f"{upload.name}: found no @data, expected a header and then the samples; check the file.")
    body = text[marker.end() :]
    series, labels = [], []
    for number, line in enumerate(filter(str.strip, body.splitlines()), start=1):
        if line.lstrip().startswith("%"):
            continue
        found = re.fullmatch(r"""\s*(['"])(.*)\1\s*,\s*(.*?)\s*""", line)
        if found is None:
            raise DataError(
                f"{upload.name}: sample {number:,} is {printable(line, 40)!r}, expected channels in quotes and a "
                "class; correct the line."
            )
        series.append(_channels(upload, number, found[2]))
        labels.append(found[3].strip("'\""))
    return series_dataset(
        upload,
        _FORM,
        series,
        np.array(labels, np.str_),
        "read as series because its attribute is relational",
        "the last attribute",
        "the one beside the relational attribute",
    )


def _channels(upload: Upload, number: int, written: str) -> np.ndarray:
    rows = [row.split(",") for row in written.replace("\\n", "\n").strip().split("\n")]
    try:
        values = [[np.nan if v.strip() == "?" else float(v) for v in row] for row in rows]
        return np.array(values)
    except ValueError as error:
        raise DataError(
            f"{upload.name}: sample {number:,} cannot be read, expected channels of equally many numbers; correct it."
        ) from error
