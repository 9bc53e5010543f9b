"""Tables with the habits of those who made them: signs, marks and words of their trade, language or software."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from tests.data.corpus import Brought
from xmodal_core.data.reading import Reading

_N = 90
_RNG = np.random.default_rng(5)
_KINDS = [("oak", "elm", "fir")[i] for i in _RNG.permutation(np.arange(_N) % 3)]
_A, _B = _RNG.normal(10, 2, (2, _N)).round(2).tolist()
_CODES = [("oak", "elm", "fir").index(kind) for kind in _KINDS]
_ANY = [int(i) for i in _RNG.permutation(_N)]


def _rows(names: Sequence[str] | None, *columns: Sequence[Any], mark: str = ",") -> Callable[[], bytes]:
    lines = [mark.join(f'"{v}"' if mark in str(v) else str(v) for v in row) for row in zip(*columns, strict=True)]
    return lambda: "\n".join([*([mark.join(names)] if names else []), *lines]).encode()


def _with(name: str, values: Sequence[Any]) -> Callable[[], bytes]:
    """Two columns of fractions, one more, and a label of three kinds."""
    return _rows(("a", "b", name, "label"), _A, _B, values, _KINDS)


def _often(mark: Any, values: Sequence[Any]) -> list[Any]:
    """Every ninth value is this one."""
    return [mark if i % 9 == 0 else value for i, value in enumerate(values)]


def _book(*rows: Sequence[Any], hidden: Sequence[Sequence[Any]] = (), merged: Sequence[str] = ()) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    if hidden:
        for row in hidden:
            sheet.append(row)
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("data")
        book.active = 1
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(stream)
    return stream.getvalue()


def _of_dates() -> bytes:
    stream = io.BytesIO()
    frame = pd.DataFrame({"a": _A, "b": _B, "label": _KINDS}, index=pd.date_range("2024-01-01", periods=_N))
    frame.to_parquet(stream)
    return stream.getvalue()


def _right(make: Callable[[], bytes], name: str = "t.csv", reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought(name, make, "right", facts={"n": _N} | facts, reading=reading or Reading())


def _warned(make: Callable[[], bytes], *codes: str, name: str = "t.csv", **facts: Any) -> Brought:
    return Brought(name, make, "warned", codes, {"n": _N} | facts)


_NAMES, _ROWS = ("a", "b", "label"), list(zip(_A, _B, _KINDS, strict=True))
_TEXTS = [f"the {kind} was seen on day {i} by all of us" for i, kind in enumerate(_KINDS)]
_SHARES = (0.3 * _RNG.dirichlet([1, 1, 1], _N) + 0.7 * np.eye(3)[_CODES]).round(4)

NO_NAMES = {
    "text-without-names": _right(_rows(None, _KINDS, _TEXTS, mark="\t"), "t.tsv", modality="text", label="column 1"),
    "whole-numbers-without-names-stay": _right(
        _rows(None, _A, [i * i + 7 for i in _ANY], _B, _KINDS),
        features=["column 1", "column 2", "column 3"],
    ),
    "numbers-that-name-rows-without-names": _warned(
        _rows(None, [i * i + 7 for i in _ANY], _A, _B, _KINDS),
        "row-numbers",
        features=["column 2", "column 3"],
    ),
    "plus-and-minus-without-names": _warned(
        _rows(None, ["+-"[i % 2] for i in _ANY], _A, _B), "label-guessed", classes=["+", "-"], label="column 1"
    ),
    "wave-numbers-go-down": _right(
        _rows(
            (*(f"{4000 - 3.5 * i:g}" for i in range(60)), "label"),
            *np.cumsum(_RNG.normal(size=(60, _N)), axis=0).round(3).tolist(),
            _KINDS,
        ),
        modality="series",
        shape=[1, 60],
    ),
}
SIGNS = {
    "plus-and-minus": _right(_rows(("a", "b", "label"), _A, _B, ["+-"[i % 2] for i in _ANY]), classes=["+", "-"]),
    "thousands-of-india": _right(
        _with("price", [("1,23,456", "12,34,567", "99,999")[i % 3] for i in _ANY]),
        changed=["read the comma as a thousands mark in 'price'"],
    ),
    "unknown-among-numbers": _warned(_with("c", _often("unknown", _ANY)), "missing-values"),
    "not-there-in-german": _warned(_with("c", _often("k.A.", _ANY)), "missing-values"),
    "error-of-a-german-spreadsheet": _warned(_with("c", _often("#NV", _ANY)), "missing-values"),
    "not-detected-among-numbers": Brought("t.csv", _with("c", _often("n.d.", _ANY)), "refused", ("'n.d.'", "number=c")),
    "nines-far-above": _warned(_with("c", _often(9999, [7 + i % 50 for i in _ANY])), "missing-values"),
    "nines-below-zero": _warned(_with("c", _often(-9, [i % 50 + 0.5 for i in _ANY])), "missing-values"),
    "nines-near-the-others": _right(_with("c", _often(99, [40 + i % 50 for i in _ANY]))),
    "nines-once": _right(_with("c", [9999, *(7 + i % 50 for i in _ANY[1:])])),
    "fill-value-of-climate-data": _warned(_with("c", _often("1e20", [i + 0.5 for i in _ANY])), "missing-values"),
}
LABELS = {
    "label-in-czech": _right(_rows(("a", "třída", "b"), _A, _CODES, _B), label="třída"),
    "label-with-a-suffix": _right(_rows(("a", "fraud_bool", "b"), _A, [i % 2 for i in _ANY], _B), label="fraud_bool"),
    "label-unknown": _warned(_rows(_NAMES, _A, _B, _often("unknown", _KINDS)), "missing-labels"),
    "label-dot": _warned(_rows(_NAMES, _A, _B, _often(".", _KINDS)), "missing-labels"),
    "label-minus-one": _warned(_rows(_NAMES, _A, _B, _often(-1, _CODES)), "missing-labels"),
    "label-minus-one-is-an-answer": _right(_rows(_NAMES, _A, _B, [code - 1 for code in _CODES])),
    "label-unknown-as-said": _right(
        _rows(_NAMES, _A, _B, _often("unknown", _KINDS)), reading=Reading(category=("label",))
    ),
    "lists-of-labels": _warned(
        _rows(_NAMES, _A, _B, [("['x', 'y']", "['y']", "['x']")[i % 3] for i in _ANY], mark=";"),
        "task-guessed",
        task="multilabel",
        classes=["x", "y"],
    ),
    "versions-as-labels": _warned(
        _rows(_NAMES, _A, _B, [("1.1", "1.10", "1.2")[i % 3] for i in _ANY]),
        "labels-merge",
        classes=["1.1", "1.10", "1.2"],
    ),
}
SPLITS = {
    "split-of-a-competition": _right(
        _with("Usage", [("Training", "Training", "PublicTest", "PrivateTest")[i % 4] for i in _ANY]),
        split_reason="from the column 'Usage'",
    ),
    "split-in-other-words": _warned(
        _with("cohort", ["discovery" if i % 3 else "validation" for i in _ANY]), "possible-split"
    ),
    "folds-with-a-suffix": _warned(_with("kfold_5", [i % 5 for i in _ANY]), "possible-split"),
    "split-without-some": _warned(
        _with("split", _often("", ["test" if i % 4 == 0 else "train" for i in _ANY])),
        "possible-split",
        "missing-values",
    ),
    "trains-are-no-split": _right(_with("by", [("train", "bus", "car")[i % 3] for i in _ANY])),
    "record-number-of-patients": _right(_with("MRN", [70000 + i // 6 * 37 for i in range(_N)]), group="MRN"),
}
LEAKS = {
    "prediction": _warned(_with("y_pred", _often(0, _CODES)), "determines-label"),
    "predicted-volume-is-a-measurement": _right(_with("FEV1_predicted", [i + 0.5 for i in _ANY])),
    "probabilities-of-classes": _warned(
        _rows(("a", "b", "p_oak", "p_elm", "p_fir", "label"), _A, _B, *_SHARES.T.tolist(), _KINDS), "determines-label"
    ),
    "named-after-a-class-and-silent-of-it": _right(_with("distance to oak", [i + 0.5 for i in _ANY])),
    "one-of-many-as-words": _warned(
        _rows(
            ("a", "b", "is_oak", "is_elm", "is_fir", "label"),
            *(_A, _B),
            *([str(code == k) for code in _CODES] for k in range(3)),
            _KINDS,
        ),
        "one-hot-label",
    ),
    "logarithm-of-the-target": _warned(
        _rows(
            ("a", "b", "c", "target"),
            _A,
            _B,
            np.log(np.arange(_N) + 2.0)[_ANY].round(5).tolist(),
            [i + 2.5 for i in _ANY],
        ),
        "determines-label",
    ),
}
BOOKS = {
    "book-with-means-and-deviations": _right(
        lambda: _book(_NAMES, *_ROWS, ("Mittelwert", 9.9), ("StdAbw", 2.1), ("max", 20.0)), "t.xlsx"
    ),
    "book-with-a-hidden-list-first": _warned(
        lambda: _book(_NAMES, *_ROWS, hidden=[("code", "name"), (0, "ash"), (1, "oak")]), "part-unused", name="t.xlsx"
    ),
    "means-and-deviations-below": _right(lambda: _rows(_NAMES, _A, _B, _KINDS)() + b"\nmean,9.9,\nstd,2.1,\n"),
    "a-row-called-max-is-a-row": _right(
        lambda: _rows(("name", *_NAMES), [f"r{i}" for i in range(_N - 1)] + ["max"], _A, _B, _KINDS)(),
        reading=Reading(drop=("name",)),
    ),
    "parquet-with-dates-as-index": _warned(_of_dates, "possible-time", name="t.parquet"),
}

_PIXELS = np.random.default_rng(7).integers(0, 256, (_N, 48 * 48))
_FACES = [" ".join(map(str, row)) for row in _PIXELS.tolist()]
_USAGE = [("Training", "Training", "PublicTest", "PrivateTest")[i % 4] for i in range(_N)]
CELLS = {
    "pixels-in-a-cell": _right(_rows(("emotion", "pixels", "Usage"), _KINDS, _FACES, _USAGE), modality="image"),
    "pixels-in-a-cell-beside-an-age": _warned(_rows(("age", "pixels", "emotion"), _A, _FACES, _KINDS), "part-unused"),
}

CORPUS: dict[str, Brought] = {**NO_NAMES, **SIGNS, **LABELS, **SPLITS, **LEAKS, **BOOKS, **CELLS}
