"""Zips of pictures, sounds and arrays as people pack them."""

import io
import unicodedata
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.data.corpus import Brought
from tests.data.packed import encoded, in_encoding, packed, picture, pictures, pixels, sound, sounds, tone
from xmodal_core.data.reading import Reading

_CATS = {"modality": "image", "task": "classification", "classes": ["cat", "dog"]}


def _zip(
    make: Callable[[], dict[str, bytes]],
    outcome: str = "right",
    *says: str,
    reading: Reading | None = None,
    **facts: object,
) -> Brought:
    return Brought("pets.zip", lambda: packed(make()), outcome, says, facts, reading or Reading())


def _cats(**how: object) -> dict[str, bytes]:
    return pictures("cat", "dog", **how)


def _listed(table: str = "labels.csv", head: str = "image,label", cell: str = "{stem}") -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 100 * (i % 2)) for i in range(12)}
    lines = [head] * bool(head) + [f"{cell.format(stem=i)},{'cat' if i % 2 else 'dog'}" for i in range(12)]
    return {**files, table: "\n".join(lines).encode()}


def _hugging_face() -> dict[str, bytes]:
    files = {}
    for at, split in enumerate(("train", "test")):
        rows = ["file_name,label"]
        for i in range(8):
            files[f"{split}/{i}.png"] = picture(100 * at + i, 60 + 100 * (i % 2))
            rows.append(f"{i}.png,{'cat' if i % 2 else 'dog'}")
        files[f"{split}/metadata.csv"] = "\n".join(rows).encode()
    return files


def _one_hot() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 50 * (i % 3)) for i in range(12)}
    rows = [f"{i},{i % 3 == 0:d}.0,{i % 3 == 1:d}.0,{i % 3 == 2:d}.0" for i in range(12)]
    return {**files, "GroundTruth.csv": "\n".join(["image,MEL,NV,BCC", *rows]).encode()}


