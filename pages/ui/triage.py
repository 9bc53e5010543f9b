"""What the readings of a gap panel show, before anything is trained, and where to test it."""

from itertools import groupby

import streamlit as st

from pages.ui import session
from pages.ui.safe import plain
from xmodal_core.gap import METRICS
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.triage import USED, Finding, Triage, triage
from xmodal_core.panel.words import number

_LONGEST = 900
_IN_SENTENCE = ("value", "95 % interval")


def card(report: GapReport) -> None:
    """Draw the findings with their rules and numbers, what is missing, and the way to the micro-experiment."""
    found = triage(report.readings, report.space, report.refused)
    with st.container(border=True, key="triage"):
        st.markdown(f"**What the data show** · confidence: {plain(found.confidence)}")
        if found.findings:
            _findings(found)
        else:
            names = ", ".join(METRICS[name].title for name in USED)
            st.caption(plain(f"Nothing to tell yet: it takes at least one of {names}."))
        st.caption(plain("Not told here: " + " ".join(found.missing), longest=2000))
        with st.container(horizontal=True, vertical_alignment="center"):
            session.go_to("compare", "Test it: the micro-experiment on Compare")
            st.caption("Scores suggest, runs decide: arms, seeds and two data sizes on your own test rows.")


def _findings(found: Triage) -> None:
    for finding in (f for f in found.findings if f.topic == "both"):
        say = {"warning": st.error, "hypothesis": st.info}.get(finding.kind, st.markdown)
        say(plain(finding.text, longest=_LONGEST))
        st.caption(plain(f"{_numbers(finding)}. {finding.rule}", longest=_LONGEST))
    for place, topic in zip(st.columns(2, gap="medium"), ("gap", "labels"), strict=True):
        with place:
            for _, same in groupby((f for f in found.findings if f.topic == topic), key=lambda f: f.rule):
                _group(list(same))


def _group(findings: list[Finding]) -> None:
    """Findings that share a rule, each with its numbers, then the rule."""
    lines = [f"- {plain(f.text, longest=_LONGEST)}  \n:gray[{plain(_numbers(f))}]" for f in findings]
    st.markdown("\n".join(lines))
    st.caption(plain(findings[0].rule, longest=_LONGEST))


def _numbers(finding: Finding) -> str:
    parts = []
    for label, value in finding.numbers.items():
        if label in _IN_SENTENCE:
            continue
        shown = f"{number(value[0])} to {number(value[1])}" if isinstance(value, tuple) else number(value)
        parts.append(f"{label} {shown}")
    return ", ".join(parts)
