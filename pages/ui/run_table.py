"""The table of runs, linked: rows that are chosen draw their validation curves, and say in what their runs differ."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui import board, session, show, trail, watch
from pages.ui.safe import line, plain
from xmodal_core.errors import XModalError
from xmodal_core.figures.run_curves import run_curve, run_curves_figure, run_curves_sentence, run_curves_table
from xmodal_core.runs.differing import configuration, differing
from xmodal_core.scores import SCORES

_TABLE, _CHOSEN = "board-states", "board-chosen"
_MOST = 12  # lines that can be told apart in one chart


def states_table(runs: Sequence[board.Entry]) -> pd.DataFrame:
    """One row a run, methods together, seeds ascending; training rows where any run has fewer than all."""
    rows = []
    part = any(road.train_rows for _, road, _ in runs)
    for run, road, status in ordered(runs):
        result = run.result()
        rows.append(
            {
                "method": road.title + road.control,
                "seed": road.seed,
                **({"training rows": str(road.train_rows or "all")} if part else {}),
                "state": watch.sentence(status, road),
                "progress": status.done / max(road.total, 1),
                "steps": road.total,
                "test score": result and result.test.score,
                "seconds": result and result.seconds,
                "run": run.path.name,
            }
        )
    return pd.DataFrame(rows)


def ordered(runs: Sequence[board.Entry]) -> list[board.Entry]:
    """Runs as the table has them."""
    return sorted(runs, key=lambda e: (e[1].method, e[1].seed, e[0].path.name))


def draw(runs: Sequence[board.Entry]) -> None:
    """The table, and what the chosen rows show."""
    names = [run.path.name for run, _, _ in ordered(runs)]
    st.markdown("**Every run.** Choose rows to see how their scores rose, and in what their settings differ.")
    table = states_table(runs)
    number = st.column_config.NumberColumn

    def remember() -> None:  # by name: rows move as runs come
        chosen = st.session_state[_TABLE]["selection"]["rows"]
        st.session_state[_CHOSEN] = [names[row] for row in chosen if row < len(names)]

    st.dataframe(
        table,
        hide_index=True,
        key=_TABLE,
        placeholder="",
        alt=f"States of {len(table)} run{'s' if len(table) > 1 else ''}.",
        on_select=remember,
        selection_mode="multi-row",
        height=min(38 + 35 * len(table), 320),
        column_config={
            "progress": st.column_config.ProgressColumn(format="percent", width="small"),
            "test score": number(format="%.4f"),
            "seconds": number(format="%.0f"),
            "state": st.column_config.TextColumn(width="large"),
        },
    )
    kept = st.session_state.get(_CHOSEN, [])
    by_name = {run.path.name: (run, road, status) for run, road, status in runs}
    chosen = [by_name[name] for name in kept if name in by_name]
    if chosen:
        _chosen(chosen[:_MOST], len(chosen))


def _chosen(runs: Sequence[board.Entry], n_chosen: int) -> None:
    with st.container(border=True, key="board-linked"):
        if n_chosen > len(runs):
            st.caption(f"The first {len(runs)} of {n_chosen} chosen runs; more lines cannot be told apart.")
        left, right = st.columns([6, 5], gap="medium")
        with left:
            show_curves(runs, "board-curves")
        with right:
            show_differences(runs, "board-differences")


def show_curves(runs: Sequence[board.Entry], key: str) -> None:
    """Validation curves of some runs in one figure."""
    curves, kind, called = [], None, _called(runs)
    for (run, road, _), title in zip(runs, called, strict=True):
        result = run.result()
        kind = kind or (result and result.test.kind)
        curves.append(run_curve(road.title, title, trail.records(run), None if result is None else result.test.score))
    if not any(curve.scores for curve in curves):
        st.caption("None of these runs has read its validation rows yet; the simple baseline reads them only once.")
        return
    figure = run_curves_figure(curves, kind or SCORES[next(iter(SCORES))])
    show.figure(figure, key, run_curves_sentence(curves), run_curves_table(curves))


def show_differences(runs: Sequence[board.Entry], key: str) -> None:
    """The settings in which some runs differ; nothing else."""
    if len(runs) < 2:
        st.caption("Choose a second row to see in what two runs differ.")
        return
    try:
        named = zip(_called(runs), runs, strict=True)
        table = differing({line(name): configuration(run.spec_values(), road) for name, (run, road, _) in named})
    except XModalError as error:
        show.error(error)
        return
    table = {title: [session.without_place(value) for value in values] for title, values in table.items()}
    if not table["setting"]:
        st.caption("These runs were asked for in exactly the same words.")
        return
    st.markdown(plain(f"Only what differs: {len(table['setting'])} settings."))
    st.dataframe(table, hide_index=True, key=key, alt=f"{len(table['setting'])} settings that differ between the runs.")


def _called(runs: Sequence[board.Entry]) -> list[str]:
    """Method and seed, with the end of the run's name where several share these."""
    names = [f"{road.title.split(':')[0]}, seed {road.seed}" for _, road, _ in runs]
    ends = [run.path.name.rsplit("-", 1)[-1] for run, _, _ in runs]
    return [f"{name} ({end})" if names.count(name) > 1 else name for name, end in zip(names, ends, strict=True)]
