"""One run of an experiment, trained to its end in this process; a run that is there is not run again."""

import hashlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from xmodal_core import __version__
from xmodal_core.data.variants import split_reference
from xmodal_core.environment import settle
from xmodal_core.experiment.design import Design
from xmodal_core.experiment.halving import WORST
from xmodal_core.runs.plan import Choice
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.worker import RunHeldError, execute

_POLL_S = 0.5


@dataclass(frozen=True)
class Trainer:
    """Trains runs of one design under one folder; it travels to processes of their own.

    Attributes:
        design: of the experiment.
        runs_root: folder of the run directories.
        contents: what the files are that the design names, see `of`.
        since: Unix time at which the experiment began, or went on.
    """

    design: Design
    runs_root: Path
    contents: str = ""
    since: float = field(default=0.0, compare=False)

    @classmethod
    def of(cls, design: Design, runs_root: Path) -> Self:
        """A trainer that tells runs on a file from those on what the file was before."""
        read = (fingerprint(reference) for reference in (design.target, design.source, design.body))
        return cls(design, runs_root, " ".join(read), time.time())

    def run_of(self, choice: Choice) -> RunDir:
        """The directory of a choice, made now where there is none, see `path_of`.

        Raises:
            SettingsError: the choice is not one that can be run.
        """
        path = self.path_of(choice)
        if (path / "spec.json").is_file():
            return RunDir.open(path)
        return RunDir.create_at(path, self.design.specification(choice).to_json())

    def path_of(self, choice: Choice) -> Path:
        """Where the run of a choice is, or will be.

        Its name says what it is a run of: the same choice on the same content finds it again, whoever asks.
        One that a person cancelled before this experiment began stays so, and the next number is taken.

        Raises:
            SettingsError: the choice is not one that can be run.
        """
        spec = self.design.specification(choice).to_json()
        digest = hashlib.sha256(f"{__version__}\n{spec}\n{self.contents}".encode()).hexdigest()[:10]
        stem = f"{choice.method.replace('_', '-')[:16]}-{choice.seed % 10**6}-{digest}"
        path, number = self.runs_root / stem, 1
        while _was_cancelled(path, self.since):
            number += 1
            path = self.runs_root / f"{stem}-{number}"
        return path

    def train(self, choice: Choice) -> float:
        """Train a run and read its validation score; `WORST` where it failed or has none, see `why_failed`.

        A run that another process trains is waited for.
        """
        try:
            run = self.run_of(choice)
            if run.read_state().state == "cancelled":
                return WORST
            settle(os.environ)  # in a process of its own torch is loaded here
            _execute(run)
            result = run.result()
        except Exception:  # noqa: BLE001 - whatever it was, one run must not end the others; its state and log have it
            return WORST
        return WORST if result is None or result.validation is None else result.validation.score

    def why_failed(self, choice: Choice) -> str | None:
        """Why the run of a choice has no result, in a sentence; None where it has one."""
        try:
            path = self.path_of(choice)
            if RunDir(path).result() is not None:
                return None
            state = RunDir(path).read_state()
        except Exception as error:  # noqa: BLE001 - a damaged file, or a choice that cannot be run
            return str(error)
        return state.error or f"The run was left {state.state or 'before it began'}."


def fingerprint(reference: str) -> str:
    """What is in a file, or which files are in a folder and since when; empty for a name that ships."""
    path = Path(reference).expanduser()
    if reference and not path.exists():
        path = Path(split_reference(reference)[0]).expanduser()  # of what is broken on purpose, the file itself
    if not reference or not path.exists():
        return ""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    listed = [(str(p.relative_to(path)), p.stat()) for p in sorted(path.rglob("*")) if p.is_file()]
    told = "\n".join(f"{name} {found.st_size} {found.st_mtime_ns}" for name, found in listed)
    return hashlib.sha256(told.encode()).hexdigest()


def _execute(run: RunDir) -> None:
    while True:
        if not run.has_worker():
            try:
                return execute(run.path, follow_control=False)
            except RunHeldError:  # somebody was faster
                pass
        time.sleep(_POLL_S)


def _was_cancelled(path: Path, before: float) -> bool:
    """Whether a run was cancelled before a time."""
    if not (path / "spec.json").is_file() or RunDir(path).read_state().state != "cancelled":
        return False
    return (path / "state.json").stat().st_mtime < before
