"""A table packed with gzip, unpacked within limits."""

import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import check_expanded
from xmodal_core.data.readers.recognise import check_suffix
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_CHUNK = 2**22
_PREVIEW_BYTES = 2**21
_DENSEST = 500  # times that a real table may shrink; beyond, and beyond the size below, it is made to hurt
_UNSUSPECTED = 2**26


def unpacked(upload: Upload, formats: Sequence[str], whole: bool = True) -> Upload:
    """What a `.gz` holds, called as the file without this suffix.

    Args:
        upload: the packed file.
        formats: suffixes that may be inside.
        whole: all of it; else what a preview needs.

    Raises:
        DataError: damaged, too large, or no table inside.
    """
    inner = upload.filename[: -len(".gz")]
    suffix = Path(inner).suffix.lower()
    check_suffix(printable(inner), suffix, list(formats))
    packed = upload.size()
    content = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=upload.stream, mode="rb") as stream:
            while chunk := stream.read(_CHUNK):
                content.write(chunk)
                check_expanded(upload, content.tell())
                if content.tell() > max(_UNSUSPECTED, _DENSEST * packed):
                    raise DataError(
                        f"{upload.name}: unpacks to more than {_DENSEST} times its size, which no table does; check "
                        "where the file is from."
                    )
                if not whole and content.tell() >= _PREVIEW_BYTES:
                    break
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{upload.name}: the gzip archive is damaged or cut short, expected a complete one; save or upload it "
            "again."
        ) from error
    content.seek(0)
    if not content.getbuffer().nbytes:
        raise DataError(f"{upload.name}: the archive holds an empty file; pack it again.")
    return replace(upload, stream=content, filename=inner)
