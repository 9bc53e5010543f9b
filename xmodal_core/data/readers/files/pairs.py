"""Pictures that say where something is in another picture: which they are, and whose."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable_path
from xmodal_core.data.readers.files.picture import is_flat
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

_FOLDER = re.compile(  # `train_masks`, `GroundTruth`, `trainannot`, `SegmentationClass`, `1st_manual`
    r"(.*[ _-])?masks?([ _-].*)?|(.*[ _-])?(ground[ _-]?truths?|gts?|trimaps?|segmaps?|annotations?|labels?|"
    r"manual\d?)|.*(annot|label[ _-]?ids?)|segmentations?([ _-]?class)?|seg|targets?|labels?[ _-]?(png|tr|ts|images?)",
    re.I,
)
_OF_MASK = (
    r"masks?|segmentation|seg|gt[ _-]?(fine|coarse)?|ground[ _-]?truth|labels?|annotation|annot|manual|trimap|"
    r"label[ _-]?(train)?ids?"
)
_OF_EITHER = r"lesion|l|image|img|im|sat|rgb|photo|picture|input|original|orig|raw|leftimg8bit|training|train|test|val"
_SUFFIX = re.compile(rf"[ _-]+({_OF_MASK})([ _-]?\d+)?$|(?<=.)mask$", re.I)  # `1_mask`, `1_mask_2`, `1mask`
_AFFIX = re.compile(
    rf"^({_OF_MASK}|{_OF_EITHER})[ _-]+(?=.)|[ _-]+(({_OF_MASK})([ _-]?\d+)?|{_OF_EITHER})$|(?<=.)mask$", re.I
)
_NUMBER = re.compile(rb"[-+.\deE]+")
_LOOKED_AT = 3
_PAIRED = 0.8  # share of a folder's files that have a partner
BESIDE = "masks"  # what masks are called that lie beside their pictures


@dataclass(frozen=True, eq=False)
class Masks:
    """Masks of pictures.

    Attributes:
        entries: all of them.
        heaps: their numbers by what they are called: the folder for masks that they lie in, or `BESIDE`.
        of: the picture of each, a number into the pictures; None where there is none, or no telling which.
    """

    entries: list[Entry]
    heaps: dict[str, list[int]]
    of: list[int | None]


def set_masks_aside(tree: Tree, pictures: Sequence[Entry]) -> tuple[list[Entry], Masks]:
    """Pictures, and masks of pictures, which lie in a folder of their own or end in such as `_mask`.

    Args:
        tree: where they are; a few are looked at, for a class may be called "mask".
        pictures: all of them.
    """
    found = {id(one) for one in (*_in_folders(tree, pictures), *_beside(tree, pictures))}
    kept = [one for one in pictures if id(one) not in found]
    aside = [one for one in pictures if id(one) in found]
    heaps: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(aside):
        heaps[_folder_of(one) or BESIDE].append(number)
    return kept, Masks(aside, dict(heaps), _pictures_of(aside, kept) if aside else [])


def tell_of_masks(draft: Draft, masks: Masks, has_classes: bool) -> None:
    """Say that masks were left out; where there are no classes, they are all there is.

    Raises:
        DataError: nothing says the class of a picture, and the person asked for one.
    """
    if not masks.entries:
        return
    folders = sorted({folder for one in masks.entries if (folder := _folder_of(one))})
    example = printable_path(masks.entries[0].path)
    if not has_classes:
        raise DataError(
            f"{draft.name}: found {len(masks.entries):,} masks of pictures, such as {example!r}, expected one folder "
            "per class or a list of labels; for a class per pixel use --read task=segmentation, for one per picture "
            f"leave them out with --read drop={folders[0] if folders else '*mask*'}."
        )
    names = [printable_path(one.path) for one in masks.entries]
    draft.leave_out("masks", names, "they say where something is in a picture")
    draft.warn(
        "files-left-out",
        f"{len(masks.entries):,} pictures are masks of others, such as {example!r}, and were left out",
        "leave them out, or predict them with task=segmentation",
        Reading(drop=tuple(folders) if folders else tuple(sorted({f"*{_ending(one)}*" for one in masks.entries}))),
    )


def refuse_boxes(draft: Draft, tree: Tree, pictures: Sequence[Entry], lists: Sequence[Entry]) -> None:
    """Refuse a text file of numbers for every picture: boxes around objects, which no task here predicts.

    Raises:
        DataError: most pictures have one.
    """
    texts = {one.path.stem: one for one in lists if one.path.suffix.lower() == ".txt"}
    paired = sum(one.path.stem in texts for one in pictures)
    if len(texts) < 2 or paired <= len(pictures) / 2:
        return
    words = b" ".join(tree.start(one) for one in list(texts.values())[:_LOOKED_AT]).split()
    if all(_NUMBER.fullmatch(word) for word in words):
        raise DataError(
            f"{draft.name}: {paired:,} of {len(pictures):,} pictures have a text file of the same name, as object "
            "detectors take them, expected one folder per class or a list of labels; sort the pictures by class, and "
            "leave the text files out with --read 'drop=*.txt'."
        )


def _in_folders(tree: Tree, pictures: Sequence[Entry]) -> list[Entry]:
    """Pictures in folders for masks, most of which have a partner elsewhere."""
    heaps: dict[PurePosixPath, list[Entry]] = defaultdict(list)
    elsewhere, whole = set(), []
    for one in pictures:
        if _folder_of(one):
            heaps[one.path.parent].append(one)
        else:
            elsewhere.add(_key(one))
            whole.append(one)
    around = _alone_below(whole)
    found: list[Entry] = []
    for folder, heap in heaps.items():
        paired = sum(_key(one) in elsewhere for one in heap) >= _PAIRED * len(heap) or folder.parent in around
        if paired and all(is_flat(tree.read(one)) for one in heap[:_LOOKED_AT]):
            found += heap
    return found


def _beside(tree: Tree, pictures: Sequence[Entry]) -> list[Entry]:
    """Pictures such as `1_mask.png` that lie beside a `1.png` or a `1_image.png`."""
    whole = {(one.path.parent, _key(one)) for one in pictures if not _ending(one)}
    found = [one for one in pictures if _ending(one) and (one.path.parent, _key(one)) in whole]
    return found if all(is_flat(tree.read(one)) for one in found[:_LOOKED_AT]) else []


def _pictures_of(masks: Sequence[Entry], pictures: Sequence[Entry]) -> list[int | None]:
    """The picture of each mask: of this name, in the folder most like its own; else the only one beside its folder."""
    by_key: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(pictures):
        by_key[_key(one)].append(at)
    around = _alone_below(pictures)
    found: list[int | None] = []
    for mask in masks:
        near = by_key.get(_key(mask), [])
        if not near and mask.path.parent.parent in around:
            near = [around[mask.path.parent.parent]]
        alike = [_likeness(mask.path.parent, pictures[at].path.parent) for at in near]
        best = [at for at, n in zip(near, alike, strict=True) if n == max(alike)]
        found.append(best[0] if len(best) == 1 else None)
    return found


def _likeness(of_mask: PurePosixPath, of_picture: PurePosixPath) -> int:
    """How many folders of a picture a mask has, too, maybe with a word behind, as `train` and `trainannot`."""
    return sum(any(own.startswith(part) for own in of_mask.parts) for part in of_picture.parts)


def _alone_below(pictures: Sequence[Entry]) -> dict[PurePosixPath, int]:
    """The only picture in the folders of a folder, as where each picture has a folder with many masks of it."""
    below: dict[PurePosixPath, list[int]] = defaultdict(list)
    for at, one in enumerate(pictures):
        if len(one.path.parts) > 2:  # not of what is on top, which would have all of them
            below[one.path.parent.parent].append(at)
    return {folder: found[0] for folder, found in below.items() if len(found) == 1}


def _folder_of(one: Entry) -> str:
    """The folder for masks that it lies in, "" for none."""
    spaced = {part: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", part) for part in one.path.parent.parts}
    return next((part for part, words in reversed(spaced.items()) if _FOLDER.fullmatch(words)), "")


def _ending(one: Entry) -> str:
    found = _SUFFIX.search(one.path.stem)
    return re.sub(r"\d+$", "", found[0]).strip() if found else ""


def _key(one: Entry) -> str:
    """What a picture and its mask have in common: the stem without what says which of the two it is."""
    key, before = one.path.stem.lower(), ""
    while key != before:
        before, key = key, _AFFIX.sub("", key) or key
    return key
