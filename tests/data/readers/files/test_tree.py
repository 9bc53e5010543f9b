import os
import stat
import struct
import zipfile

import pytest

from tests.data.packed import packed, picture, pictures
from xmodal_core.data.readers import archive, read
from xmodal_core.data.reading import Reading


def folders(**more):
    return packed({**pictures("cat", "dog"), **more})


def load(content):
    return read(content, "pets.zip")


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
    refusal(lambda: load(folders(**{name: picture(1)})), "outside its folder", "evil.png")


def test_a_name_cut_by_a_nul_is_refused(refusal):
    content = folders(**{"cat/evil.pngXtxt": picture(1)}).replace(b"cat/evil.pngXtxt", b"cat/evil.png\0txt")
    refusal(lambda: load(content), "unsafe name")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files_of_a_zip_are_refused(kind, refusal):
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


def test_zeros_that_unpack_to_hundreds_of_times_their_size_are_refused(refusal, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("cat/zeros.bmp", b"\0" * 11 * 2**20)
    assert path.stat().st_size < 20_000
    refusal(lambda: read(path, path.name), "times its size", "100 times")


def test_an_archive_that_claims_less_than_it_holds_is_refused(refusal):
    content = bytearray(folders())
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<L", 5)
    refusal(lambda: load(bytes(content)), "damaged")


def test_too_many_entries_are_refused(monkeypatch, refusal, tmp_path):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 11)
    refusal(lambda: load(folders()), "12 entries", "at most 11")
    for index in range(12):
        (tmp_path / f"{index}.png").write_bytes(b"x")
    refusal(lambda: read(tmp_path, "pets"), "more than 11 files")


def test_too_many_bytes_of_a_folder_are_refused(monkeypatch, refusal, tmp_path):
    monkeypatch.setattr(archive, "MAX_EXPANDED_BYTES", 100)
    (tmp_path / "1.png").write_bytes(b"x" * 101)
    refusal(lambda: read(tmp_path, "pets"), "unpacks to")


def test_names_of_a_folder_may_be_any_bytes(tmp_path):
    for index in range(8):
        folder = tmp_path / ("cat" if index % 2 else os.fsdecode(b"d\xffg"))
        folder.mkdir(exist_ok=True)
        (folder / f"[{index}].png").write_bytes(picture(index))
    found = read(tmp_path, "pets", Reading(drop=("[1].png",))).understanding
    assert (found.n, found.classes) == (7, ("cat", "d\ufffdg"))


def test_links_in_a_folder_are_not_followed_and_said(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(picture(99))
    for name, content in pictures("pets/cat", "pets/dog").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    os.symlink(outside, tmp_path / "pets" / "fox")
    os.symlink(outside / "secret.png", tmp_path / "pets" / "cat" / "x.png")
    os.mkfifo(tmp_path / "pets" / "cat" / "pipe.png")
    found = read(tmp_path / "pets", "pets").understanding
    assert found.n == 12
    assert [(one.what, one.names) for one in found.left_out] == [("links", ("fox", "cat/x.png"))]
