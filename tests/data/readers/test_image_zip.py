import io
import stat
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.readers import archive, read
from xmodal_core.data.reading import Reading

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture(colour=RED, size=(8, 8), kind="PNG", mode="RGB"):
    stream = io.BytesIO()
    Image.new(mode, size, colour).save(stream, kind)
    return stream.getvalue()


def packed(entries):
    """A zip of (name or ZipInfo, bytes) pairs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, content in entries:
            target.writestr(name, content)
    return stream.getvalue()


def folders(n=10, **more):
    good = [(f"{c}/{i}.png", picture(RED if c == "cat" else BLUE)) for c in ("cat", "dog") for i in range(n)]
    return packed([*good, *more.items()])


def load(content, modality=None):
    return read(content, "pets.zip", Reading(modality=modality))


def test_the_folder_of_a_picture_is_its_class():
    data = load(folders())
    assert data.modality is Modality.IMAGE
    assert data.inputs.shape == (20, 3, 64, 64)
    assert data.class_names == ("cat", "dog")
    np.testing.assert_array_equal(data.inputs[data.targets == 0].mean(axis=(0, 2, 3)), RED / np.float32(255))
    np.testing.assert_array_equal(data.inputs[data.targets == 1].mean(axis=(0, 2, 3)), BLUE / np.float32(255))


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("JPEG", "JPG"), ("WEBP", "webp"), ("BMP", "bmp")])
def test_four_formats_are_read(kind, suffix):
    data = load(packed([(f"{c}/{i}.{suffix}", picture(kind=kind)) for c in "ab" for i in range(3)]))
    assert len(data) == 6
    assert data.inputs[:, 0].min() > 0.95


def test_folders_above_the_class_become_splits():
    data = load(
        packed(
            [
                (f"pets/{split}/{c}/{i}.png", picture())
                for split in ("Train", "val", "test")
                for c in "ab"
                for i in range(2)
            ]
        )
    )
    assert data.class_names == ("a", "b")
    assert data.splits.tolist() == ["train"] * 4 + ["val"] * 4 + ["test"] * 4


def test_pictures_that_are_all_grey_keep_one_channel_and_their_value():
    grey = [(f"{c}/{i}.png", picture(51, mode="L")) for c in "ab" for i in range(3)]
    data = load(packed([*grey, ("a/rgb.png", picture((51, 51, 51)))]))
    assert data.inputs.shape == (7, 1, 64, 64)
    np.testing.assert_allclose(data.inputs, 0.2, rtol=1e-6)


def test_sixteen_bit_grey_is_scaled_rather_than_clipped():
    stream = io.BytesIO()
    Image.fromarray(np.full((8, 8), 0x3300, np.uint16)).save(stream, "PNG")
    data = load(packed([(f"{c}/{i}.png", stream.getvalue()) for c in "ab" for i in range(3)]))
    np.testing.assert_allclose(data.inputs, 0x33 / 255, rtol=1e-6)


def test_wide_pictures_are_cropped_around_their_centre():
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255  # the middle third is white, the sides must go
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    data = load(packed([(f"{c}/{i}.png", stream.getvalue()) for c in "ab" for i in range(3)]))
    np.testing.assert_array_equal(data.inputs, 1.0)


def test_hidden_files_system_folders_and_other_files_are_ignored():
    data = load(
        folders(
            **{
                "__MACOSX/cat/._0.png": b"x",
                "cat/.DS_Store": b"x",
                "cat/.hidden.png": b"x",
                "notes.txt": b"x",
                "cat/Thumbs.db": b"x",
                "dog/": b"",
            }
        )
    )
    assert len(data) == 20


def test_a_few_broken_pictures_are_left_out_and_mentioned():
    data = load(folders(**{"cat/bad.png": picture()[:40]}))
    assert len(data) == 20
    assert "1 broken" in data.origin


def test_more_than_five_percent_of_broken_pictures_are_refused_by_name(refusal):
    content = folders(**{"cat/bad.png": b"no picture", "dog/odd.png": b""})
    refusal(lambda: load(content), "2 of 22", "bad.png", "odd.png")


def test_an_svg_under_a_false_suffix_counts_as_broken(refusal):
    refusal(lambda: load(folders(1, **{"cat/a.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>"})), "a.png")


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "cat/../../evil.png",
        "/etc/evil.png",
        "cat\\evil.png",
        "..\\evil.png",
        "C:/evil.png",
        "c:evil.png",
    ],
)
def test_a_path_outside_the_folder_is_refused(name, refusal):
    refusal(lambda: load(folders(**{name: picture()})), "outside its folder", "evil.png")


def test_a_name_cut_by_a_nul_is_refused(refusal):
    content = folders(**{"cat/evil.pngXtxt": picture()}).replace(b"cat/evil.pngXtxt", b"cat/evil.png\0txt")
    refusal(lambda: load(content), "unsafe name")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files_are_refused(kind, refusal):
    entry = zipfile.ZipInfo("cat/link.png")
    entry.create_system = 3
    entry.external_attr = (kind | 0o777) << 16
    refusal(lambda: load(packed([(entry, b"/etc/passwd")])), "link.png", "link or a special file")


def test_an_encrypted_entry_is_refused(refusal):
    content = bytearray(folders())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    refusal(lambda: load(bytes(content)), "encrypted", "password")


def test_an_archive_that_claims_three_gigabytes_is_refused_before_unpacking(refusal):
    content = bytearray(folders())
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<L", 3 * 2**30)
    refusal(lambda: load(bytes(content)), "3.00 GiB", "at most 1.00 GiB")


def test_zeros_that_unpack_to_hundreds_of_times_their_size_are_refused(refusal):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("cat/zeros.bmp", b"\0" * 11 * 2**20)
    assert len(stream.getvalue()) < 20_000
    refusal(lambda: load(stream.getvalue()), "times its size", "100 times")


def test_an_archive_that_claims_less_than_it_holds_is_refused(refusal):
    content = bytearray(folders())
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<L", 5)
    refusal(lambda: load(bytes(content)), "damaged")


def test_too_many_entries_are_refused(monkeypatch, refusal):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 19)
    refusal(lambda: load(folders()), "20 entries", "at most 19")


@pytest.mark.parametrize("size", [(10_000, 6_000), (10_000, 10_000), (15_000, 15_000)])
def test_a_picture_of_very_many_pixels_is_refused_before_decoding(size, refusal):
    refusal(lambda: load(folders(1, **{"cat/huge.png": picture(0, size, mode="1")})), "huge.png", "million pixels")


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, ("no files",)),
        ({"a/notes.txt": b"x", "X.npy": b"x"}, ("notes.txt, X.npy", ".npz")),
        ({"1.png": picture(), "2.png": picture()}, ("in no folder",)),
        ({"train/1.png": picture(), "test/2.png": picture()}, ("directly in 'train'",)),
        ({"cat/1.png": picture(), "cat/2.png": picture()}, ("1 class",)),
        ({"cat/1.png": picture(), "cat/2.png": picture(), "dog/1.png": picture()}, ("dog", "single sample")),
        ({"train/cat/1.png": picture(), "dog/1.png": picture()}, ("1 of 2", "train, val or test folder")),
    ],
)
def test_a_zip_without_usable_class_folders_is_refused(entries, words, refusal):
    content = packed(entries.items())
    if not entries:
        words = ("empty zip archive",)
    refusal(lambda: load(content), *words)


def test_a_zip_of_empty_folders_is_refused(refusal):
    refusal(lambda: load(packed([("cat/", b""), ("dog/", b"")])), "no files")


def test_pictures_cannot_be_chosen_as_another_modality(refusal):
    refusal(lambda: load(folders(), Modality.TEXT), "image, not text")


def test_pictures_in_folders_are_classes_whatever_is_chosen(refusal):
    refusal(lambda: read(folders(), "p.zip", Reading(task=Task.REGRESSION)), "classification, not regression")
