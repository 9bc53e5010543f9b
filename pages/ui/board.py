"""Runs on the same data and body, side by side: their states, their results, and how to repeat them."""

import shlex
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui import session, show, verdict_card, watch
from pages.ui.launch import plan
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import runs as figures
from xmodal_core.figures import sizes as size_figures
from xmodal_core.model.settings import EARLIER
from xmodal_core.panel.report import GapReport
from xmodal_core.runs import job
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.export import Comparison, ComparisonAtSize
from xmodal_core.verdict.sizes import AcrossSizes
from xmodal_core.verdict.words import interval_in_words, mean_in_words

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
    sizes = found.sizes
    if len(sizes) < 2:
        for size in sizes:
            _one_size(size, found, "")
        return
    if found.across is not None:
        _across(found.across, sizes)
    names = [f"{size.n_train:,} training rows" for size in sizes]
    for i, (place, size) in enumerate(zip(st.tabs(names, key="board-sizes"), sizes, strict=True)):
        with place:
            _one_size(size, found, f"-{i}" if i else "")


def _across(across: AcrossSizes, sizes: Sequence[ComparisonAtSize]) -> None:
    """How the answer changes with training rows: in a sentence, as a figure, and as paired changes of contrasts."""
    with st.container(border=True, key="board-across"):
        st.markdown(f"**{plain(across.sentence, longest=900)}**")
        show.figure(
            size_figures.sizes_figure(sizes),
            "board-rows",
            f"Test score against training rows. {size_figures.sizes_sentence(sizes)}",
            size_figures.sizes_table(sizes),
        )
        changes = [f"- {plain(change.text, longest=600)}" for change in across.changes]
        st.markdown("\n".join(changes) or "No two arms of the rule share a seed at both sizes.")
        st.caption(
            "Means with 95 % intervals over seeds and test rows; fewer training rows are drawn by the seed, classes in "
            "proportion, and the test rows stay the same. A change is shown where the interval of the paired "
            "differences leaves zero out."
        )


def _one_size(size: ComparisonAtSize, found: Comparison, suffix: str) -> None:
    """Verdict, means over seeds with intervals, and the seeds themselves, of one number of training rows."""
    several, largest = len(found.sizes) > 1, size is found.sizes[0]
    verdict_card.draw(size.verdict, found.across if largest else None, size.n_train if several else None, suffix)
    left, right = st.columns([5, 4])
    rows, metric = size.table, size.table[0].metric
    table = pd.DataFrame(
        [
            {
                "method": row.title,
                metric: mean_in_words(row),
                "95 % interval": interval_in_words(row),
                "seeds": row.n_seeds,
                "steps": ", ".join(map(str, row.all_steps)),
                **({"labelled samples": row.label_samples} if any(r.label_samples for r in rows) else {}),
                "mean seconds": round(row.seconds, 1),
            }
            for row in rows
        ]
    )
    over = "seeds and test rows" if all(row.n_rows for row in rows) else "seeds alone where no test rows were kept"
    n_runs = sum(run.result.target.n_train == size.n_train for run in found.runs)
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