def _lesions() -> dict[str, bytes]:
    files = {f"part_{i % 2}/{i}.png": picture(i, 60 + 100 * (i % 2 == i // 6)) for i in range(12)}
    rows = [f"l{i // 2},{i},{'nv' if i % 4 < 2 else 'mel'}" for i in range(12)]
    return {**files, "metadata.csv": "\n".join(["lesion_id,image_id,dx", *rows]).encode()}


def _lists_of_splits() -> dict[str, bytes]:
    tested = [f"{c}/{i}" for c in ("cat", "dog") for i in (0, 1)]
    trained = [f"{c}/{i}" for c in ("cat", "dog") for i in range(2, 6)]
    files = pictures("images/cat", "images/dog")
    return {**files, "meta/test.txt": "\n".join(tested).encode(), "meta/train.txt": "\n".join(trained).encode()}


_TAGS = ("clear", "haze", "primary", "road", "water")


def _tagged(column: str, among: int = 12) -> dict[str, bytes]:
    """A list whose cells are one to three words of five; only the first so many lines start anew."""
    chosen = [[_TAGS[k % 5] for k in range(i, i + 1 + i // 5 % 3)] for i in range(15)]
    chosen += [[_TAGS[k] for k in five] for five in ((0, 2), (0, 3), (1, 3), (1, 4), (2, 4), (0, 2, 4), (1, 2, 4))]
    chosen += [[_TAGS[k] for k in five] for five in ((3, 0), (4, 0), (4, 1), (4, 2), (2, 0), (3, 1), (0, 1, 3))]
    distinct = list(dict.fromkeys(" ".join(one) for one in chosen))
    return _list_of(column, [distinct[i % min(among, len(distinct))] for i in range(36)])


def _list_of(column: str, cells: list[str]) -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 4 * (i % 30)) for i in range(len(cells))}
    rows = [f"{i},{cell}" for i, cell in enumerate(cells)]
    return {**files, "labels.csv": "\n".join([f"image_name,{column}", *rows]).encode()}


def _breeds() -> dict[str, bytes]:
    return _list_of("breed", ["golden retriever", "labrador retriever", "german shepherd", "pug"] * 6)


def _masks(classes: bool = False) -> dict[str, bytes]:
    files = {}
    for at, folder in enumerate(("COVID/", "Normal/") if classes else ("",)):
        for i in range(6):
            files[f"{folder}images/{i}.png"] = picture(100 * at + i, 60 + 60 * at)
            mask = np.zeros((16, 16), np.uint8)
            mask[: 4 + i, 2:9] = 255
            files[f"{folder}masks/{i}.png"] = encoded(mask)
    return files


def _masks_beside() -> dict[str, bytes]:
    files = _cats()
    for name in list(files):
        files[name.replace(".png", "_mask.png")] = encoded(np.full((16, 16), 255, np.uint8))
    return files


def _deep(low: int, high: int) -> dict[str, bytes]:
    shades = {"cat": 0.3, "dog": 0.7}
    return {
        f"{c}/{i}.png": encoded(
            (low + (high - low) * np.clip(np.random.default_rng(i).normal(m, 0.15, (16, 16)), 0, 1)).astype(np.uint16)
        )
        for c, m in shades.items()
        for i in range(6)
    }


def _icons(mode: str = "RGBA", ink: int = 0) -> dict[str, bytes]:
    files = {}
    for c, width in (("cat", 4), ("dog", 9)):
        for i in range(6):
            icon = np.zeros((16, 16, 4), np.uint8)
            icon[..., :3] = ink
            icon[i : i + 5, 2 : 2 + width, 3] = 255
            files[f"{c}/{i}.png"] = encoded(icon, mode=mode)
    return files


def _animated(kind: str) -> dict[str, bytes]:
    files = {}
    for at, c in enumerate(("cat", "dog")):
        for i in range(6):
            frames = [Image.fromarray(pixels(seed, 60 + 100 * at)) for seed in (100 * at + i, 500 + i)]
            stream = io.BytesIO()
            frames[0].save(stream, kind, save_all=True, append_images=frames[1:])
            files[f"{c}/{i}.{kind.lower()}"] = stream.getvalue()
    return files


def _validated_by_list() -> dict[str, bytes]:
    """Training pictures in class folders with boxes, validation pictures in one folder with a list, as in ImageNet."""
    files = pictures("train/n01/images", "train/n02/images", n=8)
    for name in ("n01", "n02"):
        boxes = "\n".join(f"{i}.png\t{i % 3}\t{i % 2}\t{60 + i % 2}\t63" for i in range(8))
        files[f"train/{name}/{name}_boxes.txt"] = boxes.encode()
    files |= pictures("val/images", n=4, start=500)
    files["val/val_annotations.txt"] = "\n".join(f"{i}.png\tn0{1 + i % 2}\t0\t0\t9\t9" for i in range(4)).encode()
    return files


def _folds_of_sounds() -> dict[str, bytes]:
    files, rows = {}, ["slice_file_name,fsID,fold,classID,class"]
    for i in range(12):
        files[f"audio/fold{1 + i % 3}/{i}.wav"] = sound(tone(300 if i % 2 else 2000, seed=i))
        rows.append(f"{i}.wav,{100 + i},{1 + i % 3},{i % 2},{'low' if i % 2 else 'high'}")
    return {**files, "metadata/clips.csv": "\n".join(rows).encode()}


def _in_itself() -> dict[str, bytes]:
    return {**pictures("xray/cat", "xray/dog"), **pictures("xray/xray/cat", "xray/xray/dog", start=90)}


def _of_traffic_signs() -> dict[str, bytes]:
    files = {}
    for at, split in enumerate(("Train", "Test")):
        rows = ["Width,Height,Roi.X1,ClassId,Path"]
        for i in range(8):
            path = f"{split}/{i % 2}/{i}.png" if split == "Train" else f"{split}/{i:05}.png"
            files[path] = picture(100 * at + i, 60 + 100 * (i % 2))
            rows.append(f"{30 + i % 5},{31 + i % 4},{i % 3},{i % 2},{path}")
        files[f"{split}.csv"] = "\n".join(rows).encode()
    return {**files, "Meta/0.png": picture(900), "Meta/1.png": picture(901)}


def _in_gbk() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 100 * (i % 2)) for i in range(12)}
    return {
        **files,
        "labels.csv": "\n".join(["image,label", *(f"{i},{'猫狗'[i % 2]}" for i in range(12))]).encode("gbk"),
    }


def _named_by_class() -> dict[str, bytes]:
    return {f"train/{'cat' if i % 2 else 'dog'}.{i // 2}.jpg": picture(i, kind="JPEG") for i in range(12)}


def _sized(size: tuple[int, int]) -> dict[str, bytes]:
    return {
        f"{c}/{i}.jpg": encoded(pixels(100 * at + i, 60 + 100 * at, size), "JPEG")
        for at, c in enumerate(("cat", "dog"))
        for i in range(4)
    }


def _arrays(shapes: tuple[tuple[int, ...], ...] = ((3, 40),)) -> dict[str, bytes]:
    files = {}
    for at, c in enumerate(("cat", "dog")):
        for i in range(6):
            stream = io.BytesIO()
            np.save(stream, np.random.default_rng(10 * at + i).normal(at, 1, shapes[i % len(shapes)]))
            files[f"{c}/{i}.npy"] = stream.getvalue()
    return files


def _speech(rate_of_low: int = 8000, longest: float = 0.3) -> dict[str, bytes]:
    low = {f"low/{i}.wav": sound(tone(300, rate_of_low, seed=i), rate_of_low) for i in range(4)}
    high = {f"high/{i}.wav": sound(tone(2000, 8000, 0.3 if i else longest, seed=9 + i)) for i in range(4)}
    return {**low, **high}


def _spelled() -> dict[str, bytes]:
    files = pictures("dog", start=50)
    for at, form in ((0, "NFC"), (20, "NFD")):
        files |= pictures(unicodedata.normalize(form, "café"), n=4, start=at)
    return files


def _findings() -> dict[str, bytes]:
    """Several labels in a cell, as in lists of X-ray pictures, where patients come back."""
    found = ("Mass", "Edema", "Mass|Edema", "No Finding", "Edema|Hernia", "Hernia")
    files = {f"images/{i}.png": picture(i, 40 + 30 * (i % 6)) for i in range(24)}
    rows = [f"{i}.png,{found[i % 6]},{i // 8}" for i in range(24)]
    return {**files, "Data_Entry.csv": "\n".join(["Image Index,Finding Labels,Follow-up #", *rows]).encode()}


def _attributes() -> dict[str, bytes]:
    files = {f"faces/{i:06}.png": picture(i, 60 + 60 * (i % 3)) for i in range(1, 13)}
    rows = [f"{i:06}.png,{1 if i % 2 else -1},{1 if i % 3 else -1}" for i in range(1, 13)]
    return {**files, "list_attr.csv": "\n".join(["image_id,Male,Young", *rows]).encode()}


def _ages_of_bones() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 10 * (i % 7)) for i in range(14)}
    rows = [f"{i},{40 + 7 * (i * 5 % 13)},{i % 2 == 0}" for i in range(14)]
    return {**files, "train.csv": "\n".join(["id,boneage,male", *rows]).encode()}


