"""Choosing one of the finished runs: first what trained, then which of its runs, in words with their scores."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import launch, session, watch
from pages.ui.safe import line, plain
from xmodal_core.errors import XModalError
from xmodal_core.reuse.report import kept_reuse
from xmodal_core.runs.rundir import RunDir

_FIRST = 24  # runs of one kind that are offered


def finished_runs() -> list[RunDir]:
    """Finished runs of this workspace that train a network with a body, newest first; damaged ones are left out."""
    found = []
    for run in session.runs():
        try:
            if run.result() is not None and launch.plan(run).has_body:
                found.append(run)
        except XModalError:
            continue
    return found


def draw(runs: Sequence[RunDir], chosen: RunDir | None, key: str) -> None:
    """Buttons for data and method, then for the run; a choice opens the run.

    Args:
        runs: to choose from, newest first.
        chosen: the run that is open; None without one.
        key: prefix of the widget keys.
    """
    kinds: dict[tuple[str, str], list[RunDir]] = {}
    for run in runs:
        road = launch.plan(run)
        kinds.setdefault((road.target, road.title), []).append(run)
    names = [_kind(kind) for kind in kinds]
    own = next((name for name, (_, of) in zip(names, kinds.items(), strict=True) if chosen in of), names[0])
    kind = st.pills("Trained by", names, default=own, required=True, key=f"{key}-kind")
    of_kind = list(kinds.values())[names.index(kind or own)]
    labels = {run.path.name: _one(run) for run in of_kind[:_FIRST]}
    picked = st.pills(
        "Which run",
        list(labels),
        default=chosen.path.name if chosen is not None and chosen.path.name in labels else None,
        format_func=labels.__getitem__,
        key=f"{key}-{names.index(kind or own)}",
    )
    if len(of_kind) > _FIRST:
        st.caption(f"The {_FIRST} newest of {len(of_kind)}.")
    if picked is not None and (chosen is None or picked != chosen.path.name):
        session.select(run=picked)
        st.rerun()


def _kind(kind: tuple[str, str]) -> str:
    target, title = kind
    return plain(f"{line(title.split(':')[0], 40)} on {line(watch.short(target), 30)}")


def _one(run: RunDir) -> str:
    """A run in a few words: its seed, rate and rows where they are not the usual, and whether it was measured."""
    road, result = launch.plan(run), run.result()
    parts = [f"seed {road.seed}"]
    if "learning_rate" in run.spec_values().get("settings", {}):
        parts.append(f"rate {road.settings['learning_rate']:g}")
    parts.append(f"{road.total:,} steps")
    if road.train_rows:
        parts.append(f"{road.train_rows:,} rows")
    if result is not None and result.validation is not None:
        parts.append(f"validation {result.validation.score:.3f}")
    return plain(", ".join(parts) + (" ✓ measured" if kept_reuse(run) is not None else ""))
