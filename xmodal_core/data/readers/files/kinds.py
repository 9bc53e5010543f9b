"""What each file of a tree is, by its suffix or, where that says nothing, by its first bytes."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePosixPath

from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.readers.recognise import content


class Kind(StrEnum):
    """What a file is to this reader."""

    PICTURE = "pictures"
    SOUND = "sounds"
    ARRAY = "arrays"
    LIST = "lists"
    TABLE = "tables"
    ARCHIVE = "archives"
    PAPER = "papers"  # what lies beside data and is none: a readme, a licence
    OTHER = "other files"


def _each(kind: Kind, suffixes: str) -> dict[str, Kind]:
    return {f".{suffix}": kind for suffix in suffixes.split()}


_BY_SUFFIX = {
    **_each(Kind.PICTURE, "png apng jpg jpeg jpe jfif webp bmp dib tif tiff gif pgm ppm pbm pnm"),
    **_each(Kind.SOUND, "wav wave flac ogg oga opus aif aiff mp3"),
    **_each(Kind.ARRAY, "npy"),
    **_each(Kind.LIST, "csv tsv txt lst jsonl"),
    **_each(Kind.TABLE, "xlsx parquet arff ts npz mat h5 hdf5 h5ad safetensors fasta fa fna faa fas"),
    **_each(Kind.ARCHIVE, "zip tar gz tgz bz2 xz zst 7z rar"),
    **_each(
        Kind.PAPER,
        "md rst html htm xml json yaml yml ini cfg toml url log pdf doc docx rtf py ipynb m r sh bib tex dvc cff md5 "
        "sha1 sha256 lock",
    ),
}
_BY_CONTENT = {
    "a PNG picture": Kind.PICTURE,
    "a JPEG picture": Kind.PICTURE,
    "a GIF picture": Kind.PICTURE,
    "a single NumPy array": Kind.ARRAY,
    "a zip archive": Kind.ARCHIVE,
    "a gzip archive": Kind.ARCHIVE,
}
_PAPERS = ("readme", "license", "licence", "copying", "changelog", "authors", "citation", "attribution", "credits")


def kind_by_name(path: PurePosixPath) -> Kind | None:
    """What a file is by its name, None where that says nothing."""
    return Kind.PAPER if path.stem.lower().startswith(_PAPERS) else _BY_SUFFIX.get(path.suffix.lower())


def kind_of(tree: Tree, entry: Entry) -> Kind:
    """What a file is; only one of an unknown suffix is looked into."""
    if (known := kind_by_name(entry.path)) is not None:
        return known
    start = tree.start(entry)
    if start[:2] == b"BM" or start[:4] in (b"II*\0", b"MM\0*") or start[8:12] == b"WEBP":
        return Kind.PICTURE
    if start[8:12] == b"WAVE" or start[:4] in (b"fLaC", b"OggS"):
        return Kind.SOUND
    return _BY_CONTENT.get(content(start) or "", Kind.OTHER)


def by_kind(tree: Tree, entries: Iterable[Entry]) -> dict[Kind, list[Entry]]:
    """Entries of every kind, in their order; empty lists included."""
    found: dict[Kind, list[Entry]] = {kind: [] for kind in Kind}
    for entry in entries:
        found[kind_of(tree, entry)].append(entry)
    return found
