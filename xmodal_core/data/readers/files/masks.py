"""Masks of pictures -> a class for every pixel of the squares that pictures become.

Classes are grey levels, places in a palette that all masks share, or colours. Masks are cut as their pictures are, and
brought to size by nearest neighbours, so that no class arises that is in no mask.
"""

import re
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable, printable_path
from xmodal_core.data.readers.files.doubts import few, to_drop
from xmodal_core.data.readers.files.layout import by_folders
from xmodal_core.data.readers.files.mask import BAR, Mask, coloured, decode_mask
from xmodal_core.data.readers.files.pairs import Masks
from xmodal_core.data.readers.files.parallel import each_file
from xmodal_core.data.readers.files.picture import IMAGE_SIZE
from xmodal_core.data.readers.files.pictures import read_pictures
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import MAX_CLASSES, Task
from xmodal_core.data.understanding import Part
from xmodal_core.errors import DataError

_NO_CLASS = 255
_USUAL_CLASSES = 64  # more may be amounts
_ENDS = (32, 223)  # below and above, a blurred mask is black or white
_BLACK_OR_WHITE = 0.95  # share of pixels of such a mask
_FEW = 8  # values that even a blurred mask has
_OF_OBJECTS = 5  # numbers from which they may count the objects of a picture
_SAME_FORM = 0.02  # how far width / height of a mask may be from its picture's
_MAX_BROKEN = 0.05


def read_with_masks(draft: Draft, tree: Tree, pictures: Sequence[Entry], masks: Masks) -> None:
    """Fill the draft with pictures and the classes of their pixels; pictures and masks without the other are left out.

    Raises:
        DataError: no or too many classes, too many broken files, or masks of another form than their pictures.
    """
    of_picture = _chosen(draft, masks, len(pictures))
    kept = [one for at, one in enumerate(pictures) if at in of_picture]
    _tell_lone(draft, pictures, masks, of_picture)
    own = [of_picture[at] for at in sorted(of_picture)]
    draft.splits = draft.splits[sorted(of_picture)] if draft.splits is not None else None
    kept = by_folders(draft, kept, np.arange(len(kept)))
    sizes = read_pictures(draft, tree, kept)
    places = draft.labels.tolist()  # broken pictures are gone
    parts = [masks.entries[number] for at in places for number in own[at]]
    fit = draft.reading.fit or "crop"
    decoded = list(each_file(tree, parts, lambda _, content: decode_mask(content, fit)))
    rows = np.repeat(np.arange(len(places)), [len(own[at]) for at in places])
    decoded = _of_one_form(draft, parts, decoded, [sizes[row] for row in rows.tolist()])
    draft.labels, whole, in_colour = _of_pictures(draft, decoded, rows, len(places))
    if not whole.all():
        draft.keep(whole)
    if in_colour:
        _name_colours(draft)
    else:
        _as_classes(draft, any(one is not None and one.is_blurred for one in decoded))
    draft.label_reason = "each picture has a mask"
    draft.parts.append(Part(draft.label, f"{len(parts):,} masks", "label"))


def _chosen(draft: Draft, masks: Masks, n: int) -> dict[int, list[int]]:
    """Numbers of the masks of each picture: of the heap that the person says, or that has most; others are told."""
    paired = {name: {masks.of[i] for i in numbers} - {None} for name, numbers in masks.heaps.items()}
    said = draft.reading.label if draft.reading.label in paired else None
    ranked = sorted(paired, key=lambda name: -len(paired[name]))
    name = said or ranked[0]
    used = [name] + [one for one in ranked if one != name and not paired[one] & paired[name]]  # such as val_masks
    rivals = [one for one in ranked if one not in used]
    if rivals:
        left = [printable_path(masks.entries[i].path) for one in rivals for i in masks.heaps[one]]
        draft.leave_out("masks", left, "the pictures have other masks, too")
        if said is None:
            draft.warn(
                "label-guessed",
                f"pictures have masks in {few(sorted([name, *rivals]))}, and those in {printable(name, 40)} were read",
                "say which are the labels (label=FOLDER)",
                Reading(label=rivals[0]),
            )
    draft.label = printable(name)
    found: dict[int, list[int]] = {}
    for number in sorted(i for one in used for i in masks.heaps[one]):
        if (at := masks.of[number]) is not None:
            found.setdefault(at, []).append(number)
    if len(found) < 2:
        raise DataError(
            f"{draft.name}: {len(found)} of {n:,} pictures have a mask of their name, expected one for each, such as "
            "images/1.png and masks/1.png; rename them alike."
        )
    return found


