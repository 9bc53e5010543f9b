"""`.ts` of the time-series archives: a header of @ lines, then a series a line, `1,2,3:4,5,6:label`.

Channels are separated by colons, values by commas, a missing value is a question mark. The format is that of the UEA
and UCR archives (timeseriesclassification.com); files with time stamps are refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.series.assemble import series_dataset
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS
from xmodal_core.data.targets import Task
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_REGRESSION = "targetlabel"
_FORM = ".ts of the time-series archives"


def read_ts(upload: Upload) -> LabelledDataset:
    """Read series of one or several channels with a class or a number each.

    Raises:
        DataError: a header without @data, time stamps, no labels, or a line that is no series.
    """
    return _read(upload, *_parts(upload), None)


def read_ts_of_splits(uploads: Sequence[Upload], splits: Sequence[str]) -> LabelledDataset:
    """Read files of the same header, one a split (train, val or test).

    Raises:
        DataError: as `read_ts`, or their headers differ in what the lines have.
    """
    (header, _), *others = parts = [_parts(one) for one in uploads]
    for other, _ in others:
        for key in ("classlabel", _REGRESSION, "timestamps", "dimensions", "univariate"):
            if header.get(key, "") != other.get(key, ""):
                raise DataError(
                    f"{uploads[0].name}: @{key} is {printable(header.get(key, 'missing'), 30)} in one file and "
                    f"{printable(other.get(key, 'missing'), 30)} in another, expected the same; mend the headers."
                )
        header["classes"] = " ".join(dict.fromkeys(f"{header.get('classes', '')} {other.get('classes', '')}".split()))
        if other.get("serieslength") != header.get("serieslength"):
            header.pop("serieslength", None)
    files = [PurePath(one.filename).name for one in uploads]
    together = replace(uploads[0], filename=" + ".join([uploads[0].filename, *files[1:]]))
    rows = np.repeat(np.array(splits, np.str_), [len(lines) for _, lines in parts])
    return _read(together, header, [line for _, lines in parts for line in lines], rows)


def _read(
    upload: Upload, header: dict[str, str], lines: list[tuple[int, str]], splits: np.ndarray | None
) -> LabelledDataset:
    if header.get("timestamps", "false") == "true":
        raise DataError(
            f"{upload.name}: its values have time stamps, expected values at equal steps; save it with @timestamps "
            "false."
        )
    is_number = header.get(_REGRESSION, "").startswith("true")
    is_class = header.get("classlabel", "").startswith("true")
    is_number = is_number or (is_class and upload.reading.task == Task.REGRESSION)
    unlabelled = upload.reading.label == NO_LABELS
    if not (is_class or is_number or unlabelled):
        raise DataError(
            f"{upload.name}: found no labels (@classLabel is {printable(header.get('classlabel', 'missing'), 30)}), "
            "expected @classLabel true with the names of the classes; add a label to every line."
        )
    series, labels = [], []
    for number, line in lines:
        channels = line.split(":")
        labels.append(channels.pop().strip() if is_class or is_number else "")
        series.append(_channels(upload, number, channels))
    words = np.array(labels, np.str_)
    return series_dataset(
        upload,
        _FORM,
        series,
        _numbers(upload, words) if is_number and not unlabelled else words,
        "read as series because .ts holds nothing else",
        "@targetLabel" if is_number else "@classLabel",
        "the last field of each line",
        Task.REGRESSION if is_number else Task.CLASSIFICATION,
        _denied(header, series, set() if is_number or unlabelled else set(labels)),
        splits,
        f"from the files {printable(PurePath(upload.filename).name, 80)}" if splits is not None else "",
    )


def _denied(header: dict[str, str], series: list[np.ndarray], classes: set[str]) -> list[Caution]:
    """A warning where the lines have what the header denies: other classes, channels or lengths."""
    declared = set(header.get("classes", "").split())
    lengths = {one.shape[-1] for one in series}
    said = []
    if declared and (unknown := sorted(classes - declared)):
        said.append(f"classes that @classLabel does not name ({printable(', '.join(unknown[:3]), 60)})")
    channels = header.get("dimensions", header.get("dimension", ""))
    if channels.isdecimal() and series and len(series[0]) != int(channels):
        said.append(f"{len(series[0])} channels where @dimensions says {channels}")
    if (steps := header.get("serieslength", "")).isdecimal() and lengths and lengths != {int(steps)}:
        found = f"{min(lengths):,}" + (f" to {max(lengths):,}" if len(lengths) > 1 else "")
        said.append(f"{found} steps where @seriesLength says {steps}")
    if not said:
        return []
    return [Caution("header-differs", f"the lines have {' and '.join(said)}", "correct the header, or the lines")]


def _parts(upload: Upload) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """The header by lower-case name, and the lines of data with their numbers."""
    content = upload.stream.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:  # authors' names in the comments of old files
        text = content.decode("latin-1")
    header: dict[str, str] = {}
    numbered = enumerate(text.splitlines(), start=1)
    for _, line in numbered:
        entry = line.strip()
        if entry.lower() == "@data":
            break
        if entry.startswith("@"):
            name, value = [*entry[1:].split(None, 1), ""][:2]
            header[name.lower()] = value.strip() if name.lower() == "classlabel" else value.strip().lower()
    else:
        raise DataError(f"{upload.name}: found no @data, expected a header and then the series; check the file.")
    if (kinds := header.get("classlabel", "")).lower().startswith("true"):
        header["classlabel"], header["classes"] = "true", kinds[len("true") :]
    return header, [(n, line) for n, line in numbered if line.strip() and not line.lstrip().startswith(("#", "%"))]


def _channels(upload: Upload, number: int, channels: list[str]) -> np.ndarray:
    """One sample (c, t); channels of one sample are equally long."""
    rows = [values.split(",") for values in channels]
    if not rows or len({len(row) for row in rows}) > 1:
        found = f"channels of {min(map(len, rows))} to {max(map(len, rows))} steps" if rows else "a label only"
        raise DataError(
            f"{upload.name}: line {number:,} has {found}, expected channels of equal length and a label separated by "
            "colons; correct the line."
        )
    try:
        return np.array([[np.nan if v.strip() in ("?", "NaN", "nan", "") else float(v) for v in row] for row in rows])
    except ValueError as error:
        raise DataError(
            f"{upload.name}: line {number:,} holds {printable(str(error).split(':')[-1].strip(), 40)}, expected "
            "numbers separated by commas; correct the line."
        ) from error


def _numbers(upload: Upload, words: np.ndarray) -> np.ndarray:
    try:
        return words.astype(np.float64)
    except ValueError as error:
        raise DataError(
            f"{upload.name}: @targetLabel says that targets are numbers, found {printable(str(error), 60)}; correct "
            "the header or the targets."
        ) from error