def _points_of_faces() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 10 * (i % 7)) for i in range(14)}
    rows = [f"{i}.png,{i * 1.5},{i * i * 0.25}" for i in range(14)]
    return {**files, "points.csv": "\n".join(["image,nose_x,nose_y", *rows]).encode()}


def _with_zeros() -> dict[str, bytes]:
    files = {f"train/{i:05}.jpg": picture(i, 60 + 100 * (i % 2), kind="JPEG") for i in range(12)}
    rows = [f"{i},{'cat' if i % 2 else 'dog'}" for i in range(12)]
    return {**files, "train.csv": "\n".join(["id,class", *rows]).encode()}


def _arrays_with_a_list() -> dict[str, bytes]:
    files = {}
    for i in range(12):
        stream = io.BytesIO()
        np.save(stream, np.random.default_rng(i).normal(i % 2, 1, (3, 40)))
        files[f"signals/s{i}.npy"] = stream.getvalue()
    rows = [f"s{i},{'cat' if i % 2 else 'dog'}" for i in range(12)]
    return {**files, "labels.csv": "\n".join(["file,label", *rows]).encode()}


def _beside_test_pictures() -> dict[str, bytes]:
    trained = {
        f"train/{c}.{i}.jpg": picture(100 * at + i, 60 + 90 * at, kind="JPEG")
        for at, c in enumerate(("cat", "dog"))
        for i in range(6)
    }
    return {**trained, **{f"test1/{i}.jpg": picture(900 + i, kind="JPEG") for i in range(6)}}


def _actors() -> dict[str, bytes]:
    return {
        f"Actor_{a:02}/03-01-{e:02}-{a:02}.wav": sound(tone(300 + 400 * e, seed=10 * a + e))
        for a in range(1, 5)
        for e in range(1, 4)
    }


def _clips_with_a_workbook() -> dict[str, bytes]:
    files, rows = {}, ["filename,fold,target,category"]
    for i in range(20):
        files[f"audio/{i}.wav"] = sound(tone(300 if i % 2 else 2000, seed=i))
        rows.append(f"{i}.wav,{1 + i % 5},{i % 2},{'dog' if i % 2 else 'rain'}")
    return {**files, "meta/clips.csv": "\n".join(rows).encode(), "meta/clips-human.xlsx": b"PK"}