def _tell_lone(draft: Draft, pictures: Sequence[Entry], masks: Masks, of_picture: dict[int, list[int]]) -> None:
    kept = [one for at, one in enumerate(pictures) if at in of_picture]
    used = [masks.entries[number] for numbers in of_picture.values() for number in numbers]
    for what, lone in (
        ("pictures have no mask", [one for at, one in enumerate(pictures) if at not in of_picture]),
        ("masks have no picture", [one for at, one in zip(masks.of, masks.entries, strict=True) if at is None]),
    ):
        if lone:
            names = [printable_path(one.path) for one in lone]
            draft.leave_out("files", names, f"these {what}")
            draft.warn(
                "files-left-out",
                f"{len(lone):,} {what} of their name and were left out, such as {names[0]}",
                "leave them out, or add what is missing",
                to_drop(lone, [*kept, *used]),
            )


def _of_one_form(
    draft: Draft, entries: Sequence[Entry], masks: Sequence[Mask | None], sizes: Sequence[tuple[int, int]]
) -> list[Mask | None]:
    """Masks, None for those that cannot lie on their pictures of these widths and heights.

    Raises:
        DataError: too many of them.
    """
    forms = [width / height for width, height in sizes]
    off = [mask is not None and abs(mask.form / form - 1) > _SAME_FORM for mask, form in zip(masks, forms, strict=True)]
    if sum(off) > _MAX_BROKEN * len(masks):
        at = off.index(True)
        mask, (width, height) = masks[at], sizes[at]
        assert mask is not None
        raise DataError(
            f"{draft.name}: {sum(off):,} masks have another form than their pictures, such as "
            f"{printable_path(entries[at].path)}, {mask.form:.2f} times as wide as high for a picture of {width:,} x "
            f"{height:,}, expected the same form; save both from the same cut."
        )
    return [None if is_off else mask for mask, is_off in zip(masks, off, strict=True)]


