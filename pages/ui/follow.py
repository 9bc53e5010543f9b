"""Along the way: the open run again with its body kept at steps, and its control on shuffled labels, side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import errands, launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import reuse as figures
from xmodal_core.reuse import background, words
from xmodal_core.reuse.report import kept_trajectory
from xmodal_core.runs import errand, job
from xmodal_core.runs.rundir import RunDir

if TYPE_CHECKING:
    from xmodal_core.reuse.follow import Followers

_EVERY_S = 2.0
_AGAIN, _CONTROL = "the run again, with its body kept along the way", "its control, on shuffled labels"


def panel(run: RunDir) -> None:
    """Launch the two runs, wait for them, measure, and show retention against target score along the same steps."""
    from xmodal_core.reuse.follow import WAYPOINTS

    if not launch.plan(run).has_body:
        return
    st.caption("When was it forgotten: at once, or little by little, and did your data gain by it?")
    st.caption(
        f"The same specification again with the body kept at {WAYPOINTS} steps, and once more on shuffled training "
        "labels: what training does to the body where nothing can be learnt. These two are no arms of the comparison."
    )
    followers = _followers(run)
    if followers.again is not None:
        measuring = background.errand_of(followers.again, along=True)
        now = errand.status(measuring)
        if now.live:
            errands.follow(measuring, "reuse-along")
            return
        errands.ended(now)
    live = any(job.status(one).live for one in followers.started())
    st.fragment(_watched, run_every=_EVERY_S if live else None)(run, live)


def _root() -> Path:
    from xmodal_core.reuse.follow import followed_root

    return followed_root(session.workspace())


def _followers(run: RunDir) -> "Followers":
    from xmodal_core.reuse.follow import followers_of

    return followers_of(run, [*job.list_runs(_root()), *session.runs()])


def _watched(run: RunDir, was_live: bool) -> None:
    try:
        followers = _followers(run)
        states = [(one, job.status(one)) for one in followers.started()]
        live = [one for one, status in states if status.live]
        if bool(live) != was_live:
            st.rerun()  # the whole page: only that starts or ends the polling
        for one, status in states:
            road = launch.plan(one)
            what = _CONTROL if one == followers.control else _AGAIN
            told = f"{one.path.name}, {what}. {watch.sentence(status, road)}"
            st.progress(min(1.0, status.done / max(road.total, 1)), text=plain(told))
        n = 2 - len(live) - sum(status.state == "done" for _, status in states)
        label = f"Follow along the run ({n} run{'s' if n > 1 else ''} of {launch.plan(run).total} steps)"
        if n and st.button(label, key="reuse-follow"):
            from xmodal_core.reuse.follow import start_followers

            start_followers(run, followers, _root())
            st.rerun()
        if live and st.button("Cancel what is unfinished", key="reuse-cancel"):
            for one in live:
                job.cancel(one)
        if not n and not live and followers.again and followers.control:
            _trajectory(followers.again, followers.control)
    except XModalError as error:
        show.error(error)


def _trajectory(run: RunDir, control: RunDir) -> None:
    found = kept_trajectory(run, control)
    if found is None:
        if st.button("Measure along the run", type="primary", key="reuse-measure-along"):
            background.measure_along(run, control)
            st.rerun()
        return
    ends = words.ends(found)
    show.figure(figures.trajectory_curves(found), "reuse-trajectory", ends, figures.trajectory_table(found))
    st.caption(plain(f"{ends} {words.followed_rows(found)}", longest=900))
    for text in words.nothing_retained(found):
        st.caption(plain(text, longest=600))
