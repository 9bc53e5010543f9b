"""`Tree`: the files of a zip or of a folder, by safe relative paths, with their bytes when they are asked for.

Nothing is unpacked to disk, no link is followed, and every byte that comes out is counted.
"""

import contextlib
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable, printable_path
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.files.names import is_junk, safe_path, stored_names, with_slashes
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

MAX_RATIO = 100  # pictures and sounds hardly shrink; a zip that unpacks to more is a bomb
_RATIO_FROM_BYTES = 10 * 2**20


@dataclass(frozen=True, eq=False)
class Entry:
    """One file.

    Attributes:
        path: relative, in composed characters and without blanks around names; different files may share it.
        found: as it is stored.
        size: bytes that it claims to have.
        place: where its bytes are.
    """

    path: PurePosixPath
    found: str
    size: int
    place: zipfile.ZipInfo | Path


@dataclass(eq=False)
class Tree:
    """The files that a person brings in one zip or folder.

    Attributes:
        upload: zip or folder.
        entries: its files, without junk; of a zip in its order, of a folder by name.
        archive: the zip; None of a folder.
        guessed: the encoding that was guessed for names.
        links: links of the folder, which are not followed.
        empty: folders without any file.
    """

    upload: Upload
    entries: list[Entry]
    archive: zipfile.ZipFile | None = None
    guessed: str = ""
    links: tuple[str, ...] = ()
    empty: tuple[PurePosixPath, ...] = ()
    _allowance: int = archives.MAX_EXPANDED_BYTES

    def read(self, entry: Entry) -> bytes:
        """All bytes of a file; what was read so far counts against one limit.

        Raises:
            DataError: damaged, or more bytes than are allowed.
        """
        if isinstance(entry.place, Path):
            with entry.place.open("rb") as stream:
                content = stream.read(self._allowance + 1)
            archives.check_expanded(self.upload, len(content), self._allowance)
        else:
            assert self.archive is not None
            content = bytes(archives.read_entry(self.upload, self.archive, entry.place, self._allowance))
        self._allowance -= len(content)
        return content

    def rewind(self) -> None:
        """Files are going to be read once more, and count anew."""
        self._allowance = archives.MAX_EXPANDED_BYTES

    def start(self, entry: Entry, n: int = 512) -> bytes:
        """The first bytes of a file; nothing of one that is damaged."""
        with contextlib.suppress(*archives.DAMAGE):
            if isinstance(entry.place, Path):
                with entry.place.open("rb") as stream:
                    return stream.read(n)
            assert self.archive is not None
            with self.archive.open(entry.place) as packed:
                return packed.read(n)
        return b""

    def tell(self, draft: Draft) -> None:
        """Say what happened to names, and which links were not followed."""
        self._tell_of_nothing(draft)
        foreign = next((str(one.path) for one in self.entries if not str(one.path).isascii()), None)
        if self.guessed and foreign is not None:  # else it is only the names of what is passed over
            draft.warn(
                "encoding-guessed",
                f"names in the archive do not say their encoding and were read as {self.guessed}, such as "
                f"{printable(foreign)!r}",
                "say the encoding, this one or another",
                Reading(encoding=self.guessed),
            )
        found: dict[PurePosixPath, set[PurePosixPath]] = {}
        for entry in self.entries:
            found.setdefault(entry.path.parent, set()).add(PurePosixPath(entry.found).parent)
        if merged := [printable_path(path) for path, spellings in found.items() if len(spellings) > 1]:
            draft.changed.append(
                "merged folders whose names differ only in blanks around them or in how accents are stored: "
                + ", ".join(merged[:3])
                + (f" and {len(merged) - 3} more" if len(merged) > 3 else "")
            )

    def _tell_of_nothing(self, draft: Draft) -> None:
        """Say which links were not followed, and which folders beside class folders are empty: a class may be lost."""
        draft.leave_out("links", self.links, "links are not followed")
        if self.links:
            draft.warn(
                "files-left-out",
                f"{len(self.links):,} links were not followed, such as {self.links[0]}",
                "put the files themselves in their place if they matter",
            )
        around = {one.path.parent.parent for one in self.entries if one.path.parent.name}
        empty = [path for path in self.empty if path.parent in around]
        if empty:
            names = [printable_path(path) for path in empty]
            draft.leave_out("folders", names, "they hold no file")
            draft.warn(
                "files-left-out",
                f"{len(empty):,} folders beside others with files are empty, such as {names[0]}, and are no class",
                "add its files if it is one, or remove it",
            )


@contextlib.contextmanager
def open_tree(upload: Upload) -> Iterator[Tree]:
    """The files of the upload, for as long as it is open.

    Raises:
        DataError: unsafe names, links or special files in a zip, too many or too large files, a damaged archive.
    """
    if upload.folder is not None:
        yield _of_folder(upload, upload.folder)
        return
    with archives.open_archive(upload) as archive:
        yield _of_zip(upload, archive)


def _of_zip(upload: Upload, archive: zipfile.ZipFile) -> Tree:
    infos = archive.infolist()
    expanded, size = sum(info.file_size for info in infos), upload.size()
    if expanded > _RATIO_FROM_BYTES and expanded > MAX_RATIO * size:
        raise DataError(
            f"{upload.name}: unpacks to {expanded / size:,.0f} times its size, expected at most {MAX_RATIO} times for "
            "pictures or sounds; save them as PNG, JPEG or FLAC and pack them again."
        )
    names, guessed = stored_names(upload.name, infos, upload.reading.encoding)
    names = with_slashes(names)
    entries, folders = [], []
    for info, name in zip(infos, names, strict=True):
        path = safe_path(upload.name, name)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise DataError(
                f"{upload.name}: the entry {printable(name)!r} is a link or a special file, expected only files and "
                "folders; replace links with the files themselves."
            )
        if not path.parts or is_junk(path):
            continue
        if info.is_dir() or name.endswith("/"):
            folders.append(path)
        else:
            entries.append(Entry(path, name, info.file_size, info))
    holding = {above for one in (*folders, *(one.path for one in entries)) for above in one.parents}
    return Tree(upload, entries, archive, guessed, empty=tuple(path for path in folders if path not in holding))


def _of_folder(upload: Upload, folder: Path) -> Tree:
    entries: list[Entry] = []
    links: list[str] = []
    empty: list[PurePosixPath] = []
    waiting = [folder]
    n_seen = n_bytes = 0
    while waiting:
        inside = waiting.pop()
        with os.scandir(inside) as found:
            children = sorted(found, key=lambda child: child.name)
        deeper = []
        if not children and inside != folder:
            relative = os.fsencode(inside.relative_to(folder)).decode("utf-8", "replace")
            empty.append(safe_path(upload.name, relative))
        n_seen += len(children)
        if n_seen > archives.MAX_ENTRIES:
            raise DataError(
                f"{upload.name}: has more than {archives.MAX_ENTRIES:,} files and folders, expected at most so many; "
                "split it up."
            )
        for child in children:
            place = Path(child.path)
            relative = os.fsencode(place.relative_to(folder)).decode("utf-8", "replace")
            if is_junk(PurePosixPath(relative)):
                continue
            if child.is_symlink():
                links.append(printable(relative))
            elif child.is_dir(follow_symlinks=False):
                deeper.append(place)
            elif child.is_file(follow_symlinks=False):
                size = child.stat(follow_symlinks=False).st_size
                n_bytes += size
                entries.append(Entry(safe_path(upload.name, relative), relative, size, place))
        waiting += reversed(deeper)
    archives.check_expanded(upload, n_bytes)
    return Tree(upload, entries, links=tuple(links), empty=tuple(empty))
