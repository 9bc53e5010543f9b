"""Opening a zip archive that nobody vouches for.

The header of an archive is a claim: sizes are checked twice, in the header before anything is unpacked
and by counting what really comes out.
"""

import struct
import zipfile
import zlib

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

MAX_ENTRIES = 50_000  # 20,000 pictures, each in a folder of its own, with labels beside them
MAX_EXPANDED_BYTES = 2**30
_CHUNK_BYTES = 2**20
_ENCRYPTED = 0x1
# what zipfile is known to raise on damaged archives; none of it is worth a traceback
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)


def open_archive(upload: Upload, limit: int | None = None) -> zipfile.ZipFile:
    """Open the archive after checking what its header claims; close it after use.

    Args:
        upload: the file.
        limit: most bytes that all entries together may unpack to; `MAX_EXPANDED_BYTES` when None.

    Raises:
        DataError: damaged, too many entries, too large, encrypted, or an unusual compression.
    """
    try:
        archive = zipfile.ZipFile(upload.stream)
    except DAMAGE as error:
        raise _damaged(upload, "its list of files cannot be read") from error
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise DataError(f"{upload.name}: has {len(entries):,} entries, expected at most {MAX_ENTRIES:,}; split it up.")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise DataError(
                f"{upload.name}: {printable(entry.filename)!r} is encrypted, expected an archive without a password; "
                "pack it again without one."
            )
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"{upload.name}: {printable(entry.filename)!r} is packed with compression method "
                f"{entry.compress_type}, expected stored or deflate; pack it again as an ordinary zip."
            )
    check_expanded(upload, sum(entry.file_size for entry in entries), limit)
    return archive


def names_in(upload: Upload) -> list[str]:
    """Names of the files in an archive, folders left out; leaves the stream at its start.

    Raises:
        DataError: as `open_archive`.
    """
    with open_archive(upload) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    upload.stream.seek(0)
    return names


def check_expanded(upload: Upload, n_bytes: int, limit: int | None = None) -> None:
    """Refuse more unpacked bytes than the limit (`MAX_EXPANDED_BYTES` when None).

    Raises:
        DataError: gives both sizes.
    """
    limit = MAX_EXPANDED_BYTES if limit is None else limit
    if n_bytes > limit:
        raise DataError(
            f"{upload.name}: unpacks to {n_bytes / 2**30:,.2f} GiB, expected at most {limit / 2**30:,.2f} GiB; "
            "keep fewer or smaller samples."
        )


def read_entry(upload: Upload, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowance: int) -> bytearray:
    """Unpack one entry, counting as it comes.

    Args:
        upload: the file, for messages.
        archive: opened by `open_archive`.
        entry: which part.
        allowance: bytes that may still come out.

    Raises:
        DataError: the entry is damaged or holds more than the allowance.
    """
    content = bytearray()
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                content += chunk
                check_expanded(upload, len(content), allowance)
    except DAMAGE as error:
        raise _damaged(upload, f"{entry.filename} cannot be unpacked") from error
    return content


def read_start(upload: Upload, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, n_bytes: int) -> bytes:
    """The first bytes of an entry, all where it has fewer.

    Raises:
        DataError: the entry is damaged.
    """
    try:
        with archive.open(entry) as stream:
            return stream.read(n_bytes)
    except DAMAGE as error:
        raise _damaged(upload, f"{entry.filename} cannot be unpacked") from error


def _damaged(upload: Upload, reason: str) -> DataError:
    return DataError(
        f"{upload.name}: the archive is damaged or cut short ({printable(reason).rstrip('.')}), expected a complete "
        "zip archive; save or upload it again."
    )
