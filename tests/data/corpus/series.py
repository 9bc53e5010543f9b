"""Series and sequences in files that hold nothing else."""

from collections.abc import Callable

from tests.data.corpus import Brought
from xmodal_core.data.reading import Reading

_SERIES = {"modality": "series", "task": "classification", "classes": ["a", "b"]}
_LETTERS = {"modality": "sequence", "task": "classification", "classes": ["coding", "intron"]}


def _value(sample: int, step: int, channel: int = 0) -> str:
    return str((sample * 7 + step * 3 + channel * 5) % 17 / 4)


def _ts(
    n: int = 12,
    channels: int = 1,
    steps: Callable[[int], int] = lambda _: 6,
    head: str = "@problemName t\n@timeStamps false\n@classLabel true a b\n",
    hole: bool = False,
    end: str = "\n",
) -> Callable[[], bytes]:
    def make() -> bytes:
        lines = []
        for sample in range(n):
            parts = [",".join(_value(sample, step, c) for step in range(steps(sample))) for c in range(channels)]
            if hole and sample == 3:
                parts[0] = "?" + parts[0][parts[0].index(",") :]
            lines.append(":".join([*parts, "ab"[sample % 2]]))
        return (head + "@data\n" + "\n".join(lines) + "\n").replace("\n", end).encode()

    return make