def _is_valid() -> dict[str, bytes]:
    files = {f"images/{i}.png": picture(i, 60 + 90 * (i % 2)) for i in range(24)}
    rows = [f"images/{i}.png,{'cat' if i % 2 else 'dog'},{i % 6 < 2}" for i in range(24)]
    return {**files, "labels.csv": "\n".join(["name,label,is_valid", *rows]).encode()}


def _spoken() -> dict[str, bytes]:
    files = {f"clips/{i}.wav": sound(tone(300 + 900 * (i % 2), seed=i)) for i in range(16)}
    rows = [f"{i // 4:x}\t{i}.wav\thello {i}\ttwenties\t{'male' if i % 2 else 'female'}" for i in range(16)]
    return {**files, "train.tsv": "\n".join(["client_id\tpath\tsentence\tage\tgender", *rows]).encode()}


def _four_bands() -> dict[str, bytes]:
    files = {}
    for at, c in enumerate(("cat", "dog")):
        for i in range(6):
            stream = io.BytesIO()
            bands = [Image.fromarray(pixels(100 * at + 10 * i + band, 60 + 90 * at)) for band in range(4)]
            Image.merge("RGBX", bands).save(stream, "TIFF")
            files[f"{c}/{i}.tif"] = stream.getvalue()
    return files


def _heights() -> dict[str, bytes]:
    files = {}
    for at, c in enumerate(("hill", "plain")):
        for i in range(6):
            heights = np.random.default_rng(10 * at + i).normal(300 + 300 * at, 30, (16, 16)).astype(np.float32)
            heights[:, :2] = -9999
            stream = io.BytesIO()
            Image.fromarray(heights).save(stream, "TIFF")
            files[f"{c}/{i}.tif"] = stream.getvalue()
    return files


def _with_backslashes() -> bytes:
    content = packed({name.replace("/", "|"): content for name, content in _cats().items()})
    return content.replace(b"cat|", b"cat\\").replace(b"dog|", b"dog\\")


def _lists_in_splits() -> dict[str, bytes]:
    """The same names in both splits, each with a list above the folder of its pictures."""
    files = {}
    for at, split in enumerate(("train", "test")):
        files |= {f"{split}/images/{i}.png": picture(100 * at + i, 60 + 90 * ((i + at) % 2)) for i in range(8)}
        rows = [f"{i},{'cat' if (i + at) % 2 else 'dog'}" for i in range(8)]
        files[f"{split}/labels.csv"] = "\n".join(["id,label", *rows]).encode()
    return files


def _python_lists() -> dict[str, bytes]:
    found = ("['cat', 'dog']", "['dog']", "['cat']", "['fox', 'dog']", "['fox']")
    files = {f"images/{i}.png": picture(i, 40 + 30 * (i % 5)) for i in range(25)}
    rows = [f"{i}.png;{found[i % 5]}" for i in range(25)]
    return {**files, "labels.csv": "\n".join(["image;labels", *rows]).encode()}


