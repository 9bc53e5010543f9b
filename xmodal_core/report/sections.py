"""The sections of a report, plain words first."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from xmodal_core.data.dataset import SPLITS, LabelledDataset, Task
from xmodal_core.figures import pictures
from xmodal_core.figures.base import SOURCE, TARGET, Mark
from xmodal_core.figures.ruler import ruler_alt, ruler_figure
from xmodal_core.figures.samples import counts_in_words, sample_rows, target_text
from xmodal_core.figures.way import way_alt, way_figure
from xmodal_core.gap.base import GapReading
from xmodal_core.model.words import of_report
from xmodal_core.panel.sentence import gap_sentence
from xmodal_core.panel.triage import triage
from xmodal_core.panel.words import main_names, readings_table, space_note, title
from xmodal_core.report.contents import Aligned, Contents
from xmodal_core.report.figures import Figures
from xmodal_core.report.markup import Markup, folded, paragraphs, table, tag
from xmodal_core.report.papers import bibtex, citation, papers_of
from xmodal_core.report.repeat import MeasuredGap, commands

_MOST_PICTURES = 12  # of a side
SAMPLE_SIDE = 72  # pixels
_NUMBERS = (
    "metric",
    "value",
    "95 % low",
    "95 % high",
    "floor or chance",
    "ceiling",
    "shuffled labels",
    "p",
    "n",
    "unit",
)


def data_section(contents: Contents) -> Markup:
    """Both sides in pictures."""
    sides = ((SOURCE, contents.source, "knows"), (TARGET, contents.target, "is asked about"))
    shown = [_side(mark, data, what) for mark, data, what in sides if data is not None]
    if not shown:
        missing = "The data are not on the machine that wrote this report; their numbers are below."
        return tag("section", tag("h2", "The data"), tag("p", missing))
    return tag("section", tag("h2", "The data, in pictures"), tag("div", *shown, class_="sides"))


def gap_section(gap: MeasuredGap, contents: Contents, figures: Figures) -> Markup:
    """How far apart both sides are: sentences, rulers, clouds, every reading."""
    report = gap.report
    said = gap_sentence(report)
    told = triage(report.readings, report.space, report.refused)
    found = [finding.text for finding in told.findings]
    way = Markup("")
    if said.metric is not None:
        reading = report.readings[said.metric]
        way = figures.plot(way_figure(said.metric, reading, report.target), way_alt(said.metric, reading))
    rulers = [
        tag(
            "div",
            tag("h3", title(name)),
            figures.plot(ruler_figure(name, reading), ruler_alt(name, reading)),
            class_="ruler",
        )
        for name in main_names(report.readings)
        for reading in [report.readings[name]]
    ]
    body = f" of {report.body}" if report.body else ""
    parts = [f"at most {report.tokens} tokens a sample"] if report.tokens else []
    parts += [how] if (how := of_report(report.body, report.model)) else []
    where = ", ".join([f"in the space {report.space}{body}", *parts])
    how = (
        f"{report.source} to {report.target} {where}; n = {report.n} rows a side, seed {report.seed}, {report.device}. "
        f"{space_note(report.space)}"
    )
    clouds = Markup("")
    if contents.clouds is not None:
        alt = f"Both clouds on one plane: {report.source} as blue circles, {report.target} as orange diamonds."
        note = " Point at a sample to see it, draw around some to see them. Distances in the plane are not the metric."
        clouds = figures.play("gap", [contents.clouds], alt, alt + note)
    return tag(
        "section",
        tag("h2", "How far apart they are"),
        tag("p", tag("strong", said.text)),
        way,
        paragraphs(" ".join(filter(None, (said.numbers, said.beside))), class_="small"),
        clouds,
        tag("div", *rulers, class_="rulers"),
        folded("What the readings show, untested", paragraphs(*found)),
        _every_reading(report.readings),
        tag("p", how, class_="small"),
    )


def align_section(aligned: Aligned, figures: Figures) -> Markup:
    """The alignment of one run, played back."""
    said = (
        "Training the embedder to bring the target onto the source. Press Play. Near clouds are no success by "
        "themselves: watch whether the accuracy of neighbours stays."
    )
    alt = f"Alignment of {aligned.title}, seed {aligned.seed}, run {aligned.run}: {len(aligned.scene.steps)} frames."
    return tag(
        "section",
        tag("h2", "Alignment, played back"),
        tag("p", said),
        figures.play(f"align-{aligned.run}", [aligned.scene], alt),
    )


def methods_section(contents: Contents) -> Markup:
    """The papers behind what was run and read."""
    runs = contents.found.runs if contents.found is not None else ()
    titles = {run.result.method: run.result.title for run in runs}
    papers = papers_of(titles, contents.gap.report.readings if contents.gap is not None else ())
    if not papers:
        return Markup("")
    return tag(
        "section",
        tag("h2", "Methods and papers"),
        tag("ul", *(tag("li", name) for name in titles.values())) if titles else Markup(""),
        tag("ol", *(tag("li", citation(paper)) for paper in papers)),
        folded("BibTeX", tag("pre", bibtex(papers))),
    )


def repeat_section(contents: Contents, folder: str) -> Markup:
    """Command lines, versions, devices and what tells the data apart from others."""
    runs = contents.found.runs if contents.found is not None else ()
    lines = commands([run.run for run in runs], folder, contents.gap)
    versions = sorted({f"{name} {v}" for run in runs for name, v in run.result.versions.items()})
    devices = sorted({run.result.device for run in runs})
    hashes = sorted({f"{run.result.target.name} {run.result.target.hash}" for run in runs})
    told = [
        f"Versions: {', '.join(versions)}." if versions else "",
        f"Trained on: {', '.join(devices)}." if devices else "",
        f"Content of the data: {', '.join(hashes[:12])}." if hashes else "",
        f"Specifications lie in {folder}/, as in the bundle of runs beside this report." if runs else "",
    ]
    return tag("section", tag("h2", "The same again"), tag("pre", lines), paragraphs(*told, class_="small"))


def _every_reading(readings: Mapping[str, GapReading]) -> Markup:
    """All numbers as a table that paper holds, and what each of them says and cannot tell."""
    columns = readings_table(readings)
    if not columns:
        return Markup("")
    numbers = {name: columns[name] for name in _NUMBERS if any(value is not None for value in columns[name])}
    said = zip(columns["metric"], columns["says"], columns["cannot tell"], strict=True)
    told = [tag("li", tag("strong", name), f": {says} Cannot tell: {blind}") for name, says, blind in said]
    return folded("Every reading", table(numbers, "Gap readings"), tag("ul", *told, class_="small"))


def _side(mark: Mark, data: LabelledDataset, what: str) -> Markup:
    rows = Counter(data.splits.tolist())
    split = ", ".join(f"{rows[name]} {name}" for name in SPLITS if rows[name])
    drawn, names = sample_pictures(data)
    cells = [
        tag(
            "figure",
            tag("img", src=pictures.data_uri(image), alt=f"A sample of {name}", width=SAMPLE_SIDE, height=SAMPLE_SIDE),
            tag("figcaption", name),
            class_="sample",
        )
        for image, name in zip(drawn, names, strict=True)
    ]
    heading = tag("h3", tag("span", mark.glyph, style=f"color:{mark.colour}"), f" {data.name}: what the network {what}")
    facts = f"{data.modality}, {len(data)} samples of shape {data.inputs.shape[1:]}, {counts_in_words(data)}; {split}."
    origin = data.origin or "Origin not stated."
    return tag("div", heading, tag("div", *cells, class_="samples"), paragraphs(facts, origin, class_="small"))


def sample_pictures(data: LabelledDataset) -> tuple[np.ndarray, list[str]]:
    """Pictures (r, s, s, 3) uint8 that stand for a data set, one of each class where it has classes, and their names.

    At most a dozen.
    """
    rows = sample_rows(data, _MOST_PICTURES)
    if data.task is Task.CLASSIFICATION:
        found = pictures.class_rows(data)
        rows = found[found >= 0][:_MOST_PICTURES]
    return pictures.pictures(data, rows, SAMPLE_SIDE), [target_text(data, int(row), 40) for row in rows]
