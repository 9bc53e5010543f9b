"""Tables that were packed into a zip, alone or a file a split."""

import gzip
import io
from collections.abc import Callable

import numpy as np
import openpyxl

from tests.data.corpus import Brought
from tests.data.packed import packed, pictures
from xmodal_core.data.reading import Reading

_FRUIT = {"modality": "tabular", "task": "classification", "classes": ["fig", "pear"]}


def _zip(
    make: Callable[[], dict[str, bytes]],
    outcome: str = "right",
    *says: str,
    said: Reading | None = None,
    **facts: object,
) -> Brought:
    return Brought("fruit.zip", lambda: packed(make()), outcome, says, facts, said or Reading())


def _rows(n: int, seed: int) -> list[tuple[float, float, str]]:
    rng = np.random.default_rng(seed)
    return [(round(rng.normal(), 4), round(rng.normal(i % 2), 4), ("fig", "pear")[i % 2]) for i in range(n)]


def _csv(n: int = 40, seed: int = 0, head: str = "weight,size,kind", mark: str = ",") -> bytes:
    return "\n".join([head] * bool(head) + [mark.join(map(str, row)) for row in _rows(n, seed)]).encode()


def _unlabelled(n: int = 20) -> bytes:
    return "\n".join(["weight,size", *(f"{a},{b}" for a, b, _ in _rows(n, 9))]).encode()


def _xlsx(seed: int = 0) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in [("weight", "size", "kind"), *_rows(20, seed)]:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def _jsonl(seed: int = 0) -> bytes:
    return "\n".join(f'{{"weight": {a}, "size": {b}, "kind": "{c}"}}' for a, b, c in _rows(20, seed)).encode()


def _npz() -> bytes:
    stream, rng = io.BytesIO(), np.random.default_rng(3)
    np.savez(stream, X=rng.normal(size=(30, 4)), y=np.arange(30) % 2)
    return stream.getvalue()


