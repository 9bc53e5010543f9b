"""Text whose lines are no plain records: a mark behind every one, or only what is not zero."""

import re

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_SEEN = 2**16  # bytes
_MOST = 0.95  # share of lines
_FEWEST = 3  # lines
_SPARSE = re.compile(rb"[-+]?\d+(\.\d*)?(,\d+)*(\s+(qid:\d+|\d+:[-+]?[\d.]+([eE][-+]?\d+)?))+\s*(#.*)?")


def without_end_marks(content: bytes) -> tuple[bytes, list[str]]:
    """Text without the semicolon that ends every record where commas, tabs or bars separate; a clause that says so.

    Some loggers forget the new line behind it: each semicolon becomes one.
    """
    lines = _lines(content)
    ended = sum(line.endswith(b";") and line.count(b";") == 1 for line in lines)
    separated = sum(any(mark in line for mark in (b",", b"\t", b"|")) for line in lines)
    if len(lines) < _FEWEST or ended < _MOST * len(lines) or separated < _MOST * len(lines):
        return content, []
    return re.sub(rb";\s*", b"\n", content), ["took the semicolon at the end of every row off"]


def refuse_sparse(upload: Upload, content: bytes) -> None:
    """Refuse rows that name their columns, as LIBSVM writes them.

    Raises:
        DataError: says how to bring them.
    """
    lines = _lines(content)
    if len(lines) >= _FEWEST and all(map(_SPARSE.fullmatch, lines)):
        raise DataError(
            f"{upload.name}: rows such as {printable(lines[0].decode('utf-8', 'replace'), 30)!r} hold only what is not "
            "zero (LIBSVM), expected a value in every column; load them with scikit-learn's load_svmlight_file and "
            "save X and y together with np.savez(...)."
        )


def _lines(content: bytes) -> list[bytes]:
    start = content[:_SEEN]
    if len(content) > _SEEN:
        start = start[: start.rfind(b"\n") + 1]
    return [line.strip() for line in start.splitlines() if line.strip()]
