"""What can be taken away from a comparison: tables, references, commands, and the runs themselves."""

import json
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from pages.ui import board, session
from xmodal_core import __version__
from xmodal_core.report import papers, repeat
from xmodal_core.report.bundle import RUNS, bundle
from xmodal_core.report.results import arms_columns, latex, runs_columns
from xmodal_core.runs.rundir import RunDir
from xmodal_core.spreadsheet import csv_text
from xmodal_core.verdict.export import Comparison


def draw(found: Comparison, runs: Sequence[board.Entry], name: str) -> None:
    """A popover of downloads; each file is made when it is asked for.

    Args:
        found: what is shown.
        runs: those on the page, of which the finished ones are bundled.
        name: what files are called, without a suffix.
    """
    finished = [run for run, _, status in runs if status.state == "done"]
    with st.popover("Take it away", icon=":material/download:", key=f"{name}-takeaway"):
        st.caption("Tables for a paper or a spreadsheet, the papers to cite, the runs without their weights.")
        places = st.columns(2, gap="small") * 3
        offers: tuple[tuple[str, str, str, Callable[[], str | bytes]], ...] = (
            ("Table of methods, CSV", "-methods.csv", "text/csv", partial(_csv, arms_columns, found)),
            ("Table of runs, CSV", "-runs.csv", "text/csv", partial(_csv, runs_columns, found)),
            ("Table of methods, LaTeX", ".tex", "text/x-tex", partial(latex, found)),
            ("Papers to cite, BibTeX", ".bib", "text/x-bibtex", partial(_bibtex, found)),
            ("Everything as numbers, JSON", ".json", "application/json", partial(_json, found)),
            ("Runs without weights, zip", ".zip", "application/zip", partial(_bundle, found, finished)),
        )
        for place, (label, suffix, kind, make) in zip(places, offers, strict=True):
            with place:
                _offer(label, f"{name}{suffix}", kind, make)
        st.caption("The same again, from the command line:")
        st.code(board.commands(runs, board.gap_of_selection()), language="bash", height=120)


def _offer(label: str, filename: str, kind: str, make: Callable[[], str | bytes]) -> None:
    key = "board-download" if kind.endswith("json") else f"takeaway-{filename}"
    st.download_button(label, make, filename, kind, key=key, on_click="ignore", width="stretch")


def _csv(columns: Callable[[Comparison], dict[str, list[object]]], found: Comparison) -> str:
    return csv_text(columns(found))


def _json(found: Comparison) -> str:
    return session.without_place(json.dumps(found.to_json(), indent=1))


def _bibtex(found: Comparison) -> str:
    readings = (found.gap or {}).get("readings", {})
    return papers.bibtex(papers.papers_of({run.result.method: None for run in found.runs}, readings))


def _bundle(found: Comparison, runs: Sequence[RunDir]) -> bytes:
    """The runs with what is said of them; commands find them where the zip file was opened."""
    versions = sorted({f"{name} {v}" for run in found.runs for name, v in run.result.versions.items()})
    again = repeat.commands([run.path.name for run in runs], RUNS, board.measured(board.gap_of_selection()))
    readme = (
        f"Runs of XModal Lab {__version__}, without their weights. The data are not in here: a data set that was "
        "uploaded is named by a path, which has to be set in spec.json.\n\n"
        f"{again}\n\nVersions: {', '.join(versions)}\n"
    )
    beside = {
        "README.txt": session.without_place(readme),
        "comparison.json": _json(found),
        "methods.csv": csv_text(arms_columns(found)),
        "methods.tex": latex(found),
        "papers.bib": _bibtex(found),
    }
    return bundle(runs, beside, session.without_place)
