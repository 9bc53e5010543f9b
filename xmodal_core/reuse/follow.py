"""Which runs follow a run along the way: the same once more with waypoints, and its control on shuffled labels.

They are no arms of a comparison, so they lie in a folder of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from xmodal_core.errors import RunError, XModalError
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import RunSpec, spec_from_json

WAYPOINTS = 6
_AGAIN = ("failed", "cancelled")  # states after which a run is started anew


@dataclass(frozen=True)
class Followers:
    """The runs that follow another, each None as long as it was not started.

    Attributes:
        again: the same specification with waypoints.
        control: and on shuffled labels.
    """

    again: RunDir | None = None
    control: RunDir | None = None

    def started(self) -> list[RunDir]:
        """Those that there are, the control last."""
        return [run for run in (self.again, self.control) if run is not None]


def followed_root(workspace: Path) -> Path:
    """The folder of a workspace's following runs."""
    return workspace / "followed"


def followers_of(run: RunDir, among: Iterable[RunDir]) -> Followers:
    """The first of each kind among these runs that follows this one; a damaged directory follows nothing.

    Raises:
        XModalError: the specification of `run` is damaged.
    """
    wanted = _plain(_specification(run))
    found: dict[bool, RunDir] = {}
    for other in among:
        try:
            spec = _specification(other)
        except XModalError:
            continue
        if spec.waypoints and _plain(spec) == wanted:
            found.setdefault(spec.shuffle_labels, other)
    return Followers(found.get(False), found.get(True))


def start_followers(run: RunDir, followers: Followers, root: Path) -> None:
    """Create under `root` what is missing or has ended early, and let everything go on to its end.

    Raises:
        XModalError: the specification of `run` is damaged, or a worker cannot be started.
    """
    spec = _specification(run)
    for shuffled, one in ((False, followers.again), (True, followers.control)):
        if one is None or job.status(one).state in _AGAIN:
            one = RunDir.create(root, replace(spec, waypoints=WAYPOINTS, shuffle_labels=shuffled).to_json())
        job.go(one, spec.total_steps())


def _plain(spec: RunSpec) -> RunSpec:
    """What two runs share that differ in waypoints and in whether labels are shuffled."""
    return replace(spec, waypoints=0, shuffle_labels=False)


def _specification(run: RunDir) -> RunSpec:
    try:
        text = (run.path / "spec.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{run.path.name} has no readable spec.json, expected its text; start the run again.") from error
    return _parsed(text)


@lru_cache(maxsize=500)  # a page asks for every run of its workspace each time it is drawn
def _parsed(text: str) -> RunSpec:
    return spec_from_json(text)
