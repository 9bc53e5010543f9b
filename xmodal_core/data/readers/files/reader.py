"""The road through a zip or a folder: list files, sort them by kind, label them, read them, say what was left out."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable, printable_path
from xmodal_core.data.readers.files.doubts import warn_of_names
from xmodal_core.data.readers.files.kinds import Kind, by_kind
from xmodal_core.data.readers.files.layout import by_folders, folder_classes, without_dropped
from xmodal_core.data.readers.files.listed import by_lists, named_files, part_by_lists, tell_of_unused
from xmodal_core.data.readers.files.masks import read_with_masks
from xmodal_core.data.readers.files.pairs import Masks, refuse_boxes, set_masks_aside, tell_of_masks
from xmodal_core.data.readers.files.pictures import read_pictures
from xmodal_core.data.readers.files.sounds import read_sounds
from xmodal_core.data.readers.files.stacks import read_stacks
from xmodal_core.data.readers.files.tree import Entry, Tree, open_tree
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.targets import Task
from xmodal_core.errors import DataError

_SAMPLES: dict[Kind, Callable[[Draft, Tree, Sequence[Entry]], object]] = {
    Kind.PICTURE: read_pictures,
    Kind.SOUND: read_sounds,
    Kind.ARRAY: read_stacks,
}
_BY_MODALITY = {Modality.IMAGE: (Kind.PICTURE, Kind.ARRAY), Modality.SERIES: (Kind.SOUND, Kind.ARRAY)}
_NOT_FOR = {  # what may be said of other kinds
    Kind.PICTURE: ("length", "axes"),
    Kind.SOUND: ("fit", "ground", "axes"),
    Kind.ARRAY: ("fit", "ground", "length"),
}
_ARRAY_ARCHIVE = frozenset(("x.npy", "y.npy"))
_TO_CONVERT = {
    **dict.fromkeys((".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".svg", ".eps", ".psd", ".tga"), "PNG or JPEG"),
    **dict.fromkeys((".cr2", ".nef", ".arw", ".dng"), "PNG or JPEG"),
    **dict.fromkeys((".dcm", ".nii", ".mha", ".czi", ".svs", ".ndpi"), "PNG pictures, or to arrays with np.savez"),
    **dict.fromkeys(
        (".mp4", ".avi", ".mov", ".mkv", ".webm"), "pictures, a frame a sample, or to arrays with np.savez"
    ),
    **dict.fromkeys((".m4a", ".aac", ".wma", ".amr", ".3gp", ".sph"), "WAV or FLAC"),
}
_TEXT = (".data", ".dat", ".names")  # as in the archive of the University of California, Irvine
_SIDE_FILES = 0.05  # share of files that may be left out without a doubt


def read_files(upload: Upload) -> LabelledDataset:
    """Read pictures, sounds or arrays of a zip or a folder.

    Raises:
        DataError: an unsafe or damaged archive, nothing to read, no labels, or too many broken files.
    """
    with open_tree(upload) as tree:
        draft = _begun(upload)
        tree.tell(draft)
        found = by_kind(tree, without_dropped(draft, tree.entries))
        kind = _chosen(upload, found, tree.links)
        if foreign := [field for field in _NOT_FOR[kind] if field in upload.reading.said]:
            raise DataError(f"{upload.name}: {foreign[0]} means nothing for {kind}, expected none; leave it out.")
        draft.format = f"{'zip' if upload.folder is None else 'folder'} of {kind}"
        samples = found[kind]
        masks = Masks([], {}, [])
        if kind is Kind.PICTURE:
            refuse_boxes(draft, tree, samples, found[Kind.LIST])
            samples, masks = set_masks_aside(tree, samples)
        labelled = _labelled(draft, tree, samples, found[Kind.LIST], masks)
        if labelled is None:
            read_with_masks(draft, tree, samples, masks)
        elif draft.reading.ignore is not None:
            raise DataError(f"{upload.name}: ignore is a code of masks, and none are read here; leave it out.")
        else:
            _SAMPLES[kind](draft, tree, labelled)
    _tell_left_out(draft, found, kind)
    return finish(draft)


def _begun(upload: Upload) -> Draft:
    """A draft without samples, to take what there is to say from the start."""
    none = np.empty(0)
    return Draft(upload.name, upload.filename, upload.reading, "", Modality.IMAGE, "", none, none)


def _chosen(upload: Upload, found: dict[Kind, list[Entry]], links: Sequence[str]) -> Kind:
    """The kind of file that samples are: the most frequent one that the person's modality allows."""
    if set(one.path.name.lower() for one in found[Kind.ARRAY]) >= _ARRAY_ARCHIVE:
        raise DataError(
            f"{upload.name}: found the arrays X.npy and y.npy, expected files in class folders; rename "
            "the file to .npz."
        )
    modality = upload.reading.modality
    allowed = tuple(_SAMPLES) if modality is None else _BY_MODALITY.get(Modality(modality), (Kind.ARRAY,))
    kind = max(allowed, key=lambda one: len(found[one]))
    if found[kind]:
        return kind
    if other := [one for one in _SAMPLES if found[one]]:
        only = "image" if other[0] is Kind.PICTURE else "series"
        raise DataError(f"{upload.name}: {other[0]} are read as {only}, not {modality}; choose {only}.")
    raise _nothing(upload, found, links)


