"""Any two methods pinned against each other: their paired difference, their curves, and in what they differ."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import board, run_table, show
from pages.ui.safe import line, plain
from xmodal_core.figures.contrasts import contrasts_figure, contrasts_table
from xmodal_core.verdict.contrasts import sentence
from xmodal_core.verdict.export import Comparison
from xmodal_core.verdict.pairs import pair, runs_of
from xmodal_core.verdict.words import level_in_words


def draw(found: Comparison, runs: Sequence[board.Entry]) -> None:
    """A fold that compares once it is opened; nothing where no level has two arms.

    Args:
        found: the comparison of the finished ones.
        runs: those on the page.
    """
    levels = [level for level in found.every_level if len(level.table) > 1]
    if not levels:
        return
    fold = st.expander("Pin one method against another", key="pair", on_change="rerun")
    if not fold.open:
        return
    with fold, st.container(horizontal=True, vertical_alignment="bottom"):
        headed = levels.index(found.sizes[0]) if found.sizes[0] in levels else 0
        level = levels[headed]
        if len(levels) > 1:
            names = [level_in_words(one, found.every_level) for one in levels]
            level = levels[names.index(st.selectbox("At", names, index=headed, key="pair-level", width=280))]
        arms, titles = [row.arm for row in level.table], {row.arm: line(row.called) for row in level.table}
        first = st.selectbox("A", arms, index=0, format_func=titles.__getitem__, key="pair-a", width=320)
        second = st.selectbox("B", arms, index=1, format_func=titles.__getitem__, key="pair-b", width=320)
    with fold:
        if first == second:
            st.caption("A and B are the same method; choose another one.")
            return
        held = pair(found, level, first, second)
        if held is None:
            st.markdown("Cannot say: no seed has both. Run both with the same seeds.")
        else:
            st.markdown(f"**{plain(sentence(held, titles), longest=600)}**")
            figure = contrasts_figure([held], level.verdict.margin, titles)
            show.figure(figure, "pair-picture", sentence(held, titles), contrasts_table([held], titles))
        by_name = {run.path.name: (run, road, status) for run, road, status in runs}
        own = [
            [by_name[one.run] for one in runs_of(found, level, arm) if one.run in by_name] for arm in (first, second)
        ]
        left, right = st.columns([6, 5], gap="medium")
        with left:
            run_table.show_curves([*own[0], *own[1]], "pair-curves")
        with right:
            run_table.show_differences([side[0] for side in own if side], "pair-differences")
