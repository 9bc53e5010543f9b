"""A table that was packed into a zip: which file it is, and what the others are.

A zip holds pictures, sounds or arrays as a rule. Where it holds tables instead, the only one is read by the reader of
its own suffix; several are read together where they are the splits of one (`x_TRAIN.ts`, `x_TEST.ts`). Archives in
archives stay closed.
"""

import fnmatch
import io
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.files.kinds import Kind, kind_by_name
from xmodal_core.data.readers.files.names import is_junk
from xmodal_core.data.readers.files.splits import role_of
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution, LeftOut
from xmodal_core.errors import DataError

_PREFERRED = (".ts", ".parquet", ".csv", ".tsv", ".xlsx", ".jsonl", ".arff", ".txt")  # of the same in several formats
_PROSE = (".txt", ".lst")  # tables only where nothing else is
_OTHERS = (Kind.PICTURE, Kind.SOUND, Kind.ARRAY, Kind.ARCHIVE)  # which other readers are for
_MOST_PAPERS = 20  # more are data of a kind that is not read
_MOST = 3  # files without a known suffix, or texts, beside or as tables
_NAMED = 6


@dataclass(frozen=True)
class Members:
    """What a zip with tables holds, by path.

    Attributes:
        read: the files to read, of one suffix.
        splits: train, val or test for each, or another name of what it holds; empty for a single file.
        papers: what describes data and holds none.
        copies: the same in other formats.
        others: what may matter.
        dropped: what the person leaves out.
    """

    read: tuple[str, ...]
    splits: tuple[str, ...]
    papers: tuple[str, ...]
    copies: tuple[str, ...]
    others: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """Of the files to read."""
        return PurePosixPath(self.read[0]).suffix.lower()


def find_members(upload: Upload, names: Sequence[str], of_parts: Collection[str]) -> Members | None:
    """The table of a zip with these files, or the tables of its splits; None where it holds something else.

    Args:
        upload: the zip.
        names: its files.
        of_parts: suffixes of files that each hold a part of the whole, whatever they are called.

    Raises:
        DataError: several tables, and nothing says how they go together.
    """
    own = [name for name in names if not is_junk(PurePosixPath(name))]
    dropped = tuple(one for one in own if any(_matches(one, pattern) for pattern in upload.reading.drop or ()))
    kinds: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for name in own:
        if name not in dropped:
            kinds[kind_by_name(PurePosixPath(name)) or Kind.OTHER].append(name)
    tables, others = kinds[Kind.TABLE] + kinds[Kind.LIST], kinds[Kind.OTHER]
    if (
        not tables
        or len(others) > _MOST
        or len(kinds[Kind.PAPER]) > _MOST_PAPERS
        or any(kinds[kind] for kind in _OTHERS)
    ):
        return None
    plain = [one for one in tables if not one.lower().endswith(_PROSE)]
    texts = [one for one in tables if one not in plain]
    if not plain and (others or len(texts) > _MOST):
        return None
    chosen, copies = _of_one_format(upload, plain or texts)
    prose = [one for one in texts if plain and _is_about(one, chosen)]
    left = [one for one in texts if plain and one not in prose]
    return Members(
        read=tuple(chosen),
        splits=_splits(upload, chosen, PurePosixPath(chosen[0]).suffix.lower() in of_parts),
        papers=(*kinds[Kind.PAPER], *prose),
        copies=tuple(copies),
        others=(*others, *left),
        dropped=dropped,
    )


def read_members(
    upload: Upload,
    members: Members,
    check: Callable[[Upload], None],
    read_one: Callable[[Upload], LabelledDataset],
    read_splits: Callable[[Sequence[Upload], Sequence[str]], LabelledDataset] | None,
) -> LabelledDataset:
    """The table, or the tables of all splits, with what was left out.

    Args:
        upload: the zip.
        members: from `find_members`.
        check: refuses a file whose bytes are not what its suffix says, or of which is said what means nothing.
        read_one: the reader of the suffix.
        read_splits: takes the files of several splits and the splits; None where the format cannot be put together.

    Raises:
        DataError: what the reader says, or files that cannot be put together.
    """
    if members.splits and read_splits is None:
        raise _several(upload, members.read)
    gone = {pattern for pattern in upload.reading.drop or () if any(_matches(one, pattern) for one in members.dropped)}
    kept = tuple(pattern for pattern in upload.reading.drop or () if pattern not in gone)
    inner = replace(upload, reading=replace(upload.reading, drop=kept or None))
    parts = [
        replace(inner, stream=stream, filename=f"{upload.filename}/{printable(name)}")
        for name, stream in _unpacked(upload, members.read)
    ]
    for part in parts:
        check(part)
    data = read_splits(parts, members.splits) if members.splits and read_splits is not None else read_one(parts[0])
    return _told(upload, members, data)