def _waves(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.sin(np.arange(40) / (3 + np.arange(n)[:, None] % 2 * 2) + rng.random((n, 1))) + 0.05 * rng.normal(
        size=(n, 40)
    )


def _ts(n: int = 20, seed: int = 0, classes: str = "1 2") -> bytes:
    lines = [",".join(f"{v:.4f}" for v in row) + f":{1 + i % 2}" for i, row in enumerate(_waves(n, seed))]
    return "\n".join(["@problemName waves", f"@classLabel true {classes}", "@data", *lines]).encode()


def _ucr(n: int = 20, seed: int = 0) -> bytes:
    return "\n".join(
        f"{1 + i % 2}\t" + "\t".join(f"{v:.4f}" for v in row) for i, row in enumerate(_waves(n, seed))
    ).encode()


def _archive() -> dict[str, bytes]:
    """A zip of the time-series archives: the same in three formats, with a description."""
    about = {"Waves.txt": b"What these waves are.", "README.md": b"# Waves"}
    copies = {f"Waves_{split}.arff": b"@relation waves" for split in ("TRAIN", "TEST")}
    return {"Waves_TRAIN.ts": _ts(), "Waves_TEST.ts": _ts(30, 1), **copies, **about}


CORPUS = {
    "one table": _zip(
        lambda: {"iris.csv": _csv()}, n=40, file="fruit.zip/iris.csv", features=["weight", "size"], **_FRUIT
    ),
    "one table with papers": _zip(
        lambda: {"data/iris.csv": _csv(), "README": b"x", "LICENSE.txt": b"x", "__MACOSX/data/._iris.csv": b"x"},
        **_FRUIT,
    ),
    "one table with something else": _zip(
        lambda: {"iris.csv": _csv(), "iris.names": b"about"}, "warned", "files-left-out", **_FRUIT
    ),
    "one table with notes": _zip(
        lambda: {"iris.csv": _csv(), "notes.txt": b"about"}, "warned", "files-left-out", **_FRUIT
    ),
    "a table with decimal commas, said": _zip(
        lambda: {"iris.csv": _csv(head="weight;size;kind", mark=";").replace(b".", b",")},
        said=Reading(decimal="comma"),
        **_FRUIT,
    ),
    "a workbook": _zip(lambda: {"iris.xlsx": _xlsx()}, n=20, **_FRUIT),
    "arrays in an archive of their own": _zip(lambda: {"a/arrays.npz": _npz(), "readme.txt": b"x"}, n=30),
    "series": _zip(lambda: {"waves.ts": _ts()}, modality="series", n=20),
    "train and test": _zip(
        lambda: {"train.csv": _csv(), "test.csv": _csv(20, 1)}, splits={"train": 32, "val": 8, "test": 20}, **_FRUIT
    ),
    "all three, columns in another order": _zip(
        lambda: {
            "x/fruit_train.csv": _csv(),
            "x/fruit_valid.csv": _csv(10, 1),
            "x/fruit_test.csv": "\n".join(["kind,size,weight", *(f"{c},{b},{a}" for a, b, c in _rows(20, 2))]).encode(),
        },
        splits={"train": 40, "val": 10, "test": 20},
        features=["weight", "size"],
        **_FRUIT,
    ),
    "splits said to be drawn anew": _zip(
        lambda: {"train.csv": _csv(), "test.csv": _csv(20, 1)},
        said=Reading(split="none"),
        splits={"train": 36, "val": 12, "test": 12},
    ),
    "lines of JSON": _zip(lambda: {"train.jsonl": _jsonl(), "test.jsonl": _jsonl(4)}, n=40, **_FRUIT),
    "workbooks": _zip(lambda: {"train.xlsx": _xlsx(), "test.xlsx": _xlsx(4)}, n=40, **_FRUIT),
    "an archive of series": _zip(
        _archive, modality="series", shape=[1, 40], splits={"train": 16, "val": 4, "test": 30}, classes=["1", "2"]
    ),
    "the older archive of series": _zip(
        lambda: {"Waves_TRAIN.tsv": _ucr(), "Waves_TEST.tsv": _ucr(30, 1)},
        modality="series",
        splits={"train": 16, "val": 4, "test": 30},
    ),
    "a class that is only tested": _zip(
        lambda: {"train.csv": _csv(), "test.csv": _csv(20, 1).replace(b"pear", b"plum")},
        "warned",
        "classes-only-in-test",
        classes=["fig", "pear", "plum"],
    ),
    "a test table without labels": _zip(
        lambda: {"train.csv": _csv(), "test.csv": _unlabelled()}, "refused", "has no 'kind'", "--read drop=test.csv"
    ),
    "a test table without labels, left out": _zip(
        lambda: {"train.csv": _csv(), "test.csv": _unlabelled(), "sample_submission.csv": b"Id,kind\n1,fig\n"},
        said=Reading(drop=("test.csv", "sample_submission.csv")),
        n=40,
        **_FRUIT,
    ),
    "a column that differs": _zip(
        lambda: {"train.csv": _csv(), "test.csv": b"weight,size,kind\nsmall,1,fig\nlarge,2,pear"},
        "refused",
        "'weight'",
        "numbers in train.csv and words in test.csv",
    ),
    "other headers of series": _zip(
        lambda: {
            "a_TRAIN.ts": _ts(),
            "a_TEST.ts": _ts().replace(b"@classLabel true 1 2", b"@targetLabel true"),
        },
        "refused",
        "@classlabel",
    ),
    "tables that nothing puts together": _zip(
        lambda: {"a.csv": _csv(), "b.csv": _csv()}, "refused", "a.csv, b.csv", "drop=b.csv"
    ),
    "samples and labels apart": _zip(
        lambda: {f"{one}_{split}.csv": _csv() for one in "Xy" for split in ("train", "test")}, "refused", "4 tables"
    ),
    "a packed table": _zip(lambda: {"iris.csv.gz": gzip.compress(_csv())}, "refused", "unpack the archive inside"),
    "a picture under another name": _zip(lambda: {"iris.csv": pictures("a")["a/0.png"]}, "refused", "a PNG picture"),
    "a level of a table": _zip(lambda: {"iris.csv": _csv()}, "refused", "level means nothing", said=Reading(level=1)),
}