def _of_pictures(
    draft: Draft, masks: Sequence[Mask | None], rows: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Values (n, 64, 64) int32 of the masks of each picture, which pictures (n,) have whole ones, whether in colour.

    Raises:
        DataError: too many masks are broken.
    """
    whole = np.ones(n, bool)
    whole[[row for row, mask in zip(rows.tolist(), masks, strict=True) if mask is None]] = False
    if (n_broken := int((~whole).sum())) > _MAX_BROKEN * n:
        raise DataError(
            f"{draft.name}: masks of {n_broken:,} of {n:,} pictures cannot be read as whole numbers or colours "
            f"of the form of their picture, expected at most {_MAX_BROKEN:.0%}; replace them."
        )
    if n_broken:
        draft.leave_out("pictures", [f"picture {row + 1}" for row in np.flatnonzero(~whole)], "their masks are broken")
        draft.warn("files-left-out", f"{n_broken:,} pictures were left out for broken masks", "replace the masks")
    found = [mask for mask in masks if mask is not None]
    palettes = {mask.palette for mask in found}
    in_colour = any(mask.kind == "colour" for mask in found) or len(palettes) > 1
    together = np.full((n, IMAGE_SIZE, IMAGE_SIZE), BAR, np.int32)
    for row, mask in zip(rows.tolist(), masks, strict=True):
        if mask is not None:
            np.maximum(together[row], coloured(mask) if in_colour else mask.values, out=together[row])
    if in_colour:
        together, in_colour = _without_colour(together)
    if len(masks) > n:
        draft.changed.append(
            f"{len(masks):,} masks of {n:,} pictures put on each other, of several classes in a pixel the highest"
        )
    return together, whole, in_colour


def _without_colour(values: np.ndarray) -> tuple[np.ndarray, bool]:
    """Grey levels where all colours are grey, as of black and white palettes in two orders; else colours, and True."""
    if not ((values == BAR) | (values == (values & 0xFF) * 0x010101)).all():
        return values, True
    return np.where(values == BAR, BAR, values & 0xFF), False


def _name_colours(draft: Draft) -> None:
    """Colours of the draft's labels as numbers of classes that are called by them."""
    values = draft.labels
    real = _checked(draft, np.unique(values), is_blurred=False)
    draft.class_names = [f"#{one:06x}" for one in real.tolist()]
    shares = [
        f"{name} {(values == one).mean():.0%}" for name, one in zip(draft.class_names, real.tolist(), strict=True)
    ]
    draft.changed.append(f"colours of masks read as classes: {few(shares)}")
    draft.labels = _with_bars(np.searchsorted(real, values).astype(np.int32), values == BAR, draft.reading.ignore, BAR)


def _as_classes(draft: Draft, is_blurred: bool) -> None:
    """Grey levels or places in a palette of the draft's labels as classes.

    Raises:
        DataError: fewer than two, or too many to be classes.
    """
    values, found = _sharpened(draft, draft.labels, is_blurred)
    real = _checked(draft, found, is_blurred)
    usual = BAR
    if draft.reading.ignore is None and len(real) > 2 and real[-1] == _NO_CLASS and real[-2] < _NO_CLASS - 1:
        if real[-2] < _USUAL_CLASSES:
            usual = _NO_CLASS  # which is found out, and said, where all labels on cells are
        else:
            values = np.where(values == _NO_CLASS, BAR, values)
            draft.changed.append(f"{_NO_CLASS} of masks read as no class")
    draft.labels = _with_bars(values, values == BAR, draft.reading.ignore, usual)
    _doubt_objects(draft, real)


def _with_bars(values: np.ndarray, is_bar: np.ndarray, ignore: str | None, usual: int) -> np.ndarray:
    """Values in which bars beside a picture have the one code of what has no class: as said, else the usual one."""
    code = int(ignore) if ignore is not None and re.fullmatch(r"-?\d{1,6}", ignore) else usual
    return np.where(is_bar, code, values).astype(np.int32)


def _checked(draft: Draft, found: np.ndarray, is_blurred: bool) -> np.ndarray:
    """What occurs in masks without bars; a doubt where it is much for classes.

    Raises:
        DataError: fewer than two, or too many to be classes.
    """
    real = found[found != BAR]
    if not 2 <= len(real) <= MAX_CLASSES:
        way = ", and JPEG blurs them: save masks as PNG" if is_blurred else "; save masks as PNG with a value a class"
        raise DataError(
            f"{draft.name}: the masks hold {len(real):,} different value(s) such as "
            f"{', '.join(map(str, real[:3].tolist()))}, expected a class for each pixel, 2 to "
            f"{MAX_CLASSES:,} of them{way}."
        )
    if len(real) > _USUAL_CLASSES and draft.reading.task is None:
        draft.task = Task.SEGMENTATION
        draft.warn(
            "task-guessed",
            f"masks hold {len(real):,} different values, which may be amounts, such as depths; read as classes",
            "confirm that they are classes, or save arrays with np.savez(file, X=pictures, y=values)",
            Reading(task=str(Task.SEGMENTATION)),
        )
    return real


def _sharpened(draft: Draft, values: np.ndarray, is_blurred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Values and what occurs in them; black and white where masks are that but for blurred edges."""
    found = np.unique(values)
    levels = found[found != BAR]
    between = ((levels >= 2 * _ENDS[0]) & (levels < 0xFF)).any()
    if len(levels) <= 2 or levels[-1] > 0xFF or not (is_blurred or (between and len(levels) > _FEW)):
        return values, found
    inside = values[values != BAR]
    if ((inside <= _ENDS[0]) | (inside >= _ENDS[1])).mean() < _BLACK_OR_WHITE:
        return values, found
    draft.changed.append(f"{len(levels):,} grey levels of masks brought to 0 or 255, whichever is nearer")
    sharp = np.where(values == BAR, BAR, np.where(values < 128, 0, 255))
    return sharp, np.unique(sharp)


def _doubt_objects(draft: Draft, real: np.ndarray) -> None:
    """Doubt values that may number the objects of each picture, which are no classes."""
    if len(real) <= _OF_OBJECTS or draft.reading.task is not None or real.tolist() != list(range(len(real))):
        return
    highest = draft.labels.reshape(len(draft.labels), -1).max(axis=1)
    counts = [int((draft.labels == one).any(axis=(1, 2)).sum()) for one in real[1:].tolist()]
    if counts == sorted(counts, reverse=True) and counts[0] > counts[-1] and len(np.unique(highest)) > _OF_OBJECTS / 2:
        draft.warn(
            "task-guessed",
            f"values of masks run from 0 to {int(real[-1])} and higher ones are in ever fewer pictures, as numbers of "
            "objects are, which are no classes",
            "save masks with a value a class, or confirm",
            Reading(task=str(Task.SEGMENTATION)),
        )
