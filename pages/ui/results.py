"""Results of a comparison on screen: for each level verdict, means and seeds, then who wins where."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import show, verdict_card
from pages.ui.safe import plain
from xmodal_core.figures import curves, winners
from xmodal_core.figures import runs as figures
from xmodal_core.figures.arms import arm_marks
from xmodal_core.verdict.at_level import ComparisonAtLevel, place
from xmodal_core.verdict.axes import AXES, ROWS
from xmodal_core.verdict.export import Comparison
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.results import label_steps
from xmodal_core.verdict.words import along_lines, arms_table, level_in_words


def summary(found: Comparison) -> None:
    """Draw verdict, means and seeds of each level, the one that heads the comparison first, then who wins where."""
    levels = found.every_level
    if len(levels) < 2:
        for level in levels:
            _one_level(level, found, "")
        _notes(found)
        return
    names = [level_in_words(level, levels) for level in levels]
    headed = names[levels.index(found.sizes[0])]
    for i, (tab, level) in enumerate(zip(st.tabs(names, default=headed, key="board-sizes"), levels, strict=True)):
        with tab:
            _one_level(level, found, f"-{i}" if i else "")
    _along_axes(found)
    _notes(found)


def _notes(found: Comparison) -> None:
    """What has to be known of the comparison as a whole."""
    if found.left_out:
        st.caption(
            f"Runs on shuffled labels, left out: {len(found.left_out)}. They say what training does when there is "
            "nothing to learn."
        )
    if found.model:
        st.caption(plain(found.model, longest=600))
    for note in found.notes or ():
        st.caption(plain(note, longest=600))


def _along_axes(found: Comparison) -> None:
    """Who wins where, then how the answer changes along each axis that has two levels."""
    levels = [level for level in found.every_level if level.steps != 0]  # a logarithm has no place for it
    with st.container(border=True, key="board-across"):
        show.figure(
            winners.winners_figure(levels),
            "board-winners",
            winners.winners_sentence(levels),
            winners.winners_table(levels),
        )
        st.caption(
            "Who wins where: the arm that the answer names, in colour and in bold; below it the highest mean and whose "
            "it is, which is not the answer where the difference may be none."
        )
        for across, key in ((found.across, "board-rows"), (found.across_budgets, "board-steps")):
            if across is not None and across.sentence:
                _along(across, _walked(across, found), found, key)
        st.caption(
            "Means with 95 % intervals over seeds and test rows; fewer training rows are drawn by the seed, classes in "
            "proportion, and the test rows stay the same. A change is shown where the interval of the paired "
            "differences leaves zero out, a crossing where it does so on either side of it."
        )


def _walked(across: AcrossLevels, found: Comparison) -> list[ComparisonAtLevel]:
    """The levels that are walked along."""
    if across.axis is not None:
        n_train = across.other or found.every_level[0].n_train
        return [level for level in found.every_level if level.n_train == n_train and level.steps]
    if across.other is None:
        return list(found.sizes)
    return [level for level in found.every_level if level.steps == across.other]


def _along(across: AcrossLevels, levels: Sequence[ComparisonAtLevel], found: Comparison, key: str) -> None:
    """How the answer changes along an axis: in a sentence, as a figure, as paired changes and as crossings."""
    axis = AXES[across.axis or ROWS.name]
    st.markdown(f"**{plain(across.sentence, longest=900)}**")
    show.figure(
        curves.curves_figure(levels, axis, arm_marks(found.every_level)),
        key,
        f"Test score against {axis.name}. {curves.curves_sentence(levels, axis)}",
        curves.curves_table(levels, axis),
    )
    told = [f"- {plain(text, longest=600)}" for text in along_lines(across, found.crossings)[1:]]
    st.markdown("\n".join(told) or f"No two arms of the rule share a seed at both {axis.level}s.")


def _settling(level: ComparisonAtLevel, found: Comparison) -> list[AcrossLevels]:
    """What is said of more rows or steps, where this level is the largest of that axis."""
    told = []
    for across in (found.across, found.across_budgets):
        if across is not None:
            axis, walked = AXES[across.axis or ROWS.name], _walked(across, found)
            largest = max((place(one, axis) for one in walked if one.verdict.contrasts or axis is ROWS), default=0)
            told += [across] if level in walked and place(level, axis) == largest else []
    return told


def _one_level(level: ComparisonAtLevel, found: Comparison, suffix: str) -> None:
    """Verdict, means over seeds with intervals, and the seeds themselves, of one level."""
    named = level_in_words(level, found.every_level)
    verdict_card.draw(level.verdict, _settling(level, found), named, suffix, level.titles)
    left, right = st.columns([5, 4])
    rows, metric = level.table, level.table[0].metric
    table = arms_table(rows)
    over = "seeds and test rows" if all(row.n_rows for row in rows) else "seeds alone where no test rows were kept"
    own = [run.result for run in found.runs if run.result.target.n_train == level.n_train]
    n_runs = sum(level.steps is None or label_steps(result) == level.steps for result in own)
    with left:
        alt = f"{metric.capitalize()} by method, over seeds."
        st.dataframe(table, hide_index=True, key=f"board-summary{suffix}", alt=alt)
        st.caption(
            f"Mean ± sd (ddof 1) over seeds, interval over {over}; n = {rows[0].n_test} test rows, read once a run. "
            f"Of {n_runs} runs, the one that ended last of two with one arm and seed counts."
        )
        if len({row.all_steps for row in rows}) > 1:
            st.caption(
                "The arms do not all take the same number of optimizer steps: alignment trains the embedder "
                "alone, and the curriculum's steps also train on the target's labels. Read the column of steps."
            )
    with right:
        show.figure(
            figures.seed_dots(rows),
            f"board-dots{suffix}",
            f"{rows[0].title} has the highest mean, {rows[0].mean:.4f}.",
            table,
        )
