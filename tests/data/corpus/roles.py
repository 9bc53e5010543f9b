"""Tables whose columns are labels, ids, groups, times, splits, texts, pixels: who is who, and what is doubtful."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tests.data.corpus import Brought
from xmodal_core.data.reading import Reading

_KINDS = ("oak", "elm", "fir")
_N = 90


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _kinds(n: int = _N) -> list[str]:
    """Three kinds in a random order."""
    return [_KINDS[i] for i in _rng().permutation(np.arange(n) % 3)]


def _fractions(n: int = _N, seed: int = 1) -> list[str]:
    return [f"{value:.3f}" for value in np.random.default_rng(seed).normal(size=n)]


def _table(columns: Mapping[str, Sequence[Any]], mark: str = ",") -> Callable[[], bytes]:
    rows = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    return lambda: "\n".join(mark.join(f'"{c}"' if mark in str(c) else str(c) for c in row) for row in rows).encode()


def _with(label: str = "label", **columns: Sequence[Any]) -> Callable[[], bytes]:
    """Two columns of fractions, the given ones, and a label of three kinds."""
    return _table({"a": _fractions(), "b": _fractions(seed=2), **columns, label: _kinds()})


def _wide(names: Sequence[str], values: np.ndarray, label_first: bool = True) -> Callable[[], bytes]:
    features = {name: [f"{v:g}" for v in column] for name, column in zip(names, values.T, strict=True)}
    label = {"label": _kinds(len(values))}
    return _table({**label, **features} if label_first else {**features, **label})


def _walks(width: int) -> np.ndarray:
    return np.cumsum(_rng().normal(size=(_N, width)), axis=1).round(3)


def _noise(width: int) -> np.ndarray:
    return _rng().normal(size=(_N, width)).round(3)


def _bytes(width: int) -> np.ndarray:
    return _rng().integers(0, 256, (_N, width))


def _letters(alphabet: str, least: int, most: int) -> list[str]:
    rng = _rng()
    return ["".join(rng.choice(list(alphabet), rng.integers(least, most + 1))) for _ in range(_N)]


def _sentences(n: int = _N) -> list[str]:
    rng, words = _rng(), ["old", "film", "was", "good", "and", "rather", "long", "rainy", "day"]
    return [" ".join(rng.choice(words, 9)) + f" {i}" for i in range(n)]


def _right(make: Callable[[], bytes], reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought("t.csv", make, "right", facts=facts, reading=reading or Reading())


def _warned(make: Callable[[], bytes], *codes: str, reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought("t.csv", make, "warned", codes, facts, reading or Reading())


def _refused(make: Callable[[], bytes], *words: str, reading: Reading | None = None) -> Brought:
    return Brought("t.csv", make, "refused", words, reading=reading or Reading())


_COUNTER = list(range(_N))
_SHUFFLED = np.random.default_rng(11).permutation(_N).tolist()
_TENS = [f"{i:.2f}" for i in np.random.default_rng(3).gamma(2, 10, _N)]
_PEOPLE = [f"s{i // 6}" for i in range(_N)]
_COUNTED = [7 * (i // 5) % 18 for i in range(_N)]
_DAYS = [f"2021-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(_N)]
_KEEPS = {"classes": ["elm", "fir", "oak"], "task": "classification", "n": _N}
_COUNTS = _rng().poisson(12, _N).tolist()
_CODES = [("01", "1", "2")[i % 3] for i in range(_N)]

LABELS = {
    name: _right(_table({name: _kinds(), "a": _fractions(), "b": _fractions(seed=2)}), label=name, **_KEEPS)
    for name in ("Klasse", "classe", "Etiqueta", "étiquette", "Target Class", "class_label", "Diagnosis", "标签", "y")
}
GUESSED = {
    "label-that-comes-last": _right(_with("what"), label="what", **_KEEPS),
    "label-in-the-middle": _warned(
        _table({"a": _fractions(), "what": _kinds(), "b": _fractions(seed=2)}), "label-guessed", label="what"
    ),
    "label-in-the-middle-said": _right(
        _table({"a": _fractions(), "what": _kinds(), "b": _fractions(seed=2)}), Reading(label="what"), label="what"
    ),
    "only-categories": _warned(
        _table({"u": _kinds(), "v": _kinds()[::-1], "w": [*_kinds()[5:], *_kinds()[:5]]}), "label-guessed", label="w"
    ),
    "ticket-class-beside-died": _warned(
        _table({"class": [1 + i % 3 for i in range(_N)], "a": _fractions(), "died": [i % 2 for i in _SHUFFLED]}),
        "label-guessed",
        label="died",
    ),
    "x-y-z-and-a-state": _right(
        _table({"x": _fractions(), "y": _fractions(seed=2), "z": _fractions(seed=3), "pose": _kinds()}), label="pose"
    ),
    "x-y-regression": _right(_table({"x": _fractions(), "y": _fractions(seed=2)}), label="y", task="regression"),
    "label-probability-is-no-label": _right(
        _table({"label_probability": _fractions(), "b": _fractions(seed=2), "label": _kinds()}), label="label"
    ),
    "no-column-is-a-label": _refused(_table({"id": _COUNTER, "text": _sentences()}), "no column can be the label"),
    "unknown-label": _refused(_with(), "'kind'", "a, b, label", reading=Reading(label="kind")),
    "unknown-drop": _refused(_with(), "'c'", "drop", reading=Reading(drop=("c",))),
    "label-said-to-be-dropped": _refused(_with(), "both", reading=Reading(label="label", drop=("label",))),
}
ROWS = {
    "unnamed-counter": _right(_table({"": _COUNTER, "a": _fractions(), "label": _kinds()}), features=["a"]),
    "pandas-counter": _right(_table({"Unnamed: 0": _COUNTER, "a": _fractions(), "label": _kinds()}), features=["a"]),
    "row-names": _right(
        _table({"rownames": [f"car {i}" for i in _COUNTER], "a": _fractions(), "label": _kinds()}),
        Reading(drop=("rownames",)),
        features=["a"],
    ),
    "id": _warned(_with(SampleID=[f"S{i:04}" for i in _COUNTER]), "row-numbers", features=["a", "b"]),
    "id-dropped": _right(_with(Id=_COUNTER), Reading(drop=("Id",)), features=["a", "b"]),
    "id-said": _right(_with(Id=_COUNTER), Reading(id="Id"), features=["a", "b"]),
    "id-kept-as-a-number": _right(_with(Id=_SHUFFLED), Reading(number=("Id",)), features=["a", "b", "Id"]),
    "counter-by-another-name": _warned(_with(n=_COUNTER), "row-numbers", features=["a", "b", "n"]),
    "shuffled-counter": _warned(_with(nth=_SHUFFLED), "row-numbers"),
    "id-of-two-rows-each": _warned(_with(order_id=[i // 2 for i in _COUNTER]), "possible-group", features=["a", "b"]),
    "file-names": _warned(_with(filename=[f"img_{i}.png" for i in _COUNTER]), "row-numbers", features=["a", "b"]),
    "only-an-id": _refused(_table({"Id": _COUNTER, "label": _kinds()}), "no feature column"),
}
GROUPS = {
    "patients": _right(_with(patient_id=_PEOPLE), group="patient_id", n_groups=15, features=["a", "b"]),
    "probands": _right(_with(Proband=_PEOPLE), group="Proband"),
    "two-sites": _warned(_with(site=["x", "y"] * (_N // 2)), "possible-group", group=""),
    "two-sites-as-a-category": _right(
        _with(site=["x", "y"] * (_N // 2)), Reading(category=("site",)), features=["a", "b", "site"]
    ),
    "groups-by-their-rows": _warned(
        _table({"a": _fractions(), "beat": _COUNTED, "label": [_KINDS[i % 7 % 3] for i in _COUNTED]}),
        "possible-group",
        "determines-label",
    ),
    "group-said": _right(_with(city=_PEOPLE), Reading(group="city"), group="city", features=["a", "b"]),
    "groups-that-cross-the-split": _warned(
        _with(subject=_PEOPLE, split=["train", "test"] * (_N // 2)), "groups-cross-splits", group="subject"
    ),
}
TIMES = {
    "dates-in-order": _warned(_with(date=_DAYS), "possible-time", features=["a", "b", "date"]),
    "dates-as-time": _right(_with(date=_DAYS), Reading(time="date"), splits={"train": 54, "val": 18, "test": 18}),
    "dates-as-numbers": _right(_with(date=_DAYS), Reading(number=("date",))),
    "days-of-birth": _right(_with(born=[_DAYS[i] for i in _SHUFFLED])),
    "day-or-month-first": _warned(
        _with(born=[f"{1 + i % 12:02}/{1 + (5 * i) % 12:02}/1980" for i in _SHUFFLED]), "dates"
    ),
    "seconds-since-1970": _warned(_with(timestamp=[1_600_000_000 + 977 * i for i in _SHUFFLED]), "possible-time"),
}
_TRAIN = ["train"] * 60 + ["test"] * 30
SPLITS = {
    "split-words-by-any-name": _right(_with(role=_TRAIN), features=["a", "b"]),
    "is-train": _right(_with(is_train=[int(word == "train") for word in _TRAIN]), features=["a", "b"]),
    "is-valid-true-false": _right(_with(is_valid=[word == "test" for word in _TRAIN]), features=["a", "b"]),
    "folds": _right(_with(fold=[i % 5 for i in _SHUFFLED]), splits={"train": 54, "val": 18, "test": 18}),
    "numbers-of-a-set": _warned(_with(set=[i % 3 for i in _SHUFFLED]), "possible-split"),
    "split-anew": _right(_with(split=_TRAIN), Reading(split="none"), splits={"train": 54, "val": 18, "test": 18}),
    "a-class-only-in-test": _warned(
        _table({"a": _fractions(), "label": ["u"] * 30 + ["v"] * 30 + ["w"] * 30, "split": _TRAIN}),
        "classes-only-in-test",
    ),
}
SEVERAL = {
    "one-hot": _warned(
        _table({"a": _fractions(), **{f"is_{k}": [int(k == one) for one in _kinds()] for k in _KINDS}}),
        "one-hot-label",
        classes=["oak", "elm", "fir"],
    ),
    "one-hot-by-name": _right(
        _table({"a": _fractions(), **{f"label_{k}": [int(k == one) for one in _kinds()] for k in _KINDS}}),
        classes=["oak", "elm", "fir"],
    ),
    "one-hot-of-the-label": _warned(
        _with(**{f"is_{k}": [int(k == one) for one in _kinds()] for k in _KINDS}), "one-hot-label", label="label"
    ),
    "several-labels-in-columns": _right(
        _table({"a": _fractions(), "label_x": [i % 2 for i in _SHUFFLED], "label_y": [i % 3 // 2 for i in _SHUFFLED]}),
        task="multilabel",
        classes=["x", "y"],
    ),
    "several-labels-in-a-cell": _right(
        _table({"a": _fractions(), "labels": [("u", "v", "u|v")[i % 3] for i in _SHUFFLED]}), task="multilabel"
    ),
    "several-labels-with-commas": _warned(
        _table({"a": _fractions(), "genre": [("war, art", "art", "war", "art, sea", "sea")[i % 5] for i in _SHUFFLED]}),
        "task-guessed",
        task="multilabel",
        classes=["art", "sea", "war"],
    ),
    "several-numbers": _right(
        _table({"a": _fractions(), "u": _fractions(seed=4), "v": _fractions(seed=5)}),
        Reading(label="u+v"),
        task="regression",
        n_outputs=2,
        features=["a"],
    ),
}
TASKS = {
    "counts": _warned(_table({"a": _fractions(), "count": _COUNTS}), "task-guessed", task="regression"),
    "counts-said": _right(_table({"a": _fractions(), "count": _COUNTS}), Reading(task="regression"), task="regression"),
    "a-number-that-occurs-once": _refused(
        _table({"a": _fractions(), "label": [0, 1, 2] * 29 + [0, 1, 7]}), "--read task=regression"
    ),
    "codes-that-would-merge": _warned(
        _table({"a": _fractions(), "label": _CODES}), "labels-merge", classes=["01", "1", "2"]
    ),
    "codes-as-numbers": _right(
        _table({"a": _fractions(), "label": _CODES}), Reading(number=("label",)), classes=["1", "2"]
    ),
    "codes-alone": _right(
        _table({"a": _fractions(), "label": [("007", "008")[i % 2] for i in _SHUFFLED]}), classes=["007", "008"]
    ),
    "names-that-differ-by-accents": _warned(
        _table({"a": _fractions(), "label": [("p\u00eache", "peche", "kiwi")[i % 3] for i in _SHUFFLED]}),
        "names-differ",
    ),
    "names-of-two-forms": _right(
        _table({"a": _fractions(), "label": [("p\u00eache", "pe\u0302che", "kiwi")[i % 3] for i in _SHUFFLED]}),
        classes=["kiwi", "p\u00eache"],
    ),
    "a-tiny-class": _warned(_table({"a": _fractions(), "label": ["u"] * 50 + ["v"] * 36 + ["w"] * 4}), "tiny-classes"),
}
_GAPS = ["" if i % 9 == 0 else value for i, value in enumerate(_TENS)]
_HOLES = ["" if i % 9 == 0 else f"t{i % 4}" for i in _SHUFFLED]
MISSING = {
    "missing-numbers": _warned(_with(c=_GAPS), "missing-values", n=_N, features=["a", "b", "c", "c is missing"]),
    "missing-numbers-filled-in": _right(_with(c=_GAPS), Reading(missing="impute"), n=_N),
    "missing-numbers-dropped": _right(_with(c=_GAPS), Reading(missing="drop"), n=_N - 10, features=["a", "b", "c"]),
    "missing-numbers-refused": _refused(_with(c=_GAPS), "10 of 90", "'c'", reading=Reading(missing="refuse")),
    "missing-categories": _warned(_with(c=_HOLES), "missing-values", features=["a", "b", "c"]),
    "missing-categories-dropped": _right(_with(c=_HOLES), Reading(missing="drop"), n=_N - 10),
    "missing-labels": _warned(
        _table({"a": _fractions(), "label": ["?", *_kinds()[1:]]}),
        "missing-labels",
        n=_N - 1,
        classes=["elm", "fir", "oak"],
    ),
    "an-empty-column": _right(_with(c=[""] * _N), features=["a", "b"]),
}
LEAKS = {
    "a-name-of-the-label": _warned(
        _with(grp=[{"oak": 3, "elm": 1, "fir": 7}[k] for k in _kinds()]), "determines-label"
    ),
    "a-name-of-the-label-kept": _right(
        _with(grp=[{"oak": 3, "elm": 1, "fir": 7}[k] for k in _kinds()]), Reading(category=("grp",))
    ),
    "a-price-in-another-coin": _warned(
        _table({"a": _fractions(), "euro": [f"{float(p) * 0.9:.4f}" for p in _TENS], "price": _TENS}),
        "determines-label",
    ),
    "repeated-rows": _warned(
        _table({"a": _fractions(45) * 2, "b": _fractions(45, seed=2) * 2, "label": _kinds(45) * 2}),
        "duplicates-across-splits",
    ),
    "few-answers-repeat-by-chance": _right(
        _table({f"q{i}": _rng().integers(1, 4, 90 * (i + 1))[-90:].tolist() for i in range(3)} | {"label": _kinds()})
    ),
    "hardly-changes": _warned(
        _table({"a": _fractions(200), "b": _fractions(200, 2), "c": [0] * 199 + [1], "label": _kinds(200)}),
        "near-constant",
    ),
    "never-changes": _right(_with(c=[3] * _N), features=["a", "b", "c"]),
}
WIDE = {
    "pixels-in-three-colours": _warned(
        _wide([f"pixel{i}" for i in range(192)], _bytes(192)), "axes-guessed", modality="image", shape=[3, 8, 8]
    ),
    "pixels": _right(_wide([f"pixel{i}" for i in range(100)], _bytes(100)), modality="image", shape=[1, 10, 10]),
    "pixels-by-row-and-column": _right(
        _wide([f"{r}x{c}" for r in range(1, 9) for c in range(1, 9)], _bytes(64)), modality="image", shape=[1, 8, 8]
    ),
    "bytes-without-a-name": _warned(
        _wide([f"v{i}" for i in range(144)], _bytes(144)), "modality-guessed", modality="image"
    ),
    "wavelengths": _right(_wide([f"{900 + 4 * i}nm" for i in range(40)], _walks(40)), modality="series", shape=[1, 40]),
    "wavenumbers-that-fall": _right(_wide([f"{4000 - 8.5 * i}cm-1" for i in range(40)], _walks(40)), modality="series"),
    "steps": _right(_wide([f"t_{i}" for i in range(30)], _walks(30)), modality="series"),
    "embeddings": _right(_wide([f"embedding_{i}" for i in range(96)], _noise(96)), modality="tabular"),
    "genes": _right(
        _wide([f"{'ABCDEFGHIJ'[i % 10]}{'KLMNOPQ'[i % 7]}X{i}" for i in range(70)], _noise(70)), modality="tabular"
    ),
    "numbered-and-rough": _warned(
        _wide([f"f{i}" for i in range(80)], _noise(80)), "modality-guessed", modality="tabular"
    ),
    "numbered-and-smooth": _warned(
        _wide([f"f{i}" for i in range(80)], _walks(80)), "modality-guessed", modality="series"
    ),
    "numbered-said": _right(
        _wide([f"f{i}" for i in range(80)], _noise(80)), Reading(modality="tabular"), modality="tabular"
    ),
    "words-are-no-series": _refused(_with(c=_kinds()[::-1]), "'c'", "series", reading=Reading(modality="series")),
}
WRITTEN = {
    "text-with-several-labels": _warned(
        _table({"comment": _sentences(), "rude": [i % 2 for i in _SHUFFLED], "loud": [i % 3 // 2 for i in _SHUFFLED]}),
        "label-guessed",
        modality="text",
        task="multilabel",
        classes=["rude", "loud"],
    ),
    "text-and-label": _right(_table({"review": _sentences(), "label": _kinds()}), modality="text"),
    "short-text": _right(
        _table({"text": [("good tea", "bad tea", "good day")[i % 3] for i in _SHUFFLED], "label": _kinds()}),
        modality="text",
    ),
    "text-beside-a-number": _warned(
        _table({"review": _sentences(), "stars": _fractions(), "label": _kinds()}), "modality-guessed", modality="text"
    ),
    "text-said": _right(
        _table({"review": _sentences(), "words": _fractions(), "label": _kinds()}),
        Reading(text="review"),
        modality="text",
    ),
    "two-texts": _refused(
        _table({"one": _sentences(), "two": _sentences()[::-1], "label": _kinds()}), "2 columns", "--read text=NAME"
    ),
    "names-beside-numbers": _warned(_with(who=[f"Anna {i}" for i in _SHUFFLED]), "part-unused", features=["a", "b"]),
    "dna": _right(_table({"seq": _letters("ACGT", 30, 30), "label": _kinds()}), modality="sequence", shape=[30]),
    "protein": _warned(
        _table({"protein": _letters("ACDEFGHIKLMNPQRSTVWY", 9, 40), "label": _kinds()}),
        "unequal-lengths",
        modality="sequence",
    ),
    "smiles": _right(
        _table({"SMILES": [f"C{'C' * (i % 30)}(=O)N{'O' * (i // 30)}" for i in _COUNTER], "label": _kinds()}),
        modality="text",
    ),
}

CORPUS: dict[str, Brought] = {
    **LABELS,
    **GUESSED,
    **ROWS,
    **GROUPS,
    **TIMES,
    **SPLITS,
    **SEVERAL,
    **TASKS,
    **MISSING,
    **LEAKS,
    **WIDE,
    **WRITTEN,
}
