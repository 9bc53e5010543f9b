"""Arrays as people save them: names, types, axes, labels and splits of every kind."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from tests.data.corpus import Brought
from xmodal_core.data.reading import Reading

N = 60
LABELS = np.arange(N) % 3


def npz(**arrays: Any) -> Callable[[], bytes]:
    """The bytes of an archive, objects included."""

    def make() -> bytes:
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=True, **arrays)
        return stream.getvalue()

    return make


def floats(*shape: int) -> np.ndarray:
    """Numbers without any order."""
    return np.random.default_rng(1).normal(size=shape)


def whole(low: int, high: int, *shape: int) -> np.ndarray:
    """Whole numbers from low to high, both among them."""
    drawn = np.random.default_rng(2).integers(low, high + 1, size=shape)
    drawn.reshape(-1)[:2] = low, high
    return drawn


def walks(*shape: int) -> np.ndarray:
    """Numbers whose neighbours along the last axis are alike."""
    return floats(*shape).cumsum(axis=-1)


def hills(n: int, height: int, width: int) -> np.ndarray:
    """Numbers whose neighbours along both axes are alike."""
    return floats(n, height, width).cumsum(axis=1).cumsum(axis=2)


def one_hot(codes: np.ndarray, n_letters: int) -> np.ndarray:
    """Codes (...) as (..., letters)."""
    return np.eye(n_letters, dtype=np.float32)[codes]


def dna() -> np.ndarray:
    """Words of 16 letters."""
    return np.array(["".join("ACGT"[code] for code in row) for row in whole(0, 3, N, 16)])


def ended(series: np.ndarray) -> np.ndarray:
    """Series (n, c, t) that end in NaN after 20 + row steps."""
    series = series.copy()
    for row, one in enumerate(series):
        one[:, 20 + row :] = np.nan
    return series


def holed(samples: np.ndarray, rows: tuple[int, ...] = (3, 7)) -> np.ndarray:
    """One value of these rows missing."""
    samples = samples.copy()
    samples[(rows, *(1 for _ in samples.shape[1:]))] = np.nan
    return samples


def zipped(**files: bytes) -> bytes:
    """A zip with these files, __ for a slash."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/") + ".npy", content)
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    """The bytes of a lone array."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def pictures() -> bytes:
    """A zip of pictures in class folders."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for index, pixels in enumerate(PIXELS[:12]):
            png = io.BytesIO()
            Image.fromarray(pixels).resize((32, 32)).save(png, "PNG")
            packed.writestr(f"{'ab'[index % 2]}/{index}.png", png.getvalue())
    return stream.getvalue()


def ragged() -> np.ndarray:
    """Rows of unequal length, as objects."""
    rows = np.empty(N, dtype=object)
    for index in range(N):
        rows[index] = np.arange(index + 1)
    return rows


def hdf5(**arrays: Any) -> Callable[[], bytes]:
    """The bytes of an HDF5 file, __ for a slash."""

    def make() -> bytes:
        import h5py

        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            for name, array in arrays.items():
                file[name.replace("__", "/")] = array
        return stream.getvalue()

    return make


def matlab(**arrays: Any) -> Callable[[], bytes]:
    """The bytes of a MATLAB 5 file."""

    def make() -> bytes:
        from scipy.io import savemat

        stream = io.BytesIO()
        savemat(stream, arrays)
        return stream.getvalue()

    return make


