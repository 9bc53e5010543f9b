"""Pictures -> (n, 1 or 3, 64, 64) float32 in [0, 1]; what a file has and that cannot hold is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.files.broken import set_broken_aside
from xmodal_core.data.readers.files.parallel import each_file
from xmodal_core.data.readers.files.picture import IMAGE_SIZE, Picture, decode_picture, prepare
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.reading import Reading

_GROUNDS = {"white": 255, "black": 0, "grey": 128}
_SHOWS = 0.5  # white is left for black where it shows less than this share of the contrast
_SEEN_THROUGH = 0.01  # share of a picture's area from which its transparency matters
_LOOKED_AT = 500
_LOST_BY_CROP = 1 / 3  # share of a picture
_NO_VALUE = (-9999.0, -99999.0, -32768.0, -32767.0)  # what maps of heights and such have where nothing was measured
_FAR_BELOW = -1e30
_OF_PICTURES = 0.1  # that lose so much
_LARGE_SIDE = 512  # a side from which 64 pixels keep an eighth or less
_DONE = {  # with pictures that are no squares
    "crop": "cropped to squares and resized",
    "pad": "padded to squares with black bars and resized",
    "stretch": "stretched",
}


@dataclass(eq=False)
class _Album:
    """Pictures as they come, in little memory.

    Attributes:
        pixels: (files, 64, 64, 3) uint8; the first n are filled.
        alphas, deep: by row.
        sizes: width and height in the file.
    """

    pixels: np.ndarray
    alphas: dict[int, np.ndarray] = field(default_factory=dict)
    deep: dict[int, np.ndarray] = field(default_factory=dict)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    is_grey: bool = True
    n_frames: int = 0
    n_turned: int = 0
    n_depth_lost: int = 0
    n_bands_lost: int = 0

    def add(self, picture: Picture) -> None:
        """Put a picture behind the others."""
        row = len(self.sizes)
        self.sizes.append(picture.size)
        if picture.pixels.ndim == 2:
            self.deep[row] = picture.pixels
            self.pixels[row] = 0
        else:
            self.pixels[row] = picture.pixels
            self.is_grey = self.is_grey and bool((picture.pixels == picture.pixels[..., :1]).all())
        if picture.alpha is not None:
            self.alphas[row] = picture.alpha
        self.n_frames += picture.frames
        self.n_turned += picture.turned
        self.n_depth_lost += picture.depth_lost
        self.n_bands_lost += picture.bands_lost


def read_pictures(draft: Draft, tree: Tree, entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Fill the draft with pixels; width and height of each picture that could be read.

    Args:
        draft: has a row per entry; broken pictures are taken out.
        tree: where the files are.
        entries: the pictures.

    Raises:
        DataError: too many broken pictures, or one of too many pixels.
    """
    prepare()
    fit = draft.reading.fit or "crop"
    album = _Album(np.empty((len(entries), IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8))
    kept = np.zeros(len(entries), bool)
    pictures = each_file(tree, entries, lambda entry, content: decode_picture(draft.name, entry, content, fit))
    for index, picture in enumerate(pictures):
        if picture is not None:
            kept[index] = True
            album.add(picture)
    set_broken_aside(draft, entries, kept, "pictures")
    draft.modality, draft.modality_reason = Modality.IMAGE, f"read as images because the {draft.format} holds pictures"
    if any(size != (IMAGE_SIZE, IMAGE_SIZE) for size in album.sizes):
        done = _DONE[fit] if any(width != height for width, height in album.sizes) else "resized"
        draft.changed.append(f"{done} to {IMAGE_SIZE} x {IMAGE_SIZE} (from {_range(album.sizes)})")
    _tell(draft, album)
    _warn_of_resolution(draft, album)
    draft.inputs = _scaled(draft, album)
    return album.sizes


def _scaled(draft: Draft, album: _Album) -> np.ndarray:
    """(n, c, 64, 64) float32, one channel where all pictures are grey."""
    n, channels = len(album.sizes), 1 if album.is_grey else 3
    scaled = np.empty((n, channels, IMAGE_SIZE, IMAGE_SIZE), np.float32)
    for row in range(n):
        np.divide(np.moveaxis(album.pixels[row, ..., :channels], 2, 0), np.float32(255), out=scaled[row])
    if album.deep:
        _scale_deep(draft, album, scaled)
    if album.alphas:
        _ground(draft, album, scaled)
    return scaled


def _scale_deep(draft: Draft, album: _Album, scaled: np.ndarray) -> None:
    """Deep pictures by the range of all of them together, so that none of their levels is lost."""
    low = float(min(one.min() for one in album.deep.values()))
    high = float(max(one.max() for one in album.deep.values()))
    width = max(high - low, float(np.finfo(np.float32).tiny))
    for row, values in album.deep.items():
        scaled[row] = (values - low) / width
    draft.changed.append(
        f"{len(album.deep):,} pictures of more than 8 bits scaled from {low:,.5g}..{high:,.5g} to 0..1"
    )
    if low < _FAR_BELOW or any(np.isclose(low, code) for code in _NO_VALUE):
        n = sum(float(one.min()) <= low / 2 for one in album.deep.values())
        draft.warn(
            "depth-lost",
            f"{n:,} of {len(album.sizes):,} pictures hold {low:,.6g}, which often stands for a value that is missing "
            "and takes most of the range to which all are scaled",
            "fill these in and save the pictures again",
        )
    if len(album.deep) < len(album.sizes):
        draft.warn(
            "depth-lost",
            f"{len(album.deep):,} of {len(album.sizes):,} pictures have more than 8 bits and are scaled by their "
            "range, the others by 255, which tells them apart",
            "save all of them with the same depth",
        )


def _ground(draft: Draft, album: _Album, scaled: np.ndarray) -> None:
    """Put transparent pictures on a ground: as said, else white unless only black shows what is on them."""
    name = draft.reading.ground or _ground_that_shows(album, scaled)
    for row, alpha in album.alphas.items():
        scaled[row] = _on(scaled[row], alpha, _GROUNDS[name])
    shares = {row: 1 - float(alpha.mean()) / 255 for row, alpha in album.alphas.items()}
    see_through = [share for share in shares.values() if share > _SEEN_THROUGH]
    if not see_through:
        return
    draft.changed.append(f"{len(see_through):,} transparent pictures put on {name}")
    if draft.reading.ground is None:
        draft.warn(
            "transparency",
            f"{len(see_through):,} of {len(album.sizes):,} pictures are transparent, at {np.mean(see_through):.0%} of "
            f"their area on average; {name} shines through",
            "confirm the ground or choose another one",
            Reading(ground=name),
        )


def _ground_that_shows(album: _Album, scaled: np.ndarray) -> str:
    rows = list(album.alphas)[:_LOOKED_AT]
    contrast = {
        name: float(np.mean([_on(scaled[row], album.alphas[row], _GROUNDS[name]).std() for row in rows]))
        for name in ("white", "black")
    }
    return "white" if contrast["white"] >= _SHOWS * contrast["black"] else "black"


def _on(pixels: np.ndarray, alpha: np.ndarray, level: int) -> np.ndarray:
    """(c, 64, 64) on black to the same on a grey level."""
    on: np.ndarray = np.minimum(pixels + (255 - alpha.astype(np.float32)) * np.float32(level / 255**2), np.float32(1))
    return on


def _tell(draft: Draft, album: _Album) -> None:
    if album.n_frames:
        draft.changed.append(f"the first frame or page taken of {album.n_frames:,} pictures that have several")
    if album.n_turned:
        draft.changed.append(f"{album.n_turned:,} pictures turned upright as their EXIF says")
    if album.n_bands_lost:
        draft.warn(
            "part-unused",
            f"{album.n_bands_lost:,} of {len(album.sizes):,} pictures have four bands, of which the first three were "
            "read as colours",
            "where the fourth matters save arrays with np.savez(file, X=pictures, y=labels)",
        )
    if album.n_depth_lost:
        draft.warn(
            "depth-lost",
            f"{album.n_depth_lost:,} of {len(album.sizes):,} pictures have 16 bits a colour, of which "
            "the upper 8 were read",
            "where small differences matter save arrays with np.savez(file, X=pictures, y=labels)",
        )


def _warn_of_resolution(draft: Draft, album: _Album) -> None:
    if draft.reading.fit is not None:
        return
    sizes = np.array(album.sizes, float)  # (n, 2)
    lost = 1 - sizes.min(axis=1) / sizes.max(axis=1)
    cropped = lost > _LOST_BY_CROP
    middle = int(np.argsort(sizes.prod(axis=1))[len(sizes) // 2])
    from_to = f"{album.sizes[middle][0]:,} x {album.sizes[middle][1]:,}"
    if cropped.mean() > _OF_PICTURES:
        draft.warn(
            "resolution-lost",
            f"a crop to a square takes more than a third off {int(cropped.sum()):,} of {len(lost):,} pictures "
            f"(such as {from_to} to {IMAGE_SIZE} x {IMAGE_SIZE}), {lost[cropped].mean():.0%} on average",
            "pad or stretch them, or confirm the crop with fit=crop",
            Reading(fit="pad"),
        )
    elif np.median(sizes.min(axis=1)) >= _LARGE_SIDE:
        draft.warn(
            "resolution-lost",
            f"pictures of {from_to} at the median become {IMAGE_SIZE} x {IMAGE_SIZE}",
            "cut out what matters first if it is small, or confirm",
            Reading(fit="crop"),
        )


def _range(sizes: Sequence[tuple[int, int]]) -> str:
    by_area = sorted(set(sizes), key=lambda size: (size[0] * size[1], size))
    ends = [f"{width:,} x {height:,}" for width, height in by_area]
    return ends[0] if len(ends) == 1 else f"{ends[0]} to {ends[-1]}"
