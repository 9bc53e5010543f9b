"""Runs on the same data and body, side by side: their states, their results, and how to repeat them."""

import json
import secrets
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import session, show, watch
from pages.ui.launch import Plan, plan
from pages.ui.safe import plain
from xmodal_core import job
from xmodal_core.errors import XModalError
from xmodal_core.figures import runs as figures
from xmodal_core.job import JobStatus
from xmodal_core.report import score
from xmodal_core.rundir import RunDir
from xmodal_core.verdict import LEAST_PAIRS

Entry = tuple[RunDir, Plan, JobStatus]


def entries(target: str, body: str) -> list[Entry]:
    """Runs of the workspace on this target and body with plan and state, newest first; damaged ones are left out."""
    found = []
    for run in session.runs():
        try:
            road = plan(run)
            if (road.target, road.body) == (target, body):
                found.append((run, road, job.status(run)))
        except XModalError:
            continue
    return found


def states_table(runs: Sequence[Entry]) -> pd.DataFrame:
    """One row a run, methods together, seeds ascending."""
    rows = []
    for run, road, status in sorted(runs, key=lambda e: (e[1].method, e[1].seed, e[0].path.name)):
        result = run.result() or {}
        rows.append(
            {
                "method": road.title + _control(road),
                "seed": road.seed,
                "state": watch.sentence(status, road),
                "progress": status.done / max(road.total, 1),
                "steps": road.total,
                "test score": score(result.get("test", {})),
                "seconds": result.get("seconds"),
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


def summary(results: Sequence[Mapping[str, Any]], found: Mapping[str, Any]) -> None:
    """Draw the verdict, means over seeds with intervals, and the seeds themselves.

    Args:
        results: of `report.finished`.
        found: of `report.export`.
    """
    verdict(found["verdict"])
    left, right = st.columns([5, 4])
    rows, metric = found["table"], found["table"][0]["metric"]
    table = pd.DataFrame(
        [
            {
                "method": row["title"],
                metric: _mean_and_sd(row),
                "95 % interval": _interval(row),
                "seeds": row["n_seeds"],
                "steps": ", ".join(map(str, row["all_steps"])),
                "mean seconds": round(row["seconds"], 1),
            }
            for row in rows
        ]
    )
    with left:
        alt = f"{metric.capitalize()} by method, over seeds."
        st.dataframe(table, hide_index=True, key="board-summary", alt=alt)
        st.caption(
            f"Mean ± sd (ddof 1) and t interval over seeds; n = {rows[0]['n_test']} test rows, read once a run. Of "
            f"{len(results)} runs, the newer of two with one method, settings and seed counts."
        )
        if len({tuple(row["all_steps"]) for row in rows}) > 1:
            st.caption(
                "The arms do not all take the same number of optimizer steps: alignment trains the embedder "
                "alone, and the curriculum's steps also train on the target's labels. Read the column of steps."
            )
    with right:
        show.figure(
            figures.seed_dots(rows),
            "board-dots",
            f"{rows[0]['title']} has the highest mean, {rows[0]['mean']:.4f}.",
            table,
        )


def verdict(answer: Mapping[str, Any]) -> None:
    """Draw the verdict card: the answer, what it rests on, every line of the rule, and what would change it."""
    with st.container(border=True, key="verdict-card"):
        st.markdown(f"**What the data show: {plain(answer['answer'])}.** {plain(answer['why'], longest=900)}")
        if answer["reuse"]:
            st.markdown(plain(answer["reuse"], longest=600))
        if answer["seeds_needed"] and answer["seeds_needed"] > LEAST_PAIRS:
            st.markdown(
                plain(
                    f"To settle it: about {answer['seeds_needed']} seeds an arm, 8 s² / margin² of the paired "
                    "differences seen so far (80 % power)."
                )
            )
        with st.expander("The rule, and what would change the answer", key="verdict-rule"):
            st.dataframe(
                [_rule_row(i, line) for i, line in enumerate(answer["rules"], start=1)],
                hide_index=True,
                key="verdict-rules",
                alt="Lines of the rule, in order, with how each stands.",
            )
            arms = ", ".join(f"{role} {arm}" for role, arm in answer["arms"].items() if role != "M")
            st.caption(
                plain(
                    f"Differences within {100 * answer['margin']:g} {answer['unit']} do not matter. "
                    f"Arms: {arms or 'none yet'}; M is the better of A and B. Validation rows choose M, and between "
                    f"runs of one role. {answer['rule']}",
                    longest=1500,
                )
            )
            told = [f"- {plain(text)}" for text in (*_contrasts(answer), *answer["changes"])]
            st.markdown("\n".join(told) or "Nothing has been compared yet.")


def _rule_row(number: int, line: Mapping[str, Any]) -> dict[str, str]:
    stands = {True: "holds", False: "does not hold", None: "not enough arms"}[line["holds"]]
    needs = ", ".join(line["needs"])
    return {"": str(number), "answer": line["answer"], "if": line["condition"], "stands": stands, "read from": needs}


def _contrasts(answer: Mapping[str, Any]) -> list[str]:
    """Each contrast of the rule once, behind the questions that it answers: M is A or B again."""
    asked: dict[str, list[str]] = {}
    for line in answer["rules"]:
        for text in line["found"]:
            question, _, said = text.partition(": ")
            asked.setdefault(said, [])
            asked[said] += [question] if question not in asked[said] else []
    in_rule = [f"{', '.join(questions)}: {said}" for said, questions in asked.items()]
    return in_rule + [text for text in answer["sentences"] if text not in asked]


def download(found: Mapping[str, Any], name: str) -> None:
    """Offer everything shown as one JSON object."""
    st.download_button(
        "Download JSON",
        json.dumps(found, indent=1),
        f"{name}.json",
        "application/json",
        key="board-download",
        icon=":material/download:",
        on_click="ignore",
    )


def kept_reuse(run: RunDir) -> dict[str, Any] | None:
    """The reuse report kept in a run directory; None where there is none or it is damaged."""
    path = run.path / "reuse.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def keep_reuse(run: RunDir, report: Mapping[str, Any]) -> None:
    """Write a reuse report into its run directory, whole or not at all."""
    unfinished = run.path / f".{secrets.token_hex(4)}.tmp"
    unfinished.write_text(json.dumps(report), encoding="utf-8")
    unfinished.replace(run.path / "reuse.json")


def reuse_of(runs: Sequence[Entry]) -> dict[str, Any] | None:
    """Reuse reports by run; None without any."""
    return {run.path.name: found for run, _, _ in runs if (found := kept_reuse(run)) is not None} or None


def commands(runs: Sequence[Entry], gap: Any) -> str:
    """Command lines that repeat the gap reading, the finished runs and their comparison."""
    lines = []
    if gap is not None:
        chosen = session.selection()
        source, target = session.source_reference(chosen), session.target_reference(chosen)
        body = f" --body {shlex.quote(gap.body)}" if gap.body else ""
        lines.append(
            f"python -m xmodal_core gap --source {shlex.quote(source)} --target {shlex.quote(target)}{body} "
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


def _control(road: Plan) -> str:
    control = road.settings.get("control", "names")
    return "" if control == "names" else f" (control={control})"


def _mean_and_sd(row: Mapping[str, Any]) -> str:
    return f"{row['mean']:.4f}" + (f" ± {row['sd']:.4f}" if row["sd"] is not None else "")


def _interval(row: Mapping[str, Any]) -> str:
    ends = row["interval"]
    return "none, one seed" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