def residues(at_front: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Codes of letters from 1 and of three classes from 1, both 0 behind or before the sequence."""
    is_there = np.arange(40) < (12 + np.arange(N) % 28)[:, None]
    is_there = is_there[:, ::-1] if at_front else is_there
    return np.where(is_there, whole(1, 20, N, 40), 0), np.where(is_there, whole(1, 3, N, 40), 0)


def proteins() -> tuple[np.ndarray, np.ndarray]:
    """Words of amino acids, and words of as many letters of three classes."""
    acids, classes = whole(0, 19, N, 50), whole(0, 2, N, 50)
    lengths = 22 + np.arange(N) % 28
    pairs = zip(acids, classes, lengths, strict=True)
    both = [
        ("".join(map("ACDEFGHIKLMNPQRSTVWY".__getitem__, a[:n])), "".join(map("HEC".__getitem__, c[:n])))
        for a, c, n in pairs
    ]
    return np.array([one for one, _ in both]), np.array([one for _, one in both])


def right(make: Callable[[], bytes], name: str = "a.npz", reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought(name, make, "right", (), facts, reading or Reading())


def warned(code: str, make: Callable[[], bytes], reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought("a.npz", make, "warned", (code,), facts, reading or Reading())


def refused(make: Callable[[], bytes], *words: str, name: str = "a.npz", reading: Reading | None = None) -> Brought:
    return Brought(name, make, "refused", words, {}, reading or Reading())


TABLE, MANY = floats(N, 3), floats(N, 3, 40)
PIXELS = whole(0, 255, N, 12, 12).astype(np.uint8)
THIRDS = np.array([" Train ", "VALIDATION", "dev", "Test", "train", "TRAINING"] * 10)
NAMES = np.array(["ash", "birch", "cedar"])
AMOUNTS = np.random.default_rng(3).permutation(np.repeat(np.arange(0, 300, 10), 2))

KINDS_ON_CELLS = (PIXELS // 64).astype(np.int64)
FRAMES = hills(N, 9, 9).reshape(N, 9, 9, 1).repeat(3, axis=3).transpose(0, 3, 1, 2)[..., None]  # (n, t, h, w, 1)
FRAMES = FRAMES + np.arange(3)[:, None, None, None]
RESIDUES, STRUCTURE = residues()
PROTEINS, WORDS = proteins()

CORPUS = {
    # names
    "data and target": right(npz(data=TABLE, target=LABELS), label="target", n=60, modality="tabular"),
    "images and labels": right(npz(images=PIXELS, labels=LABELS), shape=[1, 12, 12], label="labels"),
    "capitals": right(npz(X=TABLE, Y=LABELS), label="Y"),
    "positional": right(npz(arr_0=TABLE, arr_1=LABELS), label="arr_1"),
    "four positional": refused(
        npz(arr_0=TABLE, arr_1=TABLE[:9], arr_2=LABELS, arr_3=LABELS[:9]),
        "arr_0 (60 x 3 float64)",
        "--read samples=arr_0,label=arr_2",
    ),
    "unknown names": refused(npz(foo=TABLE, bar=LABELS), "foo (60 x 3 float64)", "--read samples=foo,label=bar"),
    "unknown names said": right(
        npz(foo=TABLE, bar=LABELS), reading=Reading(samples="foo", label="bar"), label="bar", label_reason="as said"
    ),
    "no labels": refused(npz(X=TABLE), "X (60 x 3 float64)", "expected samples and a label"),
    "keras": right(
        npz(x_train=PIXELS[:45], y_train=LABELS[:45], x_test=PIXELS[45:], y_test=LABELS[45:]),
        splits={"train": 36, "val": 9, "test": 15},
        shape=[1, 12, 12],
    ),
    "medmnist": right(
        npz(
            **{f"{s}_images": PIXELS[i : i + 20] for i, s in zip((0, 20, 40), ("train", "val", "test"), strict=True)},
            **{
                f"{s}_labels": LABELS[i : i + 20, None]
                for i, s in zip((0, 20, 40), ("train", "val", "test"), strict=True)
            },
        ),
        splits={"train": 20, "val": 20, "test": 20},
        task="classification",
    ),
    "glued and camel": right(
        npz(trainX=TABLE[:40], trainY=LABELS[:40], Xtest=TABLE[40:], ytest=LABELS[40:]),
        splits={"train": 31, "val": 9, "test": 20},
    ),
    "test without labels": warned("part-unused", npz(X_train=TABLE[:40], y_train=LABELS[:40], X_test=TABLE[40:]), n=40),
    "ragged": refused(npz(x=ragged(), y=LABELS), "pickled", "unequal length", "padded"),
    "splits under unknown names": refused(
        npz(train_images=PIXELS[:40], train_fine=LABELS[:40], test_images=PIXELS[40:], test_fine=LABELS[40:]),
        "--read samples=images,label=fine",
    ),
    "splits under names that are said": right(
        npz(train_images=PIXELS[:40], train_fine=LABELS[:40], test_images=PIXELS[40:], test_fine=LABELS[40:]),
        reading=Reading(label="fine"),
        splits={"train": 31, "val": 9, "test": 20},
    ),
    "a second kind of sample": warned("part-unused", npz(X=TABLE, y=LABELS, images=PIXELS), modality="tabular"),
    "a second label": warned("part-unused", npz(X=TABLE, y=LABELS, target=LABELS[::-1]), label="y"),
    "bookkeeping": right(npz(X=TABLE, y=LABELS, filenames=np.arange(N).astype(str), lengths=np.ones(N)), label="y"),
    # containers
    "npz called zip": right(npz(X=TABLE, y=LABELS), "a.zip", format="arrays of NumPy", label="y"),
    "npy files in folders": right(
        lambda: zipped(
            d__train__X=npy(TABLE[:40]),
            d__train__y=npy(LABELS[:40]),
            d__test__X=npy(TABLE[40:]),
            d__test__y=npy(LABELS[40:]),
        ),
        "a.zip",
        splits={"train": 31, "val": 9, "test": 20},
    ),
    "pictures called npz": right(pictures, modality="image", classes=["a", "b"]),
    "a lone npy": refused(lambda: npy(TABLE), "single array without labels", "X.npy and y.npy", name="X.npy"),
    "lfs pointer": refused(
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
        "Git LFS pointer",
        "git lfs pull",
    ),
    "nifti": refused(lambda: b"\x1f\x8b\x08\0\0", "cut slices", name="brain.nii.gz"),
    # types of samples
    "complex": refused(npz(X=TABLE + 1j, y=LABELS), "np.abs(X)"),
    "dates": refused(npz(X=np.arange(N).astype("M8[s]")[:, None], y=LABELS), "astype('int64')"),
    "records": refused(npz(X=np.zeros(N, [("a", "f4"), ("b", "f4")]), y=LABELS), "np.stack"),
    "float16 too large": refused(npz(X=np.where(TABLE > 1, np.inf, TABLE).astype(np.float16), y=LABELS), "float32"),
    "numbers as strings": refused(npz(X=TABLE.astype(str), y=LABELS), "X.astype(float)"),
    "five axes": refused(npz(X=floats(N, 4, 7, 7, 3), y=LABELS), "X[:, 0]", "modality=tabular"),
    "whole beyond doubles": right(npz(X=2**53 + whole(0, 10**6, N, 2), y=LABELS), modality="tabular"),
    "dna words": right(npz(X=dna(), y=LABELS), modality="sequence"),
    "latin-1 labels": warned(
        "encoding-guessed", npz(X=TABLE, y=np.array([b"\xe4hre", b"ei", b"be"] * 20)), classes=["be", "ei", "ähre"]
    ),
    # two axes
    "dna codes": right(npz(X=whole(0, 3, N, 80), y=LABELS), modality="sequence", shape=[80]),
    "protein codes": right(npz(X=whole(0, 20, N, 50).astype(np.int32), y=LABELS), modality="sequence"),
    "codes padded with -1": right(npz(X=whole(-1, 3, N, 60), y=LABELS), modality="sequence"),
    "answers": warned("modality-guessed", npz(X=whole(1, 7, N, 20), y=LABELS), modality="tabular"),
    "counts": warned(
        "modality-guessed", npz(X=np.random.default_rng(0).poisson(2, (N, 30)), y=LABELS), modality="tabular"
    ),
    "fingerprints": warned("modality-guessed", npz(X=whole(0, 1, N, 512), y=LABELS), modality="tabular"),
    "embeddings": warned("modality-guessed", npz(X=floats(N, 384), y=LABELS), modality="tabular"),
    "embeddings said": right(npz(X=floats(N, 384), y=LABELS), reading=Reading(modality="tabular"), modality="tabular"),
    "wide without order": warned("modality-guessed", npz(X=floats(N, 100), y=LABELS), modality="series"),
    "wide with order": right(npz(X=walks(N, 100), y=LABELS), modality="series", shape=[1, 100]),
    "mnist laid flat": right(
        npz(X=whole(0, 255, N, 784).astype(np.uint8), y=LABELS), modality="image", shape=[1, 28, 28]
    ),
    "binary table": right(npz(X=whole(0, 1, N, 30), y=LABELS), modality="tabular"),
    # three axes
    "time first": right(npz(X=walks(N, 6, 90).transpose(0, 2, 1), y=LABELS), modality="series", shape=[6, 90]),
    "time said": right(
        npz(X=floats(N, 20, 30), y=LABELS), reading=Reading(axes="time+channels"), modality="series", shape=[30, 20]
    ),
    "few steps": warned("axes-guessed", npz(X=floats(N, 10, 20), y=LABELS), modality="series", shape=[10, 20]),
    "one-hot letters": right(npz(X=one_hot(whole(0, 3, N, 30), 4), y=LABELS), modality="series", shape=[4, 30]),
    "one-hot letters said": right(
        npz(X=one_hot(whole(0, 3, N, 30), 4), y=LABELS), reading=Reading(modality="sequence"), shape=[30]
    ),
    "square numbers": warned("modality-guessed", npz(X=floats(N, 32, 32), y=LABELS), modality="image"),
    "smooth squares": right(npz(X=hills(N, 20, 20), y=LABELS), modality="image"),
    "square series": warned("modality-guessed", npz(X=walks(N, 32, 32), y=LABELS), modality="series", shape=[32, 32]),
    "bytes in strips": warned(
        "modality-guessed", npz(X=whole(0, 255, N, 8, 99).astype(np.uint8), y=LABELS), modality="series"
    ),
    # four axes
    "bands last": right(npz(X=floats(N, 12, 12, 8), y=LABELS), modality="image", shape=[8, 12, 12]),
    "many bands last": right(npz(X=floats(N, 9, 9, 40), y=LABELS), modality="image", shape=[40, 9, 9]),
    "a cube": refused(npz(X=floats(N, 20, 20, 20), y=LABELS), "20 channels"),
    "field with channels last": right(
        npz(X=floats(N, 16, 16, 2), y=floats(N, 16, 16, 2)), modality="field", shape=[2, 16, 16], task="dense"
    ),
    "eeg as pictures": warned(
        "modality-guessed", npz(X=walks(N, 1, 8, 100), y=LABELS), modality="series", shape=[8, 100]
    ),
    # rows
    "samples last": refused(npz(X=TABLE.T, y=LABELS), "samples seem to lie on axis 2", "axes=features+samples"),
    "samples last said": right(
        npz(X=TABLE.T, y=LABELS), reading=Reading(axes="features+samples"), modality="tabular", shape=[3]
    ),
    "labels too few": refused(npz(X=TABLE, y=LABELS[:-1]), "60 samples", "59 labels"),
    # labels
    "one-hot floats": right(npz(X=TABLE, y=np.eye(3)[LABELS]), classes=["0", "1", "2"], task="classification"),
    "one-hot truth values": right(npz(X=TABLE, y=np.eye(3, dtype=bool)[LABELS]), task="classification", n_outputs=3),
    "one-hot said to be many": right(
        npz(X=TABLE, y=np.eye(3)[LABELS]), reading=Reading(task="multilabel"), task="multilabel"
    ),
    "shares": warned("task-guessed", npz(X=TABLE, y=np.eye(3)[LABELS] * 0.7 + 0.1), task="regression", n_outputs=3),
    "shares as classes": right(
        npz(X=TABLE, y=np.eye(3)[LABELS] * 0.7 + 0.1), reading=Reading(task="classification"), classes=["0", "1", "2"]
    ),
    "amounts": warned("task-guessed", npz(X=TABLE, y=AMOUNTS), task="classification"),
    "amounts once": warned("task-guessed", npz(X=TABLE, y=np.arange(N) * 7.0), task="regression"),
    "labels missing": warned("missing-labels", npz(X=TABLE, y=np.where(np.arange(N) == 5, np.nan, LABELS)), n=59),
    "names from one": right(npz(X=TABLE, y=LABELS + 1, class_names=NAMES), classes=["ash", "birch", "cedar"]),
    "names perhaps from one": warned("names-shifted", npz(X=TABLE, y=LABELS % 2 + 1, classes=NAMES)),
    "names from one said": right(
        npz(X=TABLE, y=LABELS % 2 + 1, label_names=NAMES), reading=Reading(first=1), classes=["ash", "birch", "cedar"]
    ),
    "names in a column": right(npz(X=TABLE, y=LABELS, target_names=NAMES[:, None]), classes=["ash", "birch", "cedar"]),
    # splits and groups
    "split spellings": right(npz(X=TABLE, y=LABELS, Split=THIRDS), splits={"train": 30, "val": 20, "test": 10}),
    "is_train": right(npz(X=TABLE, y=LABELS, is_train=np.arange(N) < 40), splits={"train": 31, "val": 9, "test": 20}),
    "row numbers": right(
        npz(X=TABLE, y=LABELS, train_idx=np.arange(30), val_idx=np.arange(30, 40), test_idx=np.arange(40, 50)),
        n=50,
        splits={"train": 30, "val": 10, "test": 10},
    ),
    "rows in two splits": refused(
        npz(X=TABLE, y=LABELS, train_idx=np.arange(30), test_idx=np.arange(29, 60)), "two splits", "split=none"
    ),
    "row numbers from one": refused(
        npz(X=TABLE, y=LABELS, train_idx=np.arange(1, 41), test_idx=np.arange(41, 61)),
        "expected 0 to 59",
    ),
    "masks": right(npz(X=TABLE, y=LABELS, train_mask=np.arange(N) < 40, test_mask=np.arange(N) >= 40), n=60),
    "folds": warned("possible-split", npz(X=TABLE, y=LABELS, fold=np.arange(N) // 12)),
    "subjects": right(npz(X=TABLE, y=LABELS, subject=np.arange(N) // 10), group="subject", n_groups=6),
    "subjects torn by the split": warned(
        "possible-group",
        npz(X=TABLE, y=LABELS, subject=np.arange(N) // 10, split=np.where(np.arange(N) % 5 == 0, "test", "train")),
    ),
    "sessions": warned("possible-group", npz(X=TABLE, y=LABELS, session=np.arange(N) // 10)),
    # gaps
    "series that end": warned("unequal-lengths", npz(X=ended(walks(N, 2, 100)), y=LABELS), shape=[2, 79]),
    "series cropped": right(npz(X=ended(walks(N, 2, 100)), y=LABELS), reading=Reading(length="crop"), shape=[2, 20]),
    "series with holes": warned("missing-values", npz(X=holed(walks(N, 2, 100)), y=LABELS), n=60),
    "pictures with holes": refused(npz(X=holed(floats(N, 3, 12, 12)), y=LABELS), "2 of 60 samples", "missing=drop"),
    "pictures left out": right(npz(X=holed(floats(N, 3, 12, 12)), y=LABELS), reading=Reading(missing="drop"), n=58),
    # archives as they are downloaded
    "scikit-learn pictures": right(
        npz(data=PIXELS.reshape(N, -1) / 255, images=PIXELS / 255, target=LABELS, DESCR=np.array("faces")),
        modality="image",
        shape=[1, 12, 12],
        label="target",
    ),
    "a set of each": right(
        hdf5(
            train_set_x=PIXELS[:40],
            train_set_y=LABELS[:40] % 2,
            test_set_x=PIXELS[40:],
            test_set_y=LABELS[40:] % 2,
            list_classes=np.array([b"cat", b"dog"]),
        ),
        "a.h5",
        classes=["cat", "dog"],
        splits={"train": 32, "val": 8, "test": 20},
    ),
    "events of MNE": right(
        npz(epochs=walks(N, 4, 90), events=np.stack([np.arange(N), 0 * LABELS, LABELS], axis=1)),
        modality="series",
        classes=["0", "1", "2"],
    ),
    "stratified folds": warned("possible-split", npz(X=TABLE, y=LABELS, strat_fold=np.arange(N) % 10 + 1)),
    "row numbers of every fold": warned(
        "part-unused",
        npz(X=TABLE, y=LABELS, test_idx=np.arange(N).reshape(5, 12)),
        splits={"train": 36, "val": 12, "test": 12},
    ),
    "row numbers called train and test": right(
        npz(X=TABLE, y=LABELS, train=np.arange(40), test=np.arange(40, N)), splits={"train": 31, "val": 9, "test": 20}
    ),
    "a folder a sample": right(
        hdf5(
            **{f"case_{i}__x": one for i, one in enumerate(walks(N, 2, 90))},
            **{f"case_{i}__y": i % 3 for i in range(N)},
        ),
        "a.h5",
        n=60,
        shape=[2, 90],
        changed=["60 numbered folders put together, one a sample"],
    ),
    "a folder a sample of unequal lengths": refused(
        hdf5(**{f"s{i}__x": np.arange(9 + i) for i in range(9)}, **{f"s{i}__y": i % 2 for i in range(9)}),
        "9 different shapes",
        "NaN",
        name="a.h5",
    ),
    "a folder a person": Brought(
        "a.h5",
        hdf5(**{f"p{i}__X": floats(N, 3) + i for i in range(5)}, **{f"p{i}__y": LABELS for i in range(5)}),
        "warned",
        ("part-unused",),
        {"n": 60},
    ),
    "a folder a simulation": Brought(
        "a.h5",
        hdf5(
            **{f"{i:04d}__data": one for i, one in enumerate(FRAMES)},
            **{f"{i:04d}__grid__x": np.arange(9.0) for i in range(N)},
        ),
        "warned",
        ("axes-guessed",),
        {"modality": "field", "task": "dense", "n": 60},
    ),
    "codes with categories": right(
        hdf5(X=TABLE, obs__kind__codes=LABELS.astype(np.int8), obs__kind__categories=NAMES.astype("S")),
        "a.h5",
        Reading(label="obs/kind"),
        classes=["ash", "birch", "cedar"],
    ),
    "a sparse matrix": refused(
        npz(data=TABLE[0], indices=np.arange(3), indptr=np.arange(4), shape=np.array([3, 3])), "sparse", "X.toarray()"
    ),
    "a struct": refused(matlab(d={"X": TABLE, "y": LABELS}), "a MATLAB struct", "-struct", name="a.mat"),
    "samples last in both": refused(
        matlab(inputs=TABLE.T, targets=np.eye(4)[np.arange(N) % 4].T), "axes=features+samples", name="a.mat"
    ),
    "samples last in both, said": right(
        matlab(inputs=TABLE.T, targets=np.eye(4)[np.arange(N) % 4].T),
        "a.mat",
        Reading(axes="features+samples"),
        shape=[3],
        n_outputs=4,
    ),
    "samples last under other names": refused(
        matlab(x=TABLE.T, t=np.eye(2)[LABELS % 2].T), "samples=x,label=t,axes=features+samples", name="a.mat"
    ),
    "time, channels, samples": refused(
        matlab(data=walks(N, 4, 90).transpose(2, 1, 0), labels=LABELS), "axes=time+channels+samples", name="a.mat"
    ),
    "pictures without labels": refused(
        hdf5(**{f"img_{i}": one for i, one in enumerate(PIXELS)}), "np.savez(file, X=X, y=y)", name="a.h5"
    ),
    "pictures laid flat in floats": warned(
        "modality-guessed", npz(X=hills(N, 16, 16).reshape(N, -1), y=LABELS), modality="series"
    ),
    # more labels
    "one-hot of minus one and one": right(
        npz(X=TABLE, y=np.eye(3)[LABELS] * 2 - 1), task="classification", n_outputs=3
    ),
    "one-hot with rows of zeros": warned(
        "task-guessed", npz(X=TABLE, y=np.where(np.arange(N)[:, None] < 2, 0, np.eye(3)[LABELS])), task="multilabel"
    ),
    "labels with axes of one": right(npz(X=TABLE, y=LABELS[:, None, None]), task="classification"),
    "numbers saved as text": right(npz(X=TABLE, y=np.round(walks(N), 3).astype(str)), task="regression"),
    "minus one beside classes": warned("missing-labels", npz(X=TABLE, y=np.where(np.arange(N) % 4, LABELS, -1))),
    "minus one beside classes, said": right(
        npz(X=TABLE, y=np.where(np.arange(N) % 4, LABELS, -1)),
        reading=Reading(ignore="-1"),
        n=45,
        classes=["0", "1", "2"],
    ),
    "bytes of 255 beside classes": warned(
        "missing-labels", npz(X=TABLE, y=np.where(np.arange(N) % 4, LABELS, 255).astype(np.uint8))
    ),
    "no such code": refused(npz(X=TABLE, y=LABELS), "no label is 9", reading=Reading(ignore="9")),
    "minus one, zero and one": right(npz(X=TABLE, y=LABELS - 1), classes=["-1", "0", "1"]),
    "several codes a sample": refused(npz(X=TABLE, y=whole(0, 4, N, 2)), "y[:, 0]", "task=regression"),
    "points": refused(npz(X=PIXELS, y=floats(N, 5, 2)), "task=regression"),
    # classes and values on cells
    "one-hot masks": right(
        npz(images=PIXELS, masks=one_hot(KINDS_ON_CELLS, 4).transpose(0, 3, 1, 2)), task="segmentation", n_outputs=4
    ),
    "one-hot masks, channels last": right(
        npz(images=PIXELS, masks=one_hot(KINDS_ON_CELLS, 5), class_names=np.array(list("abcde"))),
        task="segmentation",
        classes=list("abcde"),
    ),
    "one-hot masks said to be amounts": right(
        npz(images=PIXELS, masks=one_hot(KINDS_ON_CELLS, 4)), reading=Reading(task="dense"), task="dense"
    ),
    "one-hot steps": right(
        npz(X=walks(N, 3, 90), y=one_hot(whole(0, 2, N, 90), 3)), task="segmentation", classes=["0", "1", "2"]
    ),
    "masks that overlap": warned(
        "task-guessed", npz(images=PIXELS, masks=np.stack([PIXELS > 99, PIXELS > 150], axis=1)), task="dense"
    ),
    "masks of floats from 0 to 255": warned(
        "task-guessed", npz(X=hills(N, 9, 9), y=(hills(N, 9, 9) > 0) * 255.0), task="dense"
    ),
    "many codes on cells": warned("task-guessed", npz(images=PIXELS, masks=PIXELS % 150), task="dense"),
    "grey values on cells": right(npz(images=PIXELS[..., None], y=PIXELS[:, ::-1]), task="dense"),
    "down, level and up on cells": warned(
        "missing-labels", npz(X=walks(N, 3, 90), y=whole(-1, 1, N, 90)), task="segmentation", classes=["0", "1"]
    ),
    "padding at the front": warned("padding-class", npz(**dict(zip("Xy", residues(at_front=True), strict=True)))),
    "padding of one-hot letters": warned("padding-class", npz(X=one_hot(RESIDUES, 21), y=STRUCTURE), modality="series"),
    "codes with a class each": right(
        npz(X=whole(2, 9, N, 30), y=whole(0, 2, N, 30)), modality="sequence", task="segmentation"
    ),
    "words with a letter each": right(
        npz(seq=PROTEINS, label=WORDS), modality="sequence", task="segmentation", classes=["C", "E", "H"]
    ),
    "-999 beside classes": warned("missing-labels", npz(X=TABLE, y=np.where(np.arange(N) % 4, LABELS, -999))),
    "cells that PyTorch ignores": right(
        npz(X=whole(1, 20, N, 40), y=np.where(np.arange(40) % 4, whole(0, 2, N, 40), -100)), classes=["0", "1", "2"]
    ),
}