CORPUS = {
    "lists in splits": _zip(_lists_in_splits, label="label", splits={"train": 6, "val": 2, "test": 8}, **_CATS),
    "lists as Python writes them": _zip(
        _python_lists, "warned", "task-guessed", task="multilabel", classes=["cat", "dog", "fox"], n=25
    ),
    "classes called none and nan": _zip(lambda: pictures("none", "nan", "scratch"), classes=["nan", "none", "scratch"]),
    "heights with nothing measured": _zip(_heights, "warned", "depth-lost", n=12),
    "backslashes between folders": Brought("pets.zip", _with_backslashes, "right", (), {"n": 12, **_CATS}),
    "rows that validate": _zip(_is_valid, label="label", splits={"train": 12, "val": 4, "test": 8}, **_CATS),
    "a list of spoken sentences": _zip(_spoken, "warned", "possible-group", label="gender", n=16),
    "pictures of four bands": _zip(_four_bands, "warned", "part-unused", shape=[3, 64, 64], **_CATS),
    "a list of pictures in another format": _zip(lambda: _listed(cell="{stem}.jpg"), label="label", n=12, **_CATS),
    "a list of numbers with a point": _zip(lambda: _listed(cell="{stem}.0"), label="label", n=12, **_CATS),
    "a list with a comment": _zip(lambda: _listed(head="# of 2024\nimage,label"), label="label", n=12, **_CATS),
    "a list for Excel": _zip(lambda: _listed(head="sep=,\nimage,label"), label="label", n=12, **_CATS),
    "several labels in a cell of a list": _zip(
        _findings, modality="image", task="multilabel", classes=["Edema", "Hernia", "Mass", "No Finding"], n=24
    ),
    "attributes of -1 and 1": _zip(_attributes, task="multilabel", classes=["Male", "Young"], n=12),
    "a list with a number and a yes or no": _zip(_ages_of_bones, "warned", "label-guessed", label="male"),
    "the number said": _zip(
        _ages_of_bones, reading=Reading(label="boneage", task="regression"), task="regression", label="boneage"
    ),
    "a list of numbers only": _zip(_points_of_faces, "refused", "nose_x, nose_y", "--read label=nose_x"),
    "one number of several said": _zip(_points_of_faces, reading=Reading(label="nose_y"), task="regression", n=14),
    "numbers without the zeros of file names": _zip(_with_zeros, label="class", n=12, **_CATS),
    "arrays with a list": _zip(_arrays_with_a_list, modality="series", shape=[3, 40], label="label", n=12),
    "train and val alone": _zip(
        lambda: pictures("train/n01", "train/n02", "val/n01", "val/n02", n=8),
        splits={"train": 12, "val": 4, "test": 16},
        classes=["n01", "n02"],
    ),
    "unknown pictures to test": _zip(
        lambda: pictures("train/cat", "train/dog", "val/cat", "val/dog", "test/unknown"),
        "warned",
        "files-left-out",
        splits={"train": 10, "val": 2, "test": 12},
        **_CATS,
    ),
    "a class called unknown": _zip(
        lambda: pictures(*(f"{split}/{name}" for split in ("train", "test") for name in ("cat", "unknown"))),
        classes=["cat", "unknown"],
        n=24,
    ),
    "splits in Spanish": _zip(
        lambda: pictures(*(f"{split}/{c}" for split in ("entrenamiento", "validación", "prueba") for c in ("a", "b"))),
        splits={"train": 12, "val": 12, "test": 12},
    ),
    "splits in German": _zip(
        lambda: pictures(*(f"{split}/{c}" for split in ("Trainingsdaten", "Testdaten") for c in ("a", "b"))),
        splits={"train": 10, "val": 2, "test": 12},
    ),
    "a holdout": _zip(
        lambda: pictures("train/cat", "train/dog", "holdout/cat", "holdout/dog"),
        splits={"train": 10, "val": 2, "test": 12},
        **_CATS,
    ),
    "numbers of patients above the classes": _zip(
        lambda: pictures(*(f"{patient}/{c}" for patient in (8863, 9036, 10253) for c in (0, 1))),
        "warned",
        "level-guessed",
        classes=["0", "1"],
    ),
    "folds above the classes": _zip(
        lambda: pictures(*(f"fold_{fold}/{c}" for fold in (1, 2, 3) for c in ("cat", "dog"))),
        "warned",
        "level-guessed",
        **_CATS,
    ),
    "original and augmented pictures": _zip(
        lambda: pictures(*(f"{one} Dataset/{c}" for one in ("Original", "Augmented") for c in ("cat", "dog"))),
        "warned",
        "level-guessed",
        **_CATS,
    ),
    "views of patients of a class": _zip(
        lambda: pictures(*(f"{c}/patient{i}/{v}" for c in ("cat", "dog") for i in (0, 1) for v in ("40X", "100X"))),
        "warned",
        "level-guessed",
        "possible-group",
        **_CATS,
    ),
    "actors alone": _zip(_actors, "warned", "label-guessed", n=12),
    "an empty class folder": _zip(lambda: {**_cats(), "fox/": b""}, "warned", "files-left-out", **_CATS),
    "entries for folders": _zip(lambda: {"cat/": b"", "dog/": b"", **_cats()}, n=12, **_CATS),
    "an empty folder on top of another kind": _zip(
        lambda: {**pictures("train/cat", "train/dog", "test/cat", "test/dog"), "val/": b""}, n=24, **_CATS
    ),
    "classes in file names beside others, said": _zip(
        _beside_test_pictures, "warned", "files-left-out", reading=Reading(label="file name"), n=12, **_CATS
    ),
    "a workbook beside a list": _zip(_clips_with_a_workbook, classes=["dog", "rain"], n=20),
    "one class folder": _zip(lambda: pictures("cat"), "refused", "1 class", "'cat'", "labels.csv"),
    "pictures of a camera": _zip(lambda: {f"{c}/{i}.heic": b"x" for c in "ab" for i in range(4)}, "refused", ".heic"),
    "texts in folders": _zip(
        lambda: {f"{c}/{i}.txt": b"so good" for c in ("pos", "neg") for i in range(4)}, "refused", "a text and a label"
    ),
    "class folders": _zip(_cats, n=12, shape=[1, 64, 64], splits={"train": 8, "val": 2, "test": 2}, **_CATS),
    "class folders in one folder": _zip(lambda: pictures("pets/cat", "pets/dog"), **_CATS),
    "train and test": _zip(
        lambda: pictures("train/cat", "train/dog", "test/cat", "test/dog"),
        splits={"train": 10, "val": 2, "test": 12},
        **_CATS,
    ),
    "splits of other spellings": _zip(
        lambda: pictures(
            "Training_Set/cat", "Training_Set/dog", "dev/cat", "dev/dog", "test_images/cat", "test_images/dog"
        ),
        splits={"train": 12, "val": 12, "test": 12},
        **_CATS,
    ),
    "splits in camel case": _zip(
        lambda: pictures("trainSet/cat", "trainSet/dog", "testSet/cat", "testSet/dog"), classes=["cat", "dog"]
    ),
    "splits below the class": _zip(
        lambda: pictures("cat/train", "cat/test", "dog/train", "dog/test"),
        splits={"train": 10, "val": 2, "test": 12},
        **_CATS,
    ),
    "splits twice": _zip(
        lambda: {
            **pictures("seg_train/seg_train/cat", "seg_train/seg_train/dog", "seg_test/seg_test/cat"),
            **pictures("seg_test/seg_test/dog", "seg_pred/seg_pred", start=7000),
        },
        "warned",
        "files-left-out",
        n=24,
        **_CATS,
    ),
    "the rest said to be left out": _zip(
        lambda: pictures("seg_train/cat", "seg_train/dog", "seg_test/cat", "seg_test/dog", "seg_pred"),
        reading=Reading(drop=("seg_pred",)),
        n=24,
        **_CATS,
    ),
    "a lone train beside what is not sorted": _zip(
        lambda: pictures("train/cat", "train/dog", "pred", n=8), "warned", "files-left-out", n=16, **_CATS
    ),
    "a test folder without labels": _zip(
        lambda: pictures("train/cat", "train/dog", "test"), "warned", "files-left-out", n=12, **_CATS
    ),
    "vehicles with a class called train": _zip(
        lambda: pictures("train", "bus", "car"), classes=["bus", "car", "train"]
    ),
    "an upper level of classes": _zip(
        lambda: pictures("pet/cat", "pet/dog", "wild/fox", "wild/lynx"),
        "warned",
        "level-guessed",
        classes=["cat", "dog", "fox", "lynx"],
    ),
    "the lower level said": _zip(
        lambda: pictures("pet/cat", "pet/dog", "wild/fox", "wild/lynx"),
        reading=Reading(level=1),
        classes=["cat", "dog", "fox", "lynx"],
    ),
    "the upper level said": _zip(
        lambda: pictures("pet/cat", "pet/dog", "wild/fox", "wild/lynx"),
        reading=Reading(level=2),
        classes=["pet", "wild"],
    ),
    "magnifications in every class": _zip(
        lambda: pictures("benign/40X", "benign/100X", "malignant/40X", "malignant/100X"),
        "warned",
        "level-guessed",
        classes=["benign", "malignant"],
    ),
    "variants above the classes": _zip(
        lambda: pictures("color/cat", "color/dog", "grayscale/cat", "grayscale/dog"), "warned", "level-guessed", **_CATS
    ),
    "patients in every class": _zip(
        lambda: pictures("benign/patient1", "benign/patient2", "malignant/patient3", "malignant/patient4"),
        "warned",
        "level-guessed",
        "possible-group",
        classes=["benign", "malignant"],
    ),
    "patients said to be groups": _zip(
        lambda: pictures(*(f"{name}/patient{i}" for name in ("benign", "malignant") for i in range(6)), n=3),
        reading=Reading(level=2, group="folder 1"),
        group="folder 1",
        n_groups=6,
    ),
    "depths that differ": _zip(
        lambda: pictures("cat", "dog/big", "dog/small"), "warned", "level-guessed", classes=["cat", "dog"]
    ),
    "names in two cases": _zip(lambda: pictures("cat", "Cat", "dog"), "warned", "names-differ"),
    "a class in two spellings of an accent": _zip(
        _spelled,
        classes=["café", "dog"],
        n=14,
    ),
    "names in GBK": Brought(
        "pets.zip",
        lambda: in_encoding(pictures("猫猫", "狗狗"), "gbk"),
        "warned",
        ("encoding-guessed",),
        {"classes": ["狗狗", "猫猫"]},
    ),
    "names in Shift-JIS": Brought(
        "pets.zip",
        lambda: in_encoding(pictures("ねこ", "いぬ"), "shift_jis"),
        "warned",
        ("encoding-guessed",),
        {"classes": ["いぬ", "ねこ"]},
    ),
    "names in GBK, said": Brought(
        "pets.zip",
        lambda: in_encoding(pictures("猫猫", "狗狗"), "gbk"),
        "right",
        (),
        {"classes": ["狗狗", "猫猫"]},
        Reading(encoding="gbk"),
    ),
    "names in a DOS code page": Brought(
        "pets.zip", lambda: in_encoding(pictures("Bär", "Hündin"), "cp437"), "right", (), {"classes": ["Bär", "Hündin"]}
    ),
    "names in UTF-8 that is not stated": Brought(
        "pets.zip", lambda: in_encoding(pictures("猫", "犬"), "utf-8"), "right", (), {"classes": ["犬", "猫"]}
    ),
    "labels.csv": _zip(_listed, label="label", n=12, **_CATS),
    "labels.csv with paths": _zip(lambda: _listed(cell="./images/{stem}.png"), **_CATS),
    "a list without a header": _zip(lambda: _listed("list.csv", head="", cell="{stem}.png"), **_CATS),
    "train.csv and test pictures": _zip(
        lambda: {**_listed("train.csv"), **pictures("test_images", start=300)},
        "warned",
        "files-left-out",
        n=12,
        **_CATS,
    ),
    "metadata.csv in every split": _zip(_hugging_face, splits={"train": 6, "val": 2, "test": 8}, **_CATS),
    "one-hot lists": _zip(_one_hot, classes=["BCC", "MEL", "NV"]),
    "lists of lesions": _zip(_lesions, "warned", "possible-group", classes=["mel", "nv"], label="dx"),
    "lists of splits": _zip(_lists_of_splits, splits={"train": 6, "val": 2, "test": 4}, **_CATS),
    "a label column that is not there": _zip(_listed, "refused", "'breed'", "label", reading=Reading(label="breed")),
    "no folders and no list": _zip(
        lambda: {f"{i}.png": picture(i) for i in range(6)}, "refused", "in no folder", ".csv"
    ),
    "tags between blanks": _zip(
        lambda: _tagged("tags"), "warned", "task-guessed", task="multilabel", classes=[*_TAGS], n=36
    ),
    "tags between blanks, said": _zip(
        lambda: _tagged("label"), reading=Reading(task="multilabel"), task="multilabel", classes=[*_TAGS], n=36
    ),
    "cells of few words that come back": _zip(
        lambda: _tagged("label"), "warned", "task-guessed", task="classification", n=36
    ),
    "tags that each occur once": _zip(lambda: _tagged("label", 36), "warned", "task-guessed", task="multilabel"),
    "breeds of two words": _zip(_breeds, classes=["german shepherd", "golden retriever", "labrador retriever", "pug"]),
    "masks in every class": _zip(lambda: _masks(True), "warned", "files-left-out", classes=["COVID", "Normal"], n=12),
    "masks beside pictures": _zip(_masks_beside, "warned", "files-left-out", n=12, **_CATS),
    "masks said to be left out": _zip(_masks_beside, reading=Reading(drop=("*_mask*",)), n=12, **_CATS),
    "faces with and without masks": _zip(lambda: pictures("mask", "no mask"), classes=["mask", "no mask"], n=12),
    "boxes for a detector": _zip(
        lambda: {**pictures("images"), **{f"labels/{i}.txt": b"0 .5 .5 .1 .1" for i in range(6)}},
        "refused",
        "text file",
    ),
    "captions beside pictures": _zip(
        lambda: {**_cats(), **{f"{c}/{i}.txt": b"a small animal" for c in ("cat", "dog") for i in range(6)}}, **_CATS
    ),
    "a list for validation alone": _zip(_validated_by_list, "warned", "files-left-out", classes=["n01", "n02"], n=16),
    "folds of sounds": _zip(
        _folds_of_sounds, classes=["high", "low"], label="class", splits={"train": 4, "val": 4, "test": 4}
    ),
    "a folder packed into itself": _zip(_in_itself, "warned", "level-guessed", n=24, **_CATS),
    "lists of traffic signs": _zip(
        _of_traffic_signs, "warned", "files-left-out", label="ClassId", splits={"train": 6, "val": 2, "test": 8}
    ),
    "labels.csv in GBK": _zip(_in_gbk, "warned", "encoding-guessed", classes=["狗", "猫"]),
    "classes in file names": _zip(_named_by_class, "refused", "cat, dog", "--read 'label=file name'"),
    "classes in file names, said": _zip(_named_by_class, reading=Reading(label="file name"), n=12, **_CATS),
    "a folder of no class": _zip(lambda: pictures("cat", "dog", "_noise_"), "warned", "files-left-out", n=12, **_CATS),
    "a background among classes": _zip(
        lambda: pictures("cat", "dog", "BACKGROUND_Google"), "warned", "label-guessed", n=18
    ),
    "an archive beside pictures": _zip(lambda: {**_cats(), "more.zip": b"PK"}, "warned", "files-left-out", **_CATS),
    "other formats": _zip(
        lambda: {
            **pictures("cat", suffix=".gif", kind="GIF"),
            **pictures("dog", suffix=".tif", kind="TIFF", start=40),
            **pictures("fox", suffix=".jfif", kind="JPEG", start=80),
            **pictures("owl", suffix=".pgm", kind="PPM", start=120),
        },
        classes=["cat", "dog", "fox", "owl"],
        n=24,
    ),
    "no suffixes": _zip(lambda: _cats(suffix=""), n=12, **_CATS),
    "first frames": _zip(lambda: _animated("GIF"), **_CATS),
    "first pages": _zip(lambda: _animated("TIFF"), **_CATS),
    "twelve bits of a camera": _zip(lambda: _deep(0, 4095), shape=[1, 64, 64], **_CATS),
    "sixteen bits below 256": _zip(lambda: _deep(0, 255), **_CATS),
    "sixteen bits around a level": _zip(lambda: _deep(29000, 31000), **_CATS),
    "deep and shallow pictures": _zip(lambda: {**_deep(0, 4095), **pictures("fox")}, "warned", "depth-lost"),
    "black icons": _zip(_icons, "warned", "transparency", **_CATS),
    "white icons": _zip(lambda: _icons(ink=255), "warned", "transparency", **_CATS),
    "icons on a chosen ground": _zip(_icons, reading=Reading(ground="white"), **_CATS),
    "wide pictures": _zip(lambda: _sized((90, 30)), "warned", "resolution-lost"),
    "wide pictures padded": _zip(lambda: _sized((90, 30)), reading=Reading(fit="pad"), shape=[1, 64, 64]),
    "large pictures": _zip(lambda: _sized((640, 600)), "warned", "resolution-lost"),
    "photographs of a usual size": _zip(lambda: _sized((300, 224))),
    "black pictures": _zip(
        lambda: {f"{c}/{i}.png": encoded(np.zeros((9, 9), np.uint8)) for c in "ab" for i in range(4)},
        "refused",
        "the same",
    ),
    "one broken picture": _zip(lambda: {**_cats(n=12), "cat/x.png": b"<html>"}, "warned", "files-left-out", n=24),
    "many broken pictures": _zip(lambda: {**_cats(), "cat/x.png": b"", "dog/x.png": b"GIF"}, "refused", "cat/x.png"),
    "a class of another kind": _zip(
        lambda: {**_cats(), **{f"fox/{i}.heic": b"ftypheic" for i in range(6)}}, "warned", "files-left-out", **_CATS
    ),
    "a readme and a licence": _zip(
        lambda: {**_cats(), "README.md": b"#", "LICENSE": b"x", "cat/.DS_Store": b"x"}, n=12
    ),
    "a zip in a zip": _zip(lambda: {"data/train.zip": packed(_cats())}, "refused", "unpack the archive inside"),
    "a class that is only tested": _zip(
        lambda: pictures("train/cat", "train/dog", "test/cat", "test/fox"), "warned", "classes-only-in-test"
    ),
    "sounds": _zip(sounds, modality="series", shape=[64, 28], classes=["high", "low"], n=8),
    "sounds in FLAC": _zip(lambda: sounds(suffix=".flac"), modality="series", n=8),
    "sounds of two rates": _zip(lambda: _speech(16000), modality="series", shape=[64, 28]),
    "sounds of two lengths": _zip(lambda: _speech(longest=0.5), "warned", "unequal-lengths", shape=[64, 48]),
    "sounds cropped as said": _zip(lambda: _speech(longest=0.5), reading=Reading(length="crop"), shape=[64, 28]),
    "sounds with a picture": _zip(lambda: {**sounds(), "cover.png": picture(0)}, "warned", "files-left-out", n=8),
    "arrays in class folders": _zip(_arrays, n=12, shape=[3, 40], modality="series"),
    "arrays of two shapes": _zip(lambda: _arrays(((3, 40), (3, 41))), "refused", "6 of (3, 40)", "pad or crop"),
}
