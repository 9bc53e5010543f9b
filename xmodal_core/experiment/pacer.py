"""The errand that measures paces, `python -m xmodal_core.experiment.pacer ERRAND PACES DESIGN`, and asking for one.

A pace is kept under what determines it, so that nobody measures it twice.
"""

import faulthandler
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xmodal_core.environment import cores, settle
from xmodal_core.errors import RunError
from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.pace import Pace, pace_key
from xmodal_core.experiment.trainer import fingerprint
from xmodal_core.experiment.worker import lanes_in
from xmodal_core.files import replace_file
from xmodal_core.runs import errand
from xmodal_core.runs.errand import Doing, ErrandDir, carry_out
from xmodal_core.runs.objects import read_object, write_object
from xmodal_core.runs.plan import short_title
from xmodal_core.runs.slots import device_slots
from xmodal_core.runs.spec import RunSpec

_DIED = "The process that tried two steps has died, for want of memory as a rule; use a smaller batch_size or body."


@dataclass(frozen=True)
class Paces:
    """The paces that are kept in a folder, and the errand that measures more of them."""

    folder: Path

    @property
    def errand(self) -> ErrandDir:
        """How far measuring is."""
        return ErrandDir(self.folder / "measuring")

    def path(self, key: str) -> Path:
        """Where a pace is kept."""
        return self.folder / f"{key}.json"

    def read(self, key: str) -> Pace | None:
        """A pace; None where it is not known, or damaged."""
        try:
            return Pace.from_json(read_object(self.path(key), missing_is_empty=False), key)
        except RunError:
            return None

    def of(self, design: Design) -> dict[str, Pace]:
        """The paces that are known of a design's arms, by arm."""
        found = ((arm, self.read(key)) for arm, key in keys_of(design).items())
        return {arm: pace for arm, pace in found if pace is not None}

    def measure(self, design: Design) -> None:
        """Measure what is not known of a design's arms, in the background."""
        asked = self.folder / "asked.json"
        write_object(asked, design.to_json())
        errand.start(self.errand, "xmodal_core.experiment.pacer", [str(self.folder.resolve()), str(asked.resolve())])


def keys_of(design: Design) -> dict[str, str]:
    """What the pace of each arm is kept under."""
    contents = " ".join(fingerprint(reference) for reference in (design.target, design.source, design.body))
    threads = threads_a_lane()
    return {arm: pace_key(spec, contents, device(), threads) for arm, spec in specs_of(design).items()}


def specs_of(design: Design) -> dict[str, RunSpec]:
    """A run of each arm: at its own rate, the first seed and the whole budget."""
    part = design.parts()[-1]
    return {arm: design.specification(design.choice(Trial(arm, 1.0), design.seeds[0], part)) for arm in design.arms}


def lanes() -> int:
    """Runs that an experiment trains at once where it has the machine to itself."""
    return lanes_in(len(device_slots()))


def threads_a_lane() -> int:
    """Threads of a run in an experiment."""
    return max(1, cores() // lanes())


def device() -> str:
    """What an experiment trains on, as far as that is known without torch."""
    return ", ".join("cpu" if gpu is None else f"gpu {gpu}" for gpu in sorted(set(device_slots().values()), key=str))


def measuring(paces: Paces, design: Design) -> Iterator[Doing]:
    """Measure one arm after the other, each in a process whose memory is its own."""
    keys, specs = keys_of(design), specs_of(design)
    missing = [arm for arm in design.arms if (found := paces.read(keys[arm])) is None or found.failed]
    for i, arm in enumerate(missing):
        yield Doing(f"Trying two steps of {short_title(arm)} ({i + 1} of {len(missing)})", i / len(missing))
        given = paces.folder / "trying.json"
        replace_file(given, specs[arm].to_json())
        paces.path(keys[arm]).unlink(missing_ok=True)
        _try_out(given, paces.path(keys[arm]))
        if paces.read(keys[arm]) is None:
            write_object(paces.path(keys[arm]), Pace(failed=_DIED).to_json())


def _try_out(given: Path, kept: Path) -> None:
    environment: Mapping[str, str] = os.environ | {"OMP_NUM_THREADS": str(threads_a_lane())}
    command = [sys.executable, "-P", "-m", "xmodal_core.experiment.pacing", str(given), str(kept)]
    subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, check=False)


def main(arguments: Sequence[str]) -> int:
    """Entry of the process: exit code 0 when all was measured, 1 when it failed."""
    faulthandler.enable()
    settle(os.environ)
    told, folder, asked = (Path(text) for text in arguments)
    return carry_out(
        ErrandDir(told),
        lambda: measuring(Paces(folder), Design.from_json(read_object(asked, missing_is_empty=False), "the design")),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
