"""Tables as other software, other trades and other alphabets write them, and as spreadsheets spoil them."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import openpyxl
from openpyxl.chart import BarChart, Reference

from tests.data.corpus import Brought
from xmodal_core.data.reading import Reading

_N = 90
_RNG = np.random.default_rng(11)
_KINDS = [("oak", "elm", "fir")[i] for i in _RNG.permutation(np.arange(_N) % 3)]
_A, _B = _RNG.normal(10, 2, (2, _N)).round(3).tolist()
_ANY = [int(i) for i in _RNG.permutation(_N)]
_PLAIN = list(zip(_A, _B, _KINDS, strict=True))
_NAMES = ("a", "b", "label")
_READ = {"n": _N, "features": ["a", "b"], "classes": ["elm", "fir", "oak"]}


def _text(names: Sequence[str] | None, rows: Sequence[Sequence[Any]], mark: str = ",", end: str = "") -> str:
    lines = [mark.join(map(str, row)) + end for row in rows]
    return "\n".join([*([mark.join(names)] if names else []), *lines]) + "\n"


def _file(text: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: text.encode(encoding)


def _with(name: str, values: Sequence[Any]) -> Callable[[], bytes]:
    return _file(_text(("a", "b", name, "label"), list(zip(_A, _B, values, _KINDS, strict=True))))


def _right(name: str, make: Callable[[], bytes], reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought(name, make, "right", facts=facts, reading=reading or Reading())


def _warned(name: str, make: Callable[[], bytes], *codes: str, reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought(name, make, "warned", codes, facts, reading or Reading())


def _book(change: Callable[[Any], object], rows: Sequence[Sequence[Any]] = _PLAIN) -> Callable[[], bytes]:
    """A workbook of one sheet with these rows, changed."""

    def make() -> bytes:
        book, stream = openpyxl.Workbook(), io.BytesIO()
        for row in (_NAMES, *rows):
            book.active.append(row)
        change(book)
        book.save(stream)
        return stream.getvalue()

    return make


def _words(words: Sequence[str], encoding: str, name: str = "a") -> Callable[[], bytes]:
    """Three classes in a language."""
    rows = [(a, b, words[i % len(words)]) for i, (a, b) in enumerate(zip(_A, _B, strict=True))]
    return _file(_text((name, "b", "label"), rows), encoding)


_FRENCH, _CHINESE = ("chêne", "hêtre", "érable"), ("貓", "狗", "魚")
ENCODINGS = {
    "mac": _warned("t.csv", _words(_FRENCH, "mac_roman"), "encoding-guessed", classes=sorted(_FRENCH)),
    "mac-as-said": _right(
        "t.csv", _words(_FRENCH, "mac_roman"), Reading(encoding="mac_roman"), classes=sorted(_FRENCH)
    ),
    "mac-german": _warned(
        "t.csv",
        _words(("Käfer", "Möwe", "Schwäne"), "mac_roman"),
        "encoding-guessed",
        format="csv, mac_roman, separated by commas",
    ),
    "windows-french": _right("t.csv", _words(_FRENCH, "cp1252"), classes=sorted(_FRENCH)),
    "dos-german": _warned("t.csv", _words(("Käfer", "Möwe", "Füchse"), "cp850"), "encoding-guessed"),
    "polish": _warned(
        "t.csv", _words(("dąb", "brzoza", "świerk"), "cp1250"), "encoding-guessed", classes=["brzoza", "dąb", "świerk"]
    ),
    "russian-unix": _warned("t.csv", _words(("берёза", "клён", "дуб"), "koi8_r"), "encoding-guessed"),
    "big5": _warned(
        "t.csv", _words(_CHINESE, "big5", "長度"), "encoding-guessed", classes=sorted(_CHINESE), features=["長度", "b"]
    ),
    "korean": _warned(
        "t.csv", _words(("고양이", "강아지", "토끼"), "euc_kr", "길이"), "encoding-guessed", features=["길이", "b"]
    ),
    "japanese": _warned(
        "t.csv", _words(("りんご", "みかん", "データ"), "shift_jis", "長さ"), "encoding-guessed", features=["長さ", "b"]
    ),
    "simplified": _warned(
        "t.csv", _words(("猫", "狗", "鱼"), "gbk", "长度"), "encoding-guessed", features=["长度", "b"]
    ),
}

_LONG = 2**60
LONG_NUMBERS = {
    "long-ids-in-json": _warned(
        "t.jsonl",
        _file("".join(json.dumps({"a": a, "h": _LONG + i, "label": k}) + "\n" for i, (a, _, k) in enumerate(_PLAIN))),
        "row-numbers",
        features=["a"],
    ),
    "longer-ids": _warned("t.csv", _with("h", [2**70 + i for i in _ANY]), "row-numbers", features=["a", "b"]),
    "long-ids-of-some": _warned("t.csv", _with("h", [_LONG + i // 9 for i in _ANY]), "possible-group"),
    "long-ids-as-numbers": _warned(
        "t.csv", _with("h", [_LONG + i for i in _ANY]), "precision-lost", reading=Reading(number=("h",))
    ),
    "long-numbers-as-labels": _right(
        "t.csv",
        _file(_text(_NAMES, [(a, b, 2**70 + i % 2) for i, (a, b, _) in enumerate(_PLAIN)])),
        classes=[str(2**70), str(2**70 + 1)],
    ),
}

UNITS = {
    "wells": _warned("t.csv", _with("well", [f"{'ABCDEF'[i % 6]}{i % 5 + 1}" for i in _ANY]), "possible-group"),
    "plots": _warned("t.csv", _with("Plot No", [i // 6 for i in range(_N)]), "possible-group"),
    "trials": _warned("t.csv", _with("nct_id", [f"NCT{i % 9:08}" for i in _ANY]), "possible-group"),
    "parcels-in-german": _warned("t.csv", _with("Parzelle", [f"P{i % 10}" for i in _ANY]), "possible-group"),
    "wells-as-said": _right("t.csv", _with("well", [f"W{i % 10}" for i in _ANY]), Reading(group="well"), group="well"),
    "a-number-of-runs": _right("t.csv", _with("runs", _RNG.poisson(3, _N).tolist())),
    "three-blocks": _right("t.csv", _with("block", ["ABC"[i % 3] for i in _ANY])),
}
STEPS = {
    "counter-in-tens": _warned("t.csv", _with("nth", [10 * i + 10 for i in range(_N)]), "row-numbers"),
    "counter-in-tenths": _warned("t.csv", _with("nth", [round(0.1 * i, 1) for i in range(_N)]), "row-numbers"),
    "counter-down": _warned("t.csv", _with("nth", [900 - 10 * i for i in range(_N)]), "row-numbers"),
    "even-times": _warned("t.csv", _with("time", [round(0.02 * i, 2) for i in range(_N)]), "possible-time"),
    "fractions-in-no-order": _right("t.csv", _with("c", [0.1 * i for i in _ANY])),
    "sorted-measurements": _right("t.csv", _with("c", sorted(_RNG.normal(size=_N).round(3).tolist()))),
}

_BY_KIND = sorted(_PLAIN, key=lambda row: row[2])
_ONCE = [(a, b, kind if i % 30 == 0 else None) for i, (a, b, kind) in enumerate(_BY_KIND)]
_OFTEN = [(a, b, ("oak", "elm", "fir")[i // 5 % 3] if i % 5 == 0 else None) for i, (a, b, _) in enumerate(_PLAIN)]


def _hide_rows(book: Any) -> None:
    for row in range(5, 15):
        book.active.row_dimensions[row].hidden = True


def _hide_column(book: Any) -> None:
    book.active.column_dimensions["B"].hidden = True


def _merge(book: Any) -> None:
    for start in (2, 32, 62):
        book.active.merge_cells(f"C{start}:C{start + 29}")


def _chart(book: Any) -> None:
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=9))
    book.create_chartsheet(index=0).add_chart(chart)


def _only_charts(book: Any) -> None:
    book.create_chartsheet()
    book.remove(book.worksheets[0])


BOOKS = {
    "book-with-hidden-rows": _warned("t.xlsx", _book(_hide_rows), "hidden-cells", **_READ),
    "book-with-hidden-rows-dropped": _right("t.xlsx", _book(_hide_rows), Reading(hidden="drop"), n=_N - 10),
    "book-with-hidden-rows-kept": _right("t.xlsx", _book(_hide_rows), Reading(hidden="keep"), n=_N),
    "book-with-a-hidden-column": _warned("t.xlsx", _book(_hide_column), "hidden-cells", **_READ),
    "book-with-a-hidden-column-dropped": _right("t.xlsx", _book(_hide_column), Reading(hidden="drop"), features=["a"]),
    "book-with-merged-classes": _right(
        "t.xlsx",
        _book(_merge, _BY_KIND),
        changed=["gave the value of merged cells to every row of them in 'label'"],
        **_READ,
    ),
    "book-with-a-class-once": Brought("t.xlsx", _book(id, _ONCE), "refused", ("first row", "--read fill=label")),
    "book-with-a-class-once-filled": _right("t.xlsx", _book(id, _ONCE), Reading(fill=("label",)), **_READ),
    "book-with-a-class-a-block": _warned("t.xlsx", _book(id, _OFTEN), "missing-labels", n=_N // 5),
    "class-a-block-in-csv": _warned(
        "t.csv", _file(_text(_NAMES, _OFTEN).replace("None", "")), "missing-labels", n=_N // 5
    ),
    "class-a-block-filled": _right(
        "t.csv", _file(_text(_NAMES, _OFTEN).replace("None", "")), Reading(fill=("label",)), n=_N
    ),
    "group-a-block": _warned(
        "t.csv", _with("farm", [f"F{i}" if i % 6 == 0 else "" for i in range(_N)]), "missing-values"
    ),
    "book-with-a-chart": _right("t.xlsx", _book(_chart), **_READ),
    "book-of-charts-alone": Brought("t.xlsx", _book(_only_charts), "refused", ("charts", "export the sheet as CSV")),
}

_GENES, _RANGES = ("2-Sep", "1-Mar", "TP53"), ("02.Jan", "05.Mrz", "13-20")
SPOILED = {
    "genes-as-dates": _warned("t.csv", _words(_GENES, "utf-8"), "dates", classes=sorted(_GENES)),
    "ranges-as-dates": _warned("t.csv", _words(_RANGES, "utf-8"), "dates", classes=sorted(_RANGES)),
    "labels-all-dates": _warned("t.csv", _words(("2024-01-02", "2024-03-05"), "utf-8"), "dates", label="label"),
    "genes-as-dates-in-a-feature": _warned("t.csv", _with("gene", [_GENES[i % 3] for i in _ANY]), "dates"),
    "months-as-a-feature": _right("t.csv", _with("when", [("Jan-20", "Feb-20", "Mar-20")[i % 3] for i in _ANY])),
}

_DNA = ["".join(_RNG.choice(list("acgt"), 57)) for _ in range(_N)]
_LENGTHS = _RNG.integers(30, 60, _N).tolist()
_PROTEINS = ["".join(_RNG.choice(list("ACDEFGHIKLMNPQRSTVWY"), n)) for n in _LENGTHS]
_EIGHT, _THREE = (["".join(_RNG.choice(list(letters), n)) for n in _LENGTHS] for letters in ("HECTSGBI", "HEC"))
_LOGGED = [(33 + i // 15, k, 4910 + i * 13 % 997, a, b) for i, (a, b, k) in enumerate(_PLAIN)]
_KEEL = "@relation r\n@attribute a real [0.0, 20.0]\n@attribute Typ {oak, elm, fir}\n@attribute b real[0.0,20.0]\n"
_ORANGE = [("a", "b", "note", "kind"), ("continuous", "c", "string", "discrete"), ("", "", "meta", "class")]
FORMATS = {
    "uci-data": _right("iris.data", _file(_text(None, _PLAIN)), label="column 3", n=_N),
    "uci-data-with-missing": _warned(
        "t.data", _file(_text(None, [("?", 1.5, "oak"), *_PLAIN[1:]])), "missing-values", n=_N
    ),
    "uci-promoters": _warned(
        "p.data",
        _file("".join(f"{'+-'[i % 2]},S{i},\t\t{one}\n" for i, one in enumerate(_DNA))),
        "row-numbers",
        modality="sequence",
        shape=[57],
        classes=["+", "-"],
    ),
    "uci-blanks-and-a-tab": _warned(
        "auto.data",
        _file("".join(f'{a}   {b}  {i % 7 + 0.5}   {i % 3}\t"car {i} of {i}"\n' for i, (a, b, _) in enumerate(_PLAIN))),
        "part-unused",
        label="column 4",
    ),
    "semicolons-behind-rows": _warned(
        "w.txt", _file(_text(None, _LOGGED, end=";")), "label-guessed", label="column 2", n=_N
    ),
    "blanks-in-dat": _right("t.dat", _file(_text(_NAMES, _PLAIN, " ")), **_READ),
    "tabs-in-tab": _right("t.tab", _file(_text(_NAMES, _PLAIN, "\t")), **_READ),
    "keel": _right(
        "t.dat",
        _file(f"{_KEEL}@inputs a, b\n@outputs Typ\n@data\n" + _text(None, [(a, k, b) for a, b, k in _PLAIN], ", ")),
        label="Typ",
        features=["a", "b"],
    ),
    "orange-with-three-rows-of-names": _right(
        "t.tab",
        _file(_text(None, [*_ORANGE, *((a, b, f"n{i}", k) for i, (a, b, k) in enumerate(_PLAIN))], "\t")),
        label="kind",
        features=["a", "b"],
        n=_N,
    ),
    "orange-with-types-in-names": _right(
        "t.tab",
        _file(
            _text(
                ("C#a", "D#d", "mS#note", "cD#kind"),
                [(a, i % 4, f"n{i}", k) for i, (a, _, k) in enumerate(_PLAIN)],
                "\t",
            )
        ),
        label="kind",
        features=["a", "d"],
    ),
    "sparse-rows": Brought(
        "t.data",
        _file("".join(f"{i % 2} 1:{a} 7:{b}\n" for i, (a, b, _) in enumerate(_PLAIN))),
        "refused",
        ("LIBSVM", "np.savez"),
    ),
    "binary-signals": Brought("t.dat", lambda: bytes(range(64)) * 9, "refused", ("binary", "np.savez")),
}
LETTERS = {
    "structure-letter-by-letter": _right(
        "t.csv",
        _file(_text(("seq", "sst3"), list(zip(_PROTEINS, _THREE, strict=True)))),
        task="segmentation",
        label="sst3",
    ),
    "structures-and-a-length": _warned(
        "t.csv",
        _file(_text(("seq", "sst8", "sst3", "len"), list(zip(_PROTEINS, _EIGHT, _THREE, _LENGTHS, strict=True)))),
        "label-guessed",
        task="segmentation",
        label="sst8",
    ),
    "a-length-is-no-label": _right(
        "t.csv",
        _file(_text(("seq", "origin", "len"), list(zip(_PROTEINS, _KINDS, _LENGTHS, strict=True)))),
        label="origin",
    ),
}

CORPUS: dict[str, Brought] = {
    **ENCODINGS,
    **LONG_NUMBERS,
    **UNITS,
    **STEPS,
    **BOOKS,
    **SPOILED,
    **FORMATS,
    **LETTERS,
}
