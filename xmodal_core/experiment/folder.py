"""The durable directory of an experiment: its files and nothing else.

    design.json     what to run; never changes
    progress.json   how far it is, and what was tried
    state.json      "queued", "running", "done", "failed" or "cancelled", and why it failed
    worker.lock     held by its process for as long as that lives
    proc.json       which process that is
    log.txt         what the process printed

Its runs are run directories like all others, under the folder that the process is told.
"""

from dataclasses import dataclass
from pathlib import Path

from xmodal_core.errors import RunError
from xmodal_core.experiment.design import Design
from xmodal_core.experiment.progress import Progress
from xmodal_core.runs.life import Life, is_held
from xmodal_core.runs.objects import read_object, write_object
from xmodal_core.runs.process import ProcessStamp, is_alive


@dataclass(frozen=True)
class ExperimentDir:
    """One experiment's directory."""

    path: Path

    @classmethod
    def create_at(cls, path: Path, design: Design) -> "ExperimentDir":
        """An experiment in a directory that is new, or has been made for the same design.

        Raises:
            RunError: the directory holds another design.
        """
        found = cls(path)
        if not (path / "design.json").is_file():
            write_object(path / "design.json", design.to_json())
        elif found.design() != design:
            raise RunError(f"{path.name} was made for another design; give the same one, or another directory.")
        return found

    @classmethod
    def open(cls, path: Path) -> "ExperimentDir":
        """The experiment that is kept here.

        Raises:
            RunError: there is none.
        """
        if not (path / "design.json").is_file():
            raise RunError(f"{path.name} holds no experiment, expected a directory with a design.json; check the name.")
        return cls(path)

    def design(self) -> Design:
        """What to run.

        Raises:
            RunError: the file is damaged.
        """
        return Design.from_json(read_object(self.path / "design.json", missing_is_empty=False), "design.json")

    @property
    def log(self) -> Path:
        """Where the output of the process goes."""
        return self.path / "log.txt"

    def write_progress(self, progress: Progress) -> None:
        """Replace what is known of how far it is."""
        write_object(self.path / "progress.json", progress.to_json())

    def progress(self) -> Progress | None:
        """How far it is; None before it began, and where the file is damaged: its process writes it anew."""
        try:
            values = read_object(self.path / "progress.json")
            return Progress.from_json(values, "progress.json") if values else None
        except RunError:
            return None

    def write_state(self, state: str, error: str | None = None) -> None:
        """Replace the state."""
        write_object(self.path / "state.json", {"state": state, "error": error})

    def state(self) -> tuple[str | None, str | None]:
        """The state as its process left it, and why it failed; None before there was one, or where it is damaged."""
        try:
            values = read_object(self.path / "state.json")
        except RunError:
            return None, None
        state, error = values.get("state"), values.get("error")
        return state if isinstance(state, str) else None, error if isinstance(error, str) else None

    def life(self) -> Life:
        """What its process holds for as long as it lives."""
        return Life(self.path / "worker.lock")

    def has_worker(self) -> bool:
        """Whether a process conducts it, or was started to and is on its way."""
        return is_held(self.path / "worker.lock") or is_alive(self.process())

    def write_process(self, stamp: ProcessStamp) -> None:
        """Record its process."""
        stamp.write(self.path / "proc.json")

    def process(self) -> ProcessStamp | None:
        """Its process; None where none was recorded, or the record is damaged."""
        return ProcessStamp.read(self.path / "proc.json")
