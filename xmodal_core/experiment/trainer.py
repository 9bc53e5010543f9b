"""One run of an experiment, trained to its end in this process; a run that is there is not run again."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from xmodal_core import __version__
from xmodal_core.environment import settle
from xmodal_core.experiment.design import Design
from xmodal_core.experiment.halving import WORST
from xmodal_core.runs.plan import Choice
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.worker import execute


@dataclass(frozen=True)
class Trainer:
    """Trains runs of one design under one folder; it travels to processes of their own."""

    design: Design
    runs_root: Path

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

        Its name says what it is a run of: the same choice finds it again, whichever experiment asks. One that a person
        has cancelled stays so, and the next number is taken.

        Raises:
            SettingsError: the choice is not one that can be run.
        """
        spec = self.design.specification(choice).to_json()
        digest = hashlib.sha256(f"{__version__}\n{spec}".encode()).hexdigest()[:10]
        stem = f"{choice.method.replace('_', '-')[:16]}-{choice.seed % 10**6}-{digest}"
        path, number = self.runs_root / stem, 1
        while (path / "spec.json").is_file() and RunDir(path).read_state().state == "cancelled":
            number += 1
            path = self.runs_root / f"{stem}-{number}"
        return path

    def train(self, choice: Choice) -> float:
        """Train a run and read its validation score; `WORST` where it failed, which its state and log explain.

        Raises:
            SettingsError: the choice is not one that can be run.
        """
        run = self.run_of(choice)
        try:
            settle(os.environ)  # in a process of its own torch is loaded here
            execute(run.path, follow_control=False)
        except Exception:  # noqa: BLE001 - whatever it was, one run must not end the others
            return WORST
        result = run.result()
        return WORST if result is None or result.validation is None else result.validation.score
