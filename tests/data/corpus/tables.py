"""Tables as people save them."""

import datetime
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd

from tests.data.corpus import Brought
from xmodal_core.data.reading import Reading

N = 60
ROWS = [(i % 7 + 0.5, i * 37 % 61 * 100 + 3, "ash" if i % 2 else "oak") for i in range(N)]
NAMES = ("len", "wid", "label")
READ = {"modality": "tabular", "task": "classification", "n": N, "features": ["len", "wid"], "classes": ["ash", "oak"]}


def _text(
    separator: str = ",",
    names: tuple[str, ...] | None = NAMES,
    row: str = "{0}|{1}|{2}",
    encoding: str = "utf-8",
    above: str = "",
    below: str = "",
    end: str = "\n",
) -> Callable[[], bytes]:
    """A function that makes a table: names, then every row, its fields separated by bars in `row`."""

    def make() -> bytes:
        lines = [separator.join(names)] if names else []
        lines += [row.format(*values).replace("|", separator) for values in ROWS]
        return (above + end.join(lines) + end + below).encode(encoding)

    return make


def _comma(pattern: str) -> Callable[[], bytes]:
    """A table with decimal commas, separated by semicolons."""

    def make() -> bytes:
        rows = [pattern.format(*values).replace(".", ",") for values in ROWS]
        return "\n".join([";".join(NAMES), *rows]).encode()

    return make


def _grouped(mark: str) -> str:
    return "\n".join(["len;wid;label", *(f"{a};{b:,};{c}".replace(",", mark) for a, b, c in ROWS)])


def _saved(write: Callable[[pd.DataFrame, io.BytesIO], object]) -> Callable[[], bytes]:
    """The table as pandas saves it."""

    def make() -> bytes:
        stream = io.BytesIO()
        write(pd.DataFrame(ROWS, columns=list(NAMES)), stream)
        return stream.getvalue()

    return make


def _book(**sheets: list[tuple[Any, ...]]) -> Callable[[], bytes]:
    def make() -> bytes:
        book, stream = openpyxl.Workbook(), io.BytesIO()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(stream)
        return stream.getvalue()

    return make


def _jsonl() -> bytes:
    return "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in ROWS).encode()


def _arff() -> bytes:
    head = "@relation r\n@attribute len real\n@attribute wid integer\n@attribute label {ash,oak}\n@data\n"
    return (head + "\n".join(",".join(map(str, row)) for row in ROWS)).encode()


def _right(name: str, make: Callable[[], bytes], reading: Reading | None = None, **facts: Any) -> Brought:
    return Brought(name, make, "right", facts=READ | facts, reading=reading or Reading())


ODD = _text(below="<0.1,7,ash\n")
THOUSANDS = _grouped(".").replace(".5;", ",5;")
OPEN = "\n".join(["len;wid;label", *(f"{a * 2:.0f};{b:,};{c}".replace(",", ".") for a, b, c in ROWS)])

