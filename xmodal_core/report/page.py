"""A report that is one file: nothing is asked from outside, and what a person named is text and never a tag."""

from datetime import UTC, datetime

from xmodal_core import __version__
from xmodal_core.panel.sentence import gap_sentence
from xmodal_core.report.answers import lead, verdict_section
from xmodal_core.report.contents import Contents, short
from xmodal_core.report.figures import Figures, drawn_by
from xmodal_core.report.markup import Markup, paragraphs, tag
from xmodal_core.report.sections import align_section, data_section, gap_section, methods_section, repeat_section

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "form-action 'none'; base-uri 'none'"
)
_SIZE = "@size@"


def report_page(contents: Contents, folder: str = "runs", made: datetime | None = None) -> str:
    """The whole page as HTML.

    Args:
        contents: what it shows.
        folder: where command lines find the runs.
        made: when; now, when None.
    """
    figures = Figures()
    heading, *said = _heading(contents)
    day = f"{made or datetime.now(UTC):%Y-%m-%d}"
    body = [
        tag(
            "header",
            tag("h1", heading),
            paragraphs(said[0], class_="lead"),
            paragraphs(*said[1:]),
            tag("p", _about(contents, day), class_="small"),
        ),
    ]
    if contents.found is not None:
        body.append(verdict_section(contents.found, contents.reuse, figures))
    body.append(data_section(contents))
    if contents.gap is not None:
        body.append(gap_section(contents.gap, contents, figures))
    if contents.aligned is not None:
        body.append(align_section(contents.aligned, figures))
    body += [methods_section(contents), repeat_section(contents, folder)]
    body.append(tag("footer", tag("p", f"XModal Lab {__version__}, {day}. This file: {_SIZE}.", class_="small")))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", heading),
        tag("style", Markup(_STYLE)),
        tag("link", rel="icon", href="data:,"),
    )
    text = f"<!doctype html>\n{tag('html', head, tag('body', tag('main', *body), drawn_by(figures)), lang='en')}\n"
    return text.replace(_SIZE, _megabytes(len(text.encode())), 1) if _SIZE in text else text


def _heading(contents: Contents) -> list[str]:
    """The question, the answer in one sentence, and what else has to be said at once."""
    if contents.found is not None and contents.found.runs:
        first = contents.found.runs[0].result
        return [f"Does {short(first.asked.body)} help on {first.target.name}?", lead(contents.found)]
    nothing = "Nothing has been trained yet, so nothing is known of whether it helps."
    if contents.gap is None:
        return ["A report without runs and without a gap", nothing]
    report = contents.gap.report
    return [f"How far is {report.target} from {report.source}?", gap_sentence(report).text, nothing]


def _about(contents: Contents, day: str) -> str:
    parts = [f"A report of XModal Lab {__version__}, {day}"]
    if contents.found is not None:
        seeds = {run.result.seed for run in contents.found.runs}
        parts.append(f"{len(contents.found.runs)} finished runs over {len(seeds)} seed{'s' if len(seeds) > 1 else ''}")
    if contents.gap is not None:
        parts.append(f"a gap over {contents.gap.report.n} rows a side")
    return f"{'; '.join(parts)}."


def _megabytes(n: int) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e6 else f"{n / 1e3:.0f} kB"


_STYLE = """
:root { --st-font: system-ui, "Segoe UI", Roboto, sans-serif; --st-text-color: #1A1A1A; --st-background-color: #FFFFFF;
  --st-border-color: #D0D0D0; --st-widget-border-color: #8A8A8A; --st-base-radius: 6px; --st-button-radius: 6px;
  --st-primary-color: #0B6E8F; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 var(--st-font); color: #1A1A1A; background: #FFFFFF; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.3rem; margin: 40px 0 8px; }
h3 { font-size: 1rem; margin: 16px 0 4px; }
p, ul, ol { margin: 8px 0; overflow-wrap: anywhere; }
.lead { font-size: 1.25rem; font-weight: 600; border-left: 4px solid #0B6E8F; padding-left: 12px; }
.small { font-size: 0.875rem; color: #4A4A4A; }
figure { margin: 12px 0; }
figcaption { font-size: 0.875rem; color: #4A4A4A; }
.plot { width: 100%; overflow: hidden; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 24px; }
.samples { display: flex; flex-wrap: wrap; gap: 8px; }
.sample { margin: 0; width: 84px; }
.sample img { display: block; border: 1px solid #D0D0D0; image-rendering: pixelated; }
.sample figcaption { font-size: 0.75rem; overflow-wrap: anywhere; line-height: 1.2; }
.rulers { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 16px; }
.scrolls { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: 0.875rem; color: #4A4A4A; padding-bottom: 4px; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #E6E6E6; vertical-align: top; }
thead th { border-top: 2px solid #1A1A1A; border-bottom: 1px solid #1A1A1A; }
.number { text-align: right; }
.whole { white-space: nowrap; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #F5F5F5; padding: 12px; border-radius: 6px; }
pre { font-size: 0.8rem; }
details { margin: 8px 0; }
summary { cursor: pointer; color: #0B5A75; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media print {
  @page { margin: 16mm 14mm; }
  main { max-width: none; padding: 0; }
  body { font-size: 11pt; }
  h2, h3, h2 + p { break-after: avoid; }
  figure, table, tr, .ruler, .lead { break-inside: avoid; }
  .modebar-container, .modebar { display: none !important; }
  .scrolls { overflow: visible; }
  table { font-size: 8pt; width: 100%; }
  th, td { overflow-wrap: anywhere; padding-right: 6px; }
  .spoken { position: static; width: auto; height: auto; clip-path: none; }
}
"""
