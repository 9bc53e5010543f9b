"""Zips of pictures with masks, which say the class of every pixel."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.data.corpus import Brought
from tests.data.packed import encoded, packed, picture, pixels
from xmodal_core.data.reading import Reading

_CELLS = {"modality": "image", "task": "segmentation"}
_COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 0, 255]], np.uint8)
Encoder = Callable[[np.ndarray], bytes]


def _mask(i: int, values: tuple[int, ...] = (0, 255), size: tuple[int, int] = (16, 16)) -> np.ndarray:
    """(h, w) uint8: a bar of each value but the first, another one in every picture."""
    mask = np.full((size[1], size[0]), values[0], np.uint8)
    for k, value in enumerate(values[1:]):
        mask[1 + 4 * k : 4 + 4 * k + i % 2, 2 : 5 + i] = value
    return mask


def _pairs(
    image: str = "images/{}.png",
    mask: str = "masks/{}.png",
    values: tuple[int, ...] = (0, 255),
    encode: Encoder = encoded,
    start: int = 0,
    n: int = 8,
) -> dict[str, bytes]:
    seeds = range(start, start + n)
    files = {image.format(i): picture(i, 60 + 20 * (i % 3)) for i in seeds}
    return {**files, **{mask.format(i): encode(_mask(i - start, values)) for i in seeds}}


def _zip(
    make: Callable[[], dict[str, bytes]],
    outcome: str = "right",
    *says: str,
    said: Reading | None = None,
    **facts: object,
) -> Brought:
    return Brought("cells.zip", lambda: packed(make()), outcome, says, facts, said or Reading())


def _in_palette(colours: tuple[int, ...]) -> Encoder:
    def encode(mask: np.ndarray) -> bytes:
        image, stream = Image.new("P", mask.shape[::-1]), io.BytesIO()
        image.putdata(mask.reshape(-1).tolist())
        image.putpalette([*colours, *[7] * (768 - len(colours))])
        image.save(stream, "PNG")
        return stream.getvalue()

    return encode


def _palettes_that_differ() -> dict[str, bytes]:
    files = _pairs(values=(0, 1), encode=_in_palette((0, 0, 0, 255, 255, 255)), n=4)
    for i in range(4, 8):  # black and white in the other order
        files |= {f"images/{i}.png": picture(i)}
        files |= {f"masks/{i}.png": _in_palette((255, 255, 255, 0, 0, 0))(1 - _mask(i, (0, 1)))}
    return files


def _nuclei() -> dict[str, bytes]:
    """A folder for each picture, with a mask for each thing on it."""
    files = {f"{i:03}/images/{i:03}.png": picture(i) for i in range(8)}
    for i in range(8):
        for k in range(3):
            mask = np.zeros((16, 16), np.uint8)
            mask[5 * k : 5 * k + 3, i : i + 2 + k] = 255
            files[f"{i:03}/masks/{i}{k}f3.png"] = encoded(mask)
    return files


def _numbered_objects() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i) for i in range(10)}
    for i in range(10):
        mask = np.zeros((16, 16), np.uint8)
        for k in range(i + 1):
            mask[k + 1, 2 : 6 + k] = k + 1
        files[f"masks/{i}.png"] = encoded(mask)
    return files


def _many_classes() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i) for i in range(10)}
    for i in range(10):
        stripes = np.repeat((i * 7 + 13 * np.arange(8)) % 100, 2)
        files[f"masks/{i}.png"] = encoded(np.repeat(stripes[:, None], 16, axis=1).astype(np.uint8))
    return files


def _wide(form: float = 1.5) -> dict[str, bytes]:
    files = {f"images/{i}.png": encoded(pixels(i, size=(48, 32))) for i in range(8)}
    return {**files, **{f"masks/{i}.png": encoded(_mask(i, size=(int(32 * form), 32))) for i in range(8)}}


def _blurred() -> dict[str, bytes]:
    return _pairs(encode=lambda mask: encoded(np.kron(mask, np.ones((4, 4), np.uint8)), "JPEG"))


def _smoothed(mask: np.ndarray) -> bytes:
    large = Image.fromarray(np.kron(mask, np.ones((16, 16), np.uint8)))
    return encoded(np.asarray(large.resize((200, 200))))


def _with_list(column: str) -> dict[str, bytes]:
    rows = [f"{i},{(i * 3) % 4}" for i in range(8)]
    return {**_pairs(), "about.csv": "\n".join([f"id,{column}", *rows]).encode()}


def _by_lists() -> dict[str, bytes]:
    lists = {"train": range(5), "val": range(5, 8)}
    return {**_pairs(), **{f"sets/{name}.txt": "\n".join(map(str, rows)).encode() for name, rows in lists.items()}}


CORPUS = {
    "pictures and masks": _zip(_pairs, n=8, classes=["0", "255"], label="masks", **_CELLS),
    "in the folders of splits": _zip(
        lambda: (
            _pairs("train/images/{}.png", "train/masks/{}.png")
            | _pairs("test/images/{}.png", "test/masks/{}.png", start=90)
        ),
        splits={"train": 6, "val": 2, "test": 8},
        **_CELLS,
    ),
    "splits below": _zip(
        lambda: (
            _pairs("images/train/{}.png", "labels/train/{}.png")
            | _pairs("images/val/{}.png", "labels/val/{}.png", start=90)
        ),
        splits={"train": 6, "val": 2, "test": 8},
        **_CELLS,
    ),
    "folders called annot": _zip(
        lambda: (
            _pairs("train/{}.png", "trainannot/{}.png", (0, 1, 2))
            | {k.replace("train", "test"): v for k, v in _pairs("train/{}.png", "trainannot/{}.png", (0, 2, 1)).items()}
        ),
        "warned",
        "duplicates-across-splits",
        splits={"train": 6, "val": 2, "test": 8},
        **_CELLS,
    ),
    "as in Pascal VOC": _zip(
        lambda: _pairs(
            "JPEGImages/{}.jpg",
            "SegmentationClass/{}.png",
            (0, 1, 2, 255),
            _in_palette((0, 0, 0, 128, 0, 0, 0, 128, 0)),
        ),
        classes=["0", "1", "2"],
        **_CELLS,
    ),
    "beside, each with a word of its own": _zip(
        lambda: _pairs("{}_sat.png", "{}_mask.png"), n=8, classes=["0", "255"], label="masks", **_CELLS
    ),
    "a word in front": _zip(lambda: _pairs("imgs/img_{}.png", "gt/gt_{}.png", (0, 1)), classes=["0", "1"], **_CELLS),
    "as in retinas": _zip(
        lambda: _pairs("training/images/{}_training.tif", "training/1st_manual/{}_manual1.gif"), n=8, **_CELLS
    ),
    "colours": _zip(
        lambda: _pairs(values=(0, 1, 2), encode=lambda mask: encoded(_COLOURS[mask])),
        classes=["#000000", "#0000ff", "#ff0000"],
        **_CELLS,
    ),
    "dark colours": _zip(
        lambda: _pairs(values=(0, 2), encode=lambda mask: encoded(_COLOURS[mask])),
        classes=["#000000", "#0000ff"],
        **_CELLS,
    ),
    "many classes": _zip(_many_classes, "warned", "task-guessed", **_CELLS),
    "colours, padded, one of them none": _zip(
        lambda: {
            name: encoded(np.repeat(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), 2, axis=1))
            for name, content in _pairs(values=(0, 1, 2), encode=lambda mask: encoded(_COLOURS[mask])).items()
        },
        said=Reading(fit="pad", ignore="0"),
        classes=["#000000", "#0000ff", "#ff0000"],
        **_CELLS,
    ),
    "colours that are all grey": _zip(
        lambda: _pairs(encode=lambda mask: encoded(mask, mode="RGB")), classes=["0", "255"], **_CELLS
    ),
    "drawn in the transparency": _zip(
        lambda: _pairs(encode=lambda mask: encoded(np.dstack([0 * mask] * 3 + [mask]))), classes=["0", "255"], **_CELLS
    ),
    "palettes in two orders": _zip(_palettes_that_differ, classes=["0", "255"], **_CELLS),
    "sixteen bits": _zip(
        lambda: _pairs(values=(0, 1), encode=lambda mask: encoded(mask.astype(np.uint16) * 700)),
        classes=["0", "700"],
        **_CELLS,
    ),
    "several masks of a picture": _zip(_nuclei, n=8, classes=["0", "255"], **_CELLS),
    "saved as JPEG": _zip(_blurred, classes=["0", "255"], **_CELLS),
    "smooth edges": _zip(lambda: _pairs(encode=_smoothed), classes=["0", "255"], **_CELLS),
    "padded": _zip(_wide, said=Reading(fit="pad"), classes=["0", "255"], **_CELLS),
    "padded, with a code of none": _zip(
        lambda: _pairs(values=(0, 1, 255)), said=Reading(fit="pad"), classes=["0", "1"], **_CELLS
    ),
    "a code of none that is said": _zip(
        lambda: _pairs(values=(0, 1, 2)), said=Reading(ignore="0"), classes=["1", "2"], **_CELLS
    ),
    "a picture without a mask": _zip(
        lambda: {**_pairs(), "images/x.png": picture(77)}, "warned", "files-left-out", n=8, **_CELLS
    ),
    "a mask without a picture": _zip(
        lambda: {**_pairs(), "masks/x.png": encoded(_mask(1))}, "warned", "files-left-out", n=8, **_CELLS
    ),
    "two folders of masks": _zip(
        lambda: {**_pairs(), **_pairs(mask="gt/{}.png", values=(0, 1, 2))}, "warned", "label-guessed", label="masks"
    ),
    "one of two folders of masks, said": _zip(
        lambda: {**_pairs(), **_pairs(mask="gt/{}.png", values=(0, 1, 2))},
        said=Reading(label="gt"),
        classes=["0", "1", "2"],
    ),
    "numbers of objects": _zip(_numbered_objects, "warned", "task-guessed", **_CELLS),
    "a list of something": _zip(lambda: _with_list("depth"), "warned", "label-guessed", **_CELLS),
    "a list of labels": _zip(lambda: _with_list("label"), "warned", "files-left-out", task="classification"),
    "a list of labels, masks said": _zip(lambda: _with_list("label"), said=Reading(task="segmentation"), **_CELLS),
    "lists of splits": _zip(_by_lists, splits={"train": 4, "val": 1, "test": 3}, **_CELLS),
    "masks of one class": _zip(lambda: _pairs(values=(7, 7)), "refused", "1 different", "a class for each pixel"),
    "masks of another form": _zip(lambda: _wide(1.0), "refused", "the same form"),
    "a class asked of each picture": _zip(
        _pairs, "refused", "--read drop=masks", "task=segmentation", said=Reading(task="classification")
    ),
    "a code of none without masks": _zip(
        lambda: {f"{c}/{i}.png": picture(i, 60 + 50 * (c == "a")) for c in "ab" for i in range(6)},
        "refused",
        "a code of masks",
        said=Reading(ignore="0"),
    ),
}