CORPUS = {
    "plain": _right("plain.csv", _text()),
    "windows-line-ends": _right("t.csv", _text(end="\r\n")),
    "old-mac-line-ends": _right("t.csv", _text(end="\r")),
    "byte-order-mark": _right("t.csv", _text(encoding="utf-8-sig")),
    "utf-16-from-a-spreadsheet": _right("t.txt", _text("\t", encoding="utf-16")),
    "western-encoding": _right(
        "t.csv",
        lambda: _text()().decode().replace("len", "länge").encode("cp1252"),
        features=["länge", "wid"],
        format="csv, cp1252, separated by commas",
    ),
    "chinese-encoding": Brought(
        "t.csv", lambda: _text()().decode().replace("len", "长度").encode("gbk"), "warned", ("encoding-guessed",)
    ),
    "chinese-encoding-as-said": _right(
        "t.csv",
        lambda: _text()().decode().replace("len", "长度").encode("gbk"),
        Reading(encoding="gbk"),
        features=["长度", "wid"],
    ),
    "semicolons": _right("t.csv", _text(";")),
    "tabs-in-csv": _right("t.csv", _text("\t")),
    "commas-in-tsv": _right("t.tsv", _text(",")),
    "bars": _right("t.txt", _text("|")),
    "spaces": _right("t.txt", _text("   ")),
    "sep-line": _right("t.csv", _text(";", above="sep=;\n")),
    "comments-above": _right("t.csv", _text(above="# logger 3\n# 50 Hz\n")),
    "title-above": _right("t.csv", _text(above="Measured in May\n\n")),
    "names-in-a-comment": _right("t.csv", _text(names=None, above="# len,wid,label\n")),
    "units-below-names": _right("t.csv", _text(above="len,wid,label\nmm,mm,\n", names=None)),
    "remark-below": _right("t.csv", _text(below="\n(60 rows affected)\n")),
    "total-below": _right("t.csv", _text(below="Total,210,\n")),
    "separator-behind-every-row": _right("t.csv", _text(names=(*NAMES, ""), row="{0}|{1}|{2}|")),
    "quotes-with-new-lines": _right(
        "t.csv", lambda: b'"len,\nmm",wid,label\n' + _text(names=None)(), features=["len, mm", "wid"]
    ),
    "decimal-commas": _right("t.csv", _comma("{0};{1};{2}"), changed=["read decimal commas in 'len'"]),
    "decimal-commas-and-points-between-thousands": _right("t.csv", THOUSANDS.encode),
    "point-between-thousands-or-decimal": Brought("t.csv", OPEN.encode, "warned", ("thousands-mark",)),
    "point-between-thousands-as-said": _right("t.csv", OPEN.encode, Reading(thousands="point")),
    "point-is-decimal-as-said": _right("t.csv", OPEN.encode, Reading(decimal="point", thousands="none")),
    "typographic-minus": _right("t.csv", _text(row="\u2212{0}|{1}|{2}")),
    "percent-and-currency": _right("t.csv", _text(row="{0}%|${1}|{2}")),
    "exponents-with-d": _right("t.csv", _text(row="{0}D-2|{1}|{2}")),
    "odd-cell": Brought("t.csv", ODD, "refused", ("'len'", "'<0.1'", "row 61", "--read number=len")),
    "odd-cell-not-wanted": Brought("t.csv", ODD, "right", facts={"features": ["wid"]}, reading=Reading(drop=("len",))),
    "ragged-row": Brought("t.csv", _text(below="1,2\n3,4,ash\n"), "refused", ("row 62", "2 field(s)", "has 3")),
    "cut-short": Brought("t.csv", _text(below="1.5"), "refused", ("row 62",)),
    "quotes-that-do-not-close": Brought("t.csv", _text(below='1,"2,ash\n'), "refused", ("quotes",)),
    "one-column": Brought("t.csv", lambda: b"label\nash\noak\n" * 9, "refused", ("1 column", "separator")),
    "binary": Brought("t.csv", lambda: b"a,b\n\0\1\0\2\0\0,1\n", "refused", ("binary",)),
    "web-page": Brought("t.csv", lambda: b"<!DOCTYPE html>\n<html>,</html>", "refused", ("web page",)),
    "git-lfs-pointer": Brought(
        "t.csv", lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "refused", ("git lfs",)
    ),
    "packed": _right("t.csv.gz", lambda: gzip.compress(_text()())),
    "packed-and-cut-short": Brought("t.csv.gz", lambda: gzip.compress(_text()())[:-20], "refused", ("damaged",)),
    "packed-volume": Brought("t.nii.gz", lambda: gzip.compress(b"volume"), "refused", (".nii",)),
    "workbook": _right("t.xlsx", _saved(lambda frame, stream: frame.to_excel(stream, index=False))),
    "workbook-with-a-title": _right("t.xlsx", _book(may=[("Measured",), (), NAMES, *ROWS])),
    "workbook-of-two-sheets": Brought("t.xlsx", _book(a=[NAMES, *ROWS], b=[NAMES, *ROWS]), "warned", ("part-unused",)),
    "workbook-sheet-as-said": _right("t.xlsx", _book(a=[NAMES, *ROWS], b=[NAMES, *ROWS]), Reading(sheet="b")),
    "workbook-with-notes": _right("t.xlsx", _book(notes=[("by hand", datetime.date(2024, 5, 1))], may=[NAMES, *ROWS])),
    "workbook-never-computed": Brought(
        "t.xlsx", _book(a=[NAMES, *((a, f"=A{i}", c) for i, (a, _, c) in enumerate(ROWS, 2))]), "refused", ("formulas",)
    ),
    "workbook-renamed": Brought("t.csv", _book(a=[NAMES, *ROWS]), "refused", ("zip archive",)),
    "parquet": _right("t.parquet", _saved(lambda frame, stream: frame.to_parquet(stream))),
    "parquet-with-an-index": _right(
        "t.parquet", _saved(lambda frame, stream: frame.set_index(frame.index * 2 + 1).to_parquet(stream))
    ),
    "parquet-of-lists": Brought(
        "t.parquet",
        _saved(lambda frame, stream: frame.assign(len=[[1]] * N).to_parquet(stream)),
        "refused",
        ("'len'", "--read drop=len"),
    ),
    "json-lines": _right("t.jsonl", _jsonl),
    "json-lines-nested": Brought(
        "t.jsonl", lambda: b'{"a": {"b": 1}, "label": "ash"}\n' * 9, "refused", ("'a'", "an object")
    ),
    "json-in-one-piece": Brought("t.jsonl", lambda: b'[{"a": 1}, {"a": 2}]', "refused", ("one JSON object a line",)),
    "arff": _right("t.arff", _arff),
    "arff-sparse": Brought("t.arff", lambda: _arff() + b"\n{0 1, 2 ash}\n", "refused", ("sparse",)),
}