def _fasta(pattern: str, letters: str = "ACGT", length: Callable[[int], int] = lambda _: 9, width: int = 60):
    def make() -> bytes:
        lines = []
        for i in range(16):
            own = "".join(letters[(i * (j + 1) + i // 4 * j * j + j // 3) % len(letters)] for j in range(length(i)))
            lines.append(">" + pattern.format(i=i, c=("coding", "intron")[i % 2]))
            lines += [own[start : start + width] for start in range(0, len(own), width)]
        return "\n".join(lines).encode()

    return make


def _titled(title: Callable[[int], str]) -> Callable[[], bytes]:
    """FASTA with these names."""
    plain = _fasta("{i}")

    def make() -> bytes:
        letters = [line for line in plain().decode().splitlines() if not line.startswith(">")]
        return "".join(f">{title(i)}\n{line}\n" for i, line in enumerate(letters)).encode()

    return make


def _long() -> bytes:
    """A row a step under the names that aeon gives, without labels."""
    rows = [f"{i},0,{j},{_value(i, j)}" for i in range(9) for j in range(6)]
    return "\n".join(["case_id,dim_id,reading_id,value", *rows]).encode()


def _structures() -> bytes:
    """Proteins with a letter of their structure for each residue."""
    acids, kinds = "ACDEFGHIKLMNPQRSTVWY", "HEC" * 10
    rows = [f"{acids[i:] + acids[:10]},{kinds[i % 3 : 30 - i + i % 3]}" for i in range(14)]
    return "\n".join(["seq,sst3", *rows]).encode()


CORPUS = {
    "ts": Brought("gun.ts", _ts(), "right", facts=_SERIES | {"n": 12, "shape": [1, 6]}),
    "ts of three channels": Brought("gun.ts", _ts(channels=3), "right", facts=_SERIES | {"shape": [3, 6]}),
    "ts with a comment and Windows lines": Brought(
        "gun.TS",
        _ts(head="# Andr\u00e9's data\n@problemName t\n@classLabel true a b\n", end="\r\n"),
        "right",
        facts=_SERIES | {"n": 12},
    ),
    "ts of unequal lengths": Brought(
        "gun.ts", _ts(steps=lambda i: 4 + i % 3), "warned", ("unequal-lengths",), _SERIES | {"shape": [1, 6]}
    ),
    "ts of unequal lengths, resampled": Brought(
        "gun.ts",
        _ts(steps=lambda i: 4 + i % 3),
        "right",
        facts=_SERIES | {"shape": [1, 5]},
        reading=Reading(length="resample"),
    ),
    "ts with a missing value": Brought("gun.ts", _ts(hole=True), "warned", ("missing-values",), _SERIES),
    "ts with a missing value, left out": Brought(
        "gun.ts", _ts(hole=True), "right", facts=_SERIES | {"n": 11}, reading=Reading(missing="drop")
    ),
    "ts without labels": Brought("gun.ts", _ts(head="@classLabel false\n"), "refused", ("no labels", "@classLabel")),
    "ts with time stamps": Brought(
        "gun.ts", _ts(head="@timeStamps true\n@classLabel true a b\n"), "refused", ("time stamps", "@timestamps false")
    ),
    "ts of a web page": Brought("gun.ts", lambda: b"<!DOCTYPE html><p>log in", "refused", ("a web page",)),
    "ts of a pointer": Brought(
        "gun.ts", lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "refused", ("git lfs pull",)
    ),
    "ts read as a table": Brought("gun.ts", _ts(), "refused", ("read as series",), reading=Reading(modality="tabular")),
    "fasta with keys": Brought("g.fasta", _fasta("s{i} label={c}"), "right", facts=_LETTERS | {"shape": [9]}),
    "fasta of proteins over lines": Brought(
        "g.faa",
        _fasta("s{i} family={c}", "ACDEFGHIKLMNPQRSTVWY", lambda _: 70),
        "right",
        facts=_LETTERS | {"shape": [70]},
    ),
    "fasta of unequal lengths": Brought(
        "g.fa", _fasta("s{i}|class={c}", length=lambda i: 8 + i % 5), "right", facts=_LETTERS | {"shape": [12]}
    ),
    "fasta with the class in the name": Brought("g.fa", _fasta("{c}_{i}"), "warned", ("label-guessed",), _LETTERS),
    "fasta with the class behind a bar": Brought(
        "g.fa", _fasta("s{i}|homo|{c}"), "warned", ("label-guessed",), _LETTERS
    ),
    "fasta with the class behind a bar, said": Brought(
        "g.fa",
        _fasta("s{i}|homo|{c}"),
        "right",
        facts=_LETTERS,
        reading=Reading(label="the last field between bars"),
    ),
    "fasta without labels": Brought("g.fa", _fasta("s{i}"), "refused", ("no labels", "label=class")),
    "fasta that is a table": Brought("g.fa", lambda: b"a,b\n1,2\n", "refused", ("before the first name",)),
    "no reading of letters by level": Brought(
        "g.fa", _fasta("s{i} label={c}"), "refused", ("level means nothing",), reading=Reading(level=2)
    ),
    "fasta with blanks in the class": Brought(
        "g.fa",
        _titled(lambda i: f"s{i} label={('E. coli', 'H. sapiens')[i % 2]} len=9"),
        "right",
        facts={"classes": ["E. coli", "H. sapiens"]},
    ),
    "fasta with quotes": Brought(
        "g.fa", _titled(lambda i: f's{i} label="{"ab"[i % 2]} c"'), "right", facts={"classes": ["a c", "b c"]}
    ),
    "fasta with a remark behind the class": Brought(
        "g.fa", _titled(lambda i: f"s{i} label={'ab'[i % 2]} sample number {i}"), "right", facts={"classes": ["a", "b"]}
    ),
    "fasta of name, label and split": Brought(
        "g.fa",
        _titled(lambda i: f"s{i}|{i // 2 % 2}|{'training' if i < 12 else 'testing'}"),
        "warned",
        ("label-guessed",),
        {"label": "field 2 between bars", "splits": {"train": 10, "val": 2, "test": 4}},
    ),
    "fasta with the class in brackets": Brought(
        "g.fa",
        _titled(lambda i: f"NP_{i} kinase [{('E. coli', 'H. sapiens')[i % 2]}]"),
        "warned",
        ("label-guessed",),
        {"classes": ["E. coli", "H. sapiens"]},
    ),
    "fasta of class names": Brought(
        "g.fa", _titled(lambda i: "ab"[i % 2]), "warned", ("label-guessed",), {"label": "the whole name"}
    ),
    "fasta with numbers": Brought(
        "g.fa", _titled(lambda i: f"s{i} target={i * 1.5}"), "right", facts={"task": "regression"}
    ),
    "fasta with a label missing": Brought(
        "g.fa",
        _titled(lambda i: f"s{i} label={'ab'[i % 2]}" if i != 3 else "s3"),
        "warned",
        ("missing-labels",),
        {"n": 15},
    ),
    "fasta with splits of FLIP": Brought(
        "g.fa",
        _titled(lambda i: f"s{i} TARGET={'ab'[i % 2]} SET={'train' if i < 12 else 'test'} VALIDATION={i in (0, 1)}"),
        "right",
        facts={"splits": {"train": 10, "val": 2, "test": 4}},
    ),
    "fastq": Brought("g.fa", lambda: b"@s1\nACGT\n+\nIIII\n", "refused", ("FASTQ",)),
    "ts with tabs in the header": Brought("gun.ts", _ts(head="@classLabel\ttrue a b\n"), "right", facts=_SERIES),
    "long format without labels": Brought("long.csv", _long, "refused", ("no label", "label=NAME")),
    "proteins with a letter each": Brought(
        "p.csv",
        _structures,
        "right",
        facts={"modality": "sequence", "task": "segmentation", "classes": ["C", "E", "H"]},
        reading=Reading(label="sst3", text="seq", length="pad", header="yes"),
    ),
}
