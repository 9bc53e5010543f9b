"""Pictures that say where something is in another picture: masks, and lists of boxes."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.files.picture import is_flat
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

_FOLDER = re.compile(
    r"(.*[ _-])?masks?([ _-].*)?|(.*[ _-])?(ground[ _-]?truths?|gts?|trimaps?|segmaps?|annotations?|labelids)|labels?|"
    r"segmentations?|seg|targets?|segmentationclass|manual\d?|labels?[ _-]?(png|tr|ts|images?)",
    re.I,
)
_SUFFIX = re.compile(
    r"[ _-]*(masks?|seg|segmentation|gt|groundtruth|label|labels|annotation|manual)([ _-]?\d+)?$", re.I
)
_NUMBER = re.compile(rb"[-+.\deE]+")
_LOOKED_AT = 3
_PAIRED = 0.8  # share of a folder's files that have a partner


def set_masks_aside(draft: Draft, tree: Tree, pictures: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Pictures, and masks of pictures, which lie in a folder of their own or end in such as `_mask`.

    Args:
        draft: told what was found.
        tree: where they are; a few are looked at, for a class may be called "mask".
        pictures: all of them.
    """
    masks = {id(one) for one in (*_in_folders(tree, pictures), *_beside(pictures))}
    if not masks:
        return list(pictures), []
    kept = [one for one in pictures if id(one) not in masks]
    aside = [one for one in pictures if id(one) in masks]
    draft.leave_out("masks", [printable(str(one.path)) for one in aside], "they say where something is in a picture")
    return kept, aside


def tell_of_masks(draft: Draft, masks: Sequence[Entry], has_classes: bool) -> None:
    """Warn of masks beside classes; where there are no classes, they are all there is.

    Raises:
        DataError: a class per pixel, which pictures in a zip are not read for.
    """
    if not masks:
        return
    folders = sorted({part for one in masks for part in one.path.parent.parts if _FOLDER.fullmatch(part)})
    example = printable(str(masks[0].path))
    if not has_classes:
        raise DataError(
            f"{draft.name}: found {len(masks):,} masks of pictures, such as {example!r}, expected one folder per class "
            "or a list of labels; for a class per pixel save arrays with np.savez(file, X=pictures, y=masks), for one "
            f"per picture leave them out with --read drop={folders[0] if folders else '*mask*'}."
        )
    draft.warn(
        "files-left-out",
        f"{len(masks):,} pictures are masks of others, such as {example!r}, and were left out",
        "leave them out, or save arrays with np.savez(file, X=pictures, y=masks) to predict them",
        Reading(drop=tuple(folders) if folders else tuple(sorted({f"*{_ending(one)}*" for one in masks}))),
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
    """Pictures in folders for masks, most of which have a partner of the same name elsewhere."""
    heaps: dict[PurePosixPath, list[Entry]] = defaultdict(list)
    elsewhere = set()
    for one in pictures:
        if any(_FOLDER.fullmatch(part) for part in one.path.parent.parts):
            heaps[one.path.parent].append(one)
        else:
            elsewhere.add(_base(one))
    found: list[Entry] = []
    for heap in heaps.values():
        paired = sum(_base(one) in elsewhere for one in heap) >= _PAIRED * len(heap)
        if paired and all(is_flat(tree.read(one)) for one in heap[:_LOOKED_AT]):
            found += heap
    return found


def _beside(pictures: Sequence[Entry]) -> list[Entry]:
    """Pictures such as `1_mask.png` that lie beside a `1.png`."""
    whole = {(one.path.parent, one.path.stem) for one in pictures}
    return [one for one in pictures if _ending(one) and (one.path.parent, _SUFFIX.sub("", one.path.stem)) in whole]


def _ending(one: Entry) -> str:
    found = _SUFFIX.search(one.path.stem)
    return re.sub(r"\d+$", "", found[0]).strip() if found else ""


def _base(one: Entry) -> str:
    return _SUFFIX.sub("", one.path.stem)