def _told(upload: Upload, members: Members, data: LabelledDataset) -> LabelledDataset:
    found = data.understanding
    assert found is not None
    left = [
        _left_out(members.papers, "they describe data, but hold none"),
        _left_out(members.copies, "they hold the same in another format"),
        _left_out(members.others, "they are no table that can be read here"),
        _left_out(members.dropped, "as said"),
    ]
    doubts = list(found.warnings)
    if members.others:
        doubts.append(
            Caution(
                "files-left-out",
                f"{len(members.others):,} files beside the table were left out, such as {printable(members.others[0])}",
                "leave them out, or bring them in a format that is read",
                Reading(drop=members.others),
            )
        )
    return replace(
        data,
        understanding=replace(
            found,
            reading=upload.reading,
            left_out=(*found.left_out, *filter(None, left)),
            warnings=tuple(doubts),
        ),
    )


def _left_out(names: Sequence[str], why: str) -> LeftOut | None:
    return LeftOut("files", len(names), tuple(map(printable, names[:_NAMED])), why) if names else None


def _unpacked(upload: Upload, names: Sequence[str]) -> list[tuple[str, io.BytesIO]]:
    """The bytes of these files, which all together are not more than one upload may unpack to."""
    allowance = archives.MAX_EXPANDED_BYTES
    found = []
    with archives.open_archive(upload) as archive:
        infos: dict[str, zipfile.ZipInfo] = {info.filename: info for info in archive.infolist()}
        for name in names:
            content = archives.read_entry(upload, archive, infos[name], allowance)
            allowance -= len(content)
            found.append((PurePosixPath(name).name, io.BytesIO(content)))
    return found


def _of_one_format(upload: Upload, tables: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tables of one suffix, and those that are the same in other formats.

    Raises:
        DataError: they have other names than these.
    """
    by_suffix: dict[str, list[str]] = {}
    for name in tables:
        by_suffix.setdefault(PurePosixPath(name).suffix.lower(), []).append(name)
    stems = [sorted(PurePosixPath(name).stem.lower() for name in names) for names in by_suffix.values()]
    if any(one != stems[0] for one in stems):
        raise _several(upload, tables)
    rank = {suffix: place for place, suffix in enumerate(_PREFERRED)}
    first, *rest = sorted(by_suffix, key=lambda suffix: rank.get(suffix, len(rank)))
    return by_suffix[first], [name for suffix in rest for name in by_suffix[suffix]]


def _is_about(text: str, tables: Sequence[str]) -> bool:
    """Whether a text has the name of a table, or the beginning of it, as descriptions and copies have."""
    stem = PurePosixPath(text).stem.lower()
    return any(PurePosixPath(one).stem.lower().startswith(stem) for one in tables)


def _splits(upload: Upload, tables: Sequence[str], are_parts: bool) -> tuple[str, ...]:
    if len(tables) == 1:
        return ()
    if are_parts and len(tables) <= _NAMED:
        return tuple(PurePosixPath(one).stem for one in tables)
    found = [role_of(PurePosixPath(one).stem) or role_of(PurePosixPath(one).parent.name) for one in tables]
    splits = tuple(one for one in found if one is not None)
    if len(set(splits)) < len(tables):
        raise _several(upload, tables)
    return splits


def _several(upload: Upload, tables: Sequence[str]) -> DataError:
    shown = ", ".join(printable(one, 60) for one in tables[:_NAMED])
    more = f" and {len(tables) - _NAMED} more" if len(tables) > _NAMED else ""
    main = next((one for one in tables if role_of(PurePosixPath(one).stem) == "train"), tables[0])
    drop = "drop=" + "+".join(printable(PurePosixPath(one).name, 60) for one in tables[:_NAMED] if one != main)
    return DataError(
        f"{upload.name}: found {len(tables):,} tables ({shown}{more}), expected one, or train, val and test with the "
        f"same columns; leave the others out with --read '{drop}', or join them into one."
    )


def _matches(name: str, pattern: str) -> bool:
    path = PurePosixPath(name)
    return any(one == pattern or fnmatch.fnmatchcase(one, pattern) for one in (*path.parts, str(path)))