def _nothing(upload: Upload, found: dict[Kind, list[Entry]], links: Sequence[str]) -> DataError:
    """What to do about files of which none is a sample."""
    names = {kind: [printable(one.path.name, 40) for one in entries] for kind, entries in found.items()}
    everything = [name for one in names.values() for name in one]
    seen = f"only {', '.join(everything[:5])}" if everything else f"only links ({links[0]})" if links else "no files"
    expected = "expected pictures, sounds or .npy arrays in one folder per class"
    tables = names[Kind.TABLE] + [one for one in names[Kind.LIST] if not one.endswith(".txt")]
    if names[Kind.ARCHIVE]:
        mend = "unpack the archive inside and bring it, or pack what is in it"
    elif len(tables) == 1:
        mend = f"unpack {tables[0]} and bring it by itself"
    elif tables:
        mend = "unpack the tables, join them into one and bring it"
    elif links and not everything:
        mend = "put the files themselves in the place of links, which are not followed"
    elif len(names[Kind.LIST]) > len(everything) / 2:
        mend = "for texts bring a .csv with a text and a label column"
    elif (suffix := _most_frequent(found[Kind.OTHER])) in _TEXT:
        mend = f"rename the {suffix} file to .csv if it is a table as text, and bring it by itself"
    elif (suffix := _most_frequent(found[Kind.OTHER])) in _TO_CONVERT:
        mend = f"convert the {suffix} files to {_TO_CONVERT[suffix]}"
    else:
        mend = "for arrays use the suffix .npz"
    return DataError(f"{upload.name}: found {seen}, {expected}; {mend}.")


def _most_frequent(entries: Sequence[Entry]) -> str:
    return max(Counter(one.path.suffix.lower() for one in entries).items(), key=lambda one: one[1], default=("", 0))[0]


def _labelled(
    draft: Draft, tree: Tree, samples: Sequence[Entry], lists: Sequence[Entry], masks: Masks
) -> list[Entry] | None:
    """Samples that have a label, None where masks are the labels; the draft gets labels, splits and groups by row."""
    reading = draft.reading
    if reading.label == NO_LABELS:  # files to predict lie anywhere
        draft.inputs, draft.labels = np.arange(len(samples)), np.zeros(len(samples))
        return list(samples)
    named = named_files(tree, lists, samples)
    if masks.entries and (reading.task == Task.SEGMENTATION or reading.label in masks.heaps):
        part_by_lists(draft, named, len(samples))
        tell_of_unused(draft, lists, named, by_list=True)
        return None
    listed = by_lists(draft, named, samples, has_masks=bool(masks.entries))
    tell_of_unused(draft, lists, named, listed is not None)
    if listed is not None:
        samples, labels = listed
        if labels.dtype.kind == "U":
            warn_of_names(draft, labels)
        tell_of_masks(draft, masks, has_classes=True)
        return by_folders(draft, samples, labels)
    if masks.entries:
        classes = set(folder_classes(samples) or ())
        has_classes = 0 < len(classes) <= len(samples) / 2  # else each picture has a folder of its own
        if not has_classes and not {"task", "level", "label"} & {*reading.said}:
            return None
        tell_of_masks(draft, masks, has_classes or bool({"level", "label"} & {*reading.said}))
    return by_folders(draft, samples)


def _tell_left_out(draft: Draft, found: dict[Kind, list[Entry]], kind: Kind) -> None:
    """Name files of other kinds; a doubt where they may be data, for a class of them would be lost."""
    draft.leave_out("files", [_shown(one) for one in found[Kind.PAPER]], "they describe data or run, but hold none")
    others = [one for other, entries in found.items() if other not in (kind, Kind.LIST, Kind.PAPER) for one in entries]
    if not others:
        return
    draft.leave_out("files", [_shown(one) for one in others], f"they are no {kind} that can be read here")
    suffixes = Counter(one.path.suffix.lower() or "no suffix" for one in others)
    said = ", ".join(f"{n:,} of {printable(suffix, 20)}" for suffix, n in suffixes.most_common(3))
    holding = {above for one in (*found[kind], *found[Kind.LIST]) for above in one.path.parents}
    lost = sorted({str(one.path.parent) for one in others if one.path.parent not in holding})
    where = f", all that is in {', '.join(printable(one, 40) for one in lost[:3])}" if lost else ""
    if lost or found[Kind.ARCHIVE] or len(others) > _SIDE_FILES * len(found[kind]):
        patterns = tuple(sorted({f"*{one.path.suffix}" if one.path.suffix else one.path.name for one in others}))
        draft.warn(
            "files-left-out",
            f"{len(others):,} files were left out, for they are no {kind} that can be read here ({said}){where}",
            "save them in a format of the others, or leave them out",
            Reading(drop=patterns) if len(patterns) <= 5 else None,
        )


def _shown(entry: Entry) -> str:
    return printable_path(entry.path)
