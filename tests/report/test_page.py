"""The report as one file: what it holds, what it never holds, for runs, for a gap, for both."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.pages.runs import written_run
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.points import CloudPoints, Points
from xmodal_core.panel.report import GapReport
from xmodal_core.report.contents import gather
from xmodal_core.report.page import report_page
from xmodal_core.report.repeat import MeasuredGap

BAD = "<script>alert(1)</script>"


class Reader(HTMLParser):
    """Scripts, addresses, and whether tags close in the order in which they open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "link"):
            self.open.append(tag)
        if tag == "script":
            self.scripts.append(dict(attrs).get("type") or "text/javascript")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)


def without_plotly(text: str) -> str:
    """The page with an empty script in the place of the large one."""
    start = text.find("<script>/**\n* plotly.js")
    return text if start < 0 else text[: start + 8] + text[text.index("</script>", start) :]


def a_dataset(name: str) -> LabelledDataset:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(30, 1, 8, 8)).astype(np.float32)
    return make_dataset(name, Modality.IMAGE, inputs, np.arange(30) % 3, (BAD, "two", "three"))


def a_gap(target: LabelledDataset, source: LabelledDataset) -> MeasuredGap:
    sides = [
        CloudPoints([[float(i), 0.0] for i in range(4)], [BAD] * 4, data.uid[:4].tolist()) for data in (source, target)
    ]
    reading = GapReading(0.8, "index", 0.0, 1.0, (0.7, 0.9), None, 4, 0, {}, None)
    report = GapReport(
        source.name,
        target.name,
        "embedder",
        "fractal-vit",
        {"knn": reading},
        Points(*sides, (0.6, 0.2), "mean"),
        4,
        0,
        "cpu",
        1.0,
    )
    return MeasuredGap(report, "fractals", "digits")


def loaded():
    """Gives data sets as a workspace would."""
    return {"digits": a_dataset("digits"), "fractals": a_dataset("fractals")}.__getitem__


@pytest.fixture
def load():
    return loaded()


def page(home, load, *, gap: bool = True, runs: bool = True) -> str:
    written = []
    if runs:
        written = [written_run(home, "finetune", seed=seed, accuracy=0.9 + 0.01 * seed) for seed in range(3)]
        written += [written_run(home, "orca", seed=0, accuracy=0.9)]
    measured = a_gap(load("digits"), load("fractals")) if gap else None
    return report_page(gather(written, measured, load=load))


@pytest.mark.parametrize(("gap", "runs"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_page_is_whole_and_asks_for_nothing(tmp_path, load, gap, runs):
    text = page(tmp_path, load, gap=gap, runs=runs)
    own = without_plotly(text)
    read = Reader(own)
    assert not read.open
    assert all(address.startswith("data:") for address in read.addresses)
    assert set(re.findall(r"https?://[\w./]+", own)) <= {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert "default-src &#x27;none&#x27;" in text
    assert ("plotly.js v" in text) == (gap or runs)  # once, and not where nothing is drawn
    assert text.count("plotly.js v") <= 1
    words = " ".join(read.words)
    assert ("Nothing has been trained yet" in words) == (not runs)
    assert ("How far apart they are" in words) == gap
    assert ("Alignment, played back" in words) == runs
    size = re.search(r"This file: ([\d.]+) (MB|kB)", words)
    assert float(size[1]) == pytest.approx(len(text.encode()) / {"MB": 1e6, "kB": 1e3}[size[2]], rel=0.02, abs=0.5)


def test_what_a_person_named_is_text(tmp_path, load):
    text = page(tmp_path, load)
    assert BAD not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    kinds = set(Reader(without_plotly(text)).scripts)
    assert kinds == {
        "text/javascript",
        "module",
        "application/json",
        "application/x-xmodal-scene",
        "application/x-xmodal-sheet",
    }


def test_figures_are_json_that_reads_back(tmp_path, load):
    text = page(tmp_path, load)
    specs = re.findall(r'<script type="application/json" id="plot-\d+-data">(.*?)</script>', text, re.S)
    assert len(specs) >= 3
    assert all({"data", "layout"} <= set(json.loads(spec)) for spec in specs)


def test_nobody_learns_where_files_lie(tmp_path, load):
    gap = a_gap(load("digits"), load("fractals"))
    gap = replace(gap, target=str(tmp_path / "uploads" / "mine.npz"))
    run = written_run(tmp_path, "finetune", accuracy=0.9)
    text = report_page(gather([run], gap, load=load))
    assert str(tmp_path) not in text
    assert "mine.npz" in text


def test_data_that_are_gone_are_said_to_be(tmp_path):
    run = written_run(tmp_path, "finetune", accuracy=0.9, target="gone.npz")
    assert "The data are not on the machine that wrote this report" in report_page(gather([run]))
