"""Break it: the chosen data with one thing spoilt, after a person has said what to expect of it."""

from dataclasses import replace

import streamlit as st

from pages.ui import session
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.variants import BREAKS, Break, broken, joined_reference, split_reference
from xmodal_core.errors import DataError
from xmodal_core.panel.kept import read_report, read_request
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.words import number, title

_GUESS = "_break-guess"  # session_state: what a person expected, by name of the break
_HELD = ("otdd", "knn", "target_knn")  # readings that are held against those of the whole data


def offer(data: LabelledDataset) -> None:
    """A popover of what can be broken; where it is broken, what was done, and the way back.

    Args:
        data: the chosen target, as it is now.
    """
    base, how = split_reference(session.selection().target or "")
    if how:
        _mend(base, BREAKS[how])
        return
    with st.popover("Break it", icon=":material/build:", width="stretch", key="break-it"):
        name = st.pills(
            "One thing spoilt, everything else as it is",
            list(BREAKS),
            format_func=lambda key: BREAKS[key].title,
            key="break-name",
        )
        if name is not None:
            _ask(data, base, BREAKS[name])


def _ask(data: LabelledDataset, base: str, chosen: Break) -> None:
    st.markdown(plain(chosen.what))
    try:
        broken(data, chosen.name)
    except DataError as error:
        st.caption(plain(error))
        return
    guess = st.segmented_control(plain(chosen.ask), chosen.answers, key=f"break-{chosen.name}-guess")
    if st.button("Break it", key="break-do", disabled=guess is None, help="First say what you expect."):
        st.session_state[_GUESS] = {**st.session_state.get(_GUESS, {}), chosen.name: guess}
        session.select(target=joined_reference(base, chosen.name), run=None)
        st.rerun()


def _mend(base: str, done: Break) -> None:
    with st.container(border=True, gap="xsmall", key="broken"):
        guess = st.session_state.get(_GUESS, {}).get(done.name)
        said = f" You expected: {plain(guess)}." if guess else ""
        st.markdown(f":orange[◆] **Broken on purpose: {plain(done.title.lower())}.** {plain(done.what)}{said}")
        _beside_whole()
        if st.button("Mend it", key="break-mend"):
            session.select(target=base, run=None)
            st.rerun()


def _beside_whole() -> None:
    """The readings in the address beside those of the whole data, where both were measured alike."""
    path, report = session.gap_address(), session.gap_report()
    request = None if path is None else read_request(path)
    if request is None or report is None:
        return
    base, how = split_reference(request.target)
    whole = read_report(session.gap_path(replace(request, target=base).key()))
    if not how or whole is None:
        st.caption("Measure the whole data in the same way, and both stand here side by side.")
    elif said := beside(whole, report):
        st.markdown(plain(said, longest=600))


def beside(whole: GapReport, report: GapReport) -> str | None:
    """What the main readings of the whole data became, one sentence; None where none was taken of both."""
    both = [name for name in _HELD if name in report.readings and name in whole.readings]
    readings = [(title(name), whole.readings[name].value, report.readings[name].value) for name in both]
    parts = [f"{name} {number(before)} → {number(after)}" for name, before, after in readings]
    return f"Whole → broken: {', '.join(parts)} (n = {whole.n} → {report.n} a side)." if parts else None
