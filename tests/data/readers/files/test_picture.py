import io
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.data.packed import encoded, picture, pixels
from xmodal_core.data.readers.files.picture import decode_picture, is_flat
from xmodal_core.data.readers.files.tree import Entry
from xmodal_core.errors import DataError

ENTRY = Entry(PurePosixPath("cat/1.png"), "cat/1.png", 0, Path())


def decoded(content, fit="crop"):
    return decode_picture("t", ENTRY, content, fit)


def thirds():
    """30 x 10: white in the middle, black at both sides."""
    array = np.zeros((10, 30), np.uint8)
    array[:, 10:20] = 255
    return encoded(array)


def test_a_crop_keeps_the_middle_a_pad_keeps_all_and_a_stretch_fills_the_square():
    assert (decoded(thirds()).pixels == 255).all()
    padded = decoded(thirds(), "pad").pixels[..., 0]
    assert padded.shape == (64, 64)
    assert (padded[:20] == 0).all()
    assert (padded[28:36, 28:36] == 255).all()
    stretched = decoded(thirds(), "stretch").pixels[..., 0]
    assert (stretched[:, 28:36] == 255).all()
    assert (stretched[:, :18] == 0).all()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("RGB", "L", "P", "1", "LA", "RGBA")),
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK", "YCbCr")),
        *(("TIFF", mode) for mode in ("RGB", "L", "P", "1", "LA", "RGBA", "CMYK", "LAB")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        ("GIF", "P"),
        ("BMP", "RGB"),
    ],
)
def test_modes_of_a_format_are_the_same_picture(mode, kind):
    array = np.full((8, 8, 3), 255, np.uint8)
    array[:, :4] = 0
    grey = decoded(encoded(array, kind, mode)).pixels.mean(axis=(0, 2))
    assert grey[:24].max() < 30
    assert grey[-24:].min() > 225


def test_a_picture_on_its_side_is_turned_upright():
    array = np.zeros((8, 16), np.uint8)
    array[:, 8:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by a quarter
    found = decoded(encoded(array, "JPEG", exif=exif))
    assert found.turned
    assert found.size == (8, 16)
    assert found.pixels[:8].mean() < 20 < 235 < found.pixels[-8:].mean()


def test_deep_pictures_keep_their_units_and_do_not_shoot_over():
    array = np.full((8, 8), 1000, np.uint16)
    array[:, 4:] = 3000
    found = decoded(encoded(array))
    assert (found.pixels.dtype, found.pixels.shape) == (np.float32, (64, 64))
    assert (found.pixels.min(), found.pixels.max()) == (1000, 3000)
    nothing = np.full((8, 8), np.nan, np.float32)
    assert decoded(encoded(nothing, "TIFF")) is None


def test_transparency_is_kept_apart_and_hidden_colours_stay_hidden():
    array = np.full((8, 8, 4), 255, np.uint8)
    array[:, :4, 3] = 0
    found = decoded(encoded(array))
    assert (found.pixels[:, :20] == 0).all()
    assert (found.alpha[:, :20] == 0).all()
    assert (found.alpha[:, 40:] == 255).all()
    array[..., 3] = 255
    assert decoded(encoded(array)).alpha is None


def test_sixteen_bits_a_colour_are_noticed():
    content = bytearray(encoded(np.zeros((4, 4, 3), np.uint8)))
    assert not decoded(bytes(content)).depth_lost
    import zlib

    rows = b"".join(b"\0" + b"\x12\x34" * 12 for _ in range(4))
    header = b"IHDR" + (4).to_bytes(4, "big") * 2 + b"\x10\x02\0\0\0"
    body = b"IDAT" + zlib.compress(rows)
    chunks = [header, body, b"IEND"]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        (len(one) - 4).to_bytes(4, "big") + one + zlib.crc32(one).to_bytes(4, "big") for one in chunks
    )
    found = decoded(png)
    assert found.depth_lost
    assert (found.pixels == 0x12).all()


@pytest.mark.parametrize("size", [(10_000, 6_000), (10_000, 10_000), (15_000, 15_000)])
def test_very_many_pixels_are_refused_before_decoding(size, refusal):
    stream = io.BytesIO()
    Image.new("1", size).save(stream, "PNG")
    refusal(lambda: decoded(stream.getvalue()), "1.png", "million pixels")


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"<html>404</html>", picture(1)[:60], b"%PDF-1.4", b"GIF89a"])
def test_what_is_no_picture_or_half_of_one_is_broken(content):
    assert decoded(content) is None


def test_masks_are_flat_and_photographs_are_not():
    mask = np.zeros((16, 16), np.uint8)
    mask[4:9] = 255
    assert is_flat(encoded(mask))
    assert not is_flat(encoded(pixels(1)))
    assert not is_flat(b"no picture")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM"])
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_flipped_bytes_give_a_picture_or_none(kind, data):
    content = bytearray(encoded(pixels(1, channels=3), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decoded(bytes(content))
    except DataError:
        return
    assert found is None or found.pixels.shape[:2] == (64, 64)
