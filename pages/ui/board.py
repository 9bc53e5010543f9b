"""Runs on the same data and body, side by side: their states, their results, and how to repeat them."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui import session, show, verdict_card, watch
from pages.ui.launch import plan
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import curves, winners
from xmodal_core.figures import runs as figures
from xmodal_core.figures.arms import arm_marks
from xmodal_core.model.settings import EARLIER
from xmodal_core.panel.report import GapReport
from xmodal_core.reuse.report import kept_reports
from xmodal_core.runs import job
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.at_level import ComparisonAtLevel, place
from xmodal_core.verdict.axes import AXES, ROWS
from xmodal_core.verdict.export import Comparison, export
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.results import label_steps
from xmodal_core.verdict.words import along_lines, interval_in_words, level_in_words, mean_in_words

Entry = tuple[RunDir, Plan, JobStatus]


def entries(target: str, body: str) -> list[Entry]:
    """Runs of the workspace on this target and body with plan and state, newest first; damaged ones are left out."""
    found = []
    for run in session.runs():
        try:
            road = plan(run)
            if (road.target, road.body) == (target, body):
                run.result()  # a damaged one must not hide the others
                found.append((run, road, job.status(run)))
        except XModalError:
            continue
    return found


def compared(runs: Sequence[RunDir], margin: float | None = None) -> Comparison:
    """The comparison of some runs, with the gap report and the reuse reports beside them; computed once for a state.

    Raises:
        RunError: see `export`.
    """
    written = tuple((str(run.path), run.result_written()) for run in runs)
    gap, reuse = session.gap_report(), kept_reports(runs)
    beside = None if gap is None else gap.to_json()
    reports = {name: report.to_json() for name, report in reuse.items()} if reuse else None
    return replace(_compared(written, margin), gap=beside, reuse=reports)


@st.cache_resource(max_entries=16, show_spinner=False)
def _compared(written: tuple[tuple[str, float], ...], margin: float | None) -> Comparison:
    return export([RunDir(Path(path)) for path, _ in written], margin=margin)


def states_table(runs: Sequence[Entry]) -> pd.DataFrame:
    """One row a run, methods together, seeds ascending; training rows where any run has fewer than all."""
    rows = []
    part = any(road.train_rows for _, road, _ in runs)
    for run, road, status in sorted(runs, key=lambda e: (e[1].method, e[1].seed, e[0].path.name)):
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


def states(runs: Sequence[Entry]) -> None:
    """Draw the table of states."""
    number = st.column_config.NumberColumn
    table = states_table(runs)
    alt = f"States of {len(table)} run{'s' if len(table) > 1 else ''}."
    st.dataframe(
        table,
        hide_index=True,
        key="board-states",
        placeholder="",
        alt=alt,
        column_config={
            "progress": st.column_config.ProgressColumn(format="percent", width="small"),
            "test score": number(format="%.4f"),
            "seconds": number(format="%.0f"),
            "state": st.column_config.TextColumn(width="large"),
        },
    )


def summary(found: Comparison) -> None:
    """Draw how the answer changes with training rows, then for each number of them verdict, means and seeds."""
    if found.left_out:
        st.caption(
            f"Runs on shuffled labels, left out: {len(found.left_out)}. They say what training does when there is "
            "nothing to learn."
        )
    if found.model:
        st.caption(plain(found.model, longest=600))
    for note in found.notes or ():
        st.caption(plain(note, longest=600))
    levels = found.every_level
    if len(levels) < 2:
        for level in levels:
            _one_level(level, found, "")
        return
    _along_axes(found)
    names = [level_in_words(level, levels) for level in levels]
    headed = names[levels.index(found.sizes[0])]
    for i, (tab, level) in enumerate(zip(st.tabs(names, default=headed, key="board-sizes"), levels, strict=True)):
        with tab:
            _one_level(level, found, f"-{i}" if i else "")


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
    verdict_card.draw(level.verdict, _settling(level, found), level_in_words(level, found.every_level), suffix)
    left, right = st.columns([5, 4])
    rows, metric = level.table, level.table[0].metric
    table = pd.DataFrame(
        [
            {
                "method": row.title,
                metric: mean_in_words(row),
                "95 % interval": interval_in_words(row),
                **({"learning rate": row.rate} if any(r.rate for r in rows) else {}),
                "seeds": row.n_seeds,
                "steps": ", ".join(map(str, row.all_steps)),
                **({"labelled samples": row.label_samples} if any(r.label_samples for r in rows) else {}),
                "mean seconds": round(row.seconds, 1),
            }
            for row in rows
        ]
    )
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


def download(found: Comparison, name: str) -> None:
    """Offer everything shown as one JSON object."""
    show.json_download(found, f"{name}.json", "board-download")


def commands(runs: Sequence[Entry], gap: GapReport | None) -> str:
    """Command lines that repeat the gap reading, the finished runs and their comparison."""
    lines = []
    if gap is not None:
        chosen = session.selection()
        source, target = session.source_reference(chosen), session.target_reference(chosen)
        lines.append(
            f"python -m xmodal_core gap --source {shlex.quote(source)} --target {shlex.quote(target)}{_network(gap)} "
            f"--space {gap.space} --metrics {','.join(gap.readings)} --n {gap.n} --seed {gap.seed}"
        )
    finished = [run for run, _, status in runs if status.state == "done"]
    lines += [
        f"python -m xmodal_core run {shlex.quote(str(run.path / 'spec.json'))} --out again/{run.path.name}"
        for run in finished
    ]
    if finished:
        lines.append("python -m xmodal_core compare " + " ".join(f"again/{run.path.name}" for run in finished))
    return "\n".join(lines)


def _network(gap: GapReport) -> str:
    """Options for the network of a report and how samples went into it; none for raw inputs."""
    if not gap.body:
        return ""
    model = EARLIER.said() if gap.model is None else gap.model
    said = ",".join(f"{name}={value}" for name, value in model.items())
    tokens = f" --tokens {gap.tokens}" if gap.tokens else ""
    return f" --body {shlex.quote(gap.body)}{tokens}" + (f" --model {said}" if said else "")
