"""How long runs of one kind take: measured on two steps of every stage, and what follows for a whole run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xmodal_core import __version__
from xmodal_core.values import JsonValue

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec

READINGS = 10  # of the validation rows along a stage that trains on labels, about
_SAVED_EVERY_S = 30.0  # a run keeps where it is as often as that, and at the end of every stage


@dataclass(frozen=True)
class StagePace(JsonValue):
    """Seconds of the parts of a stage.

    Attributes:
        setup_s: before its first step.
        step_s: of a step.
        reading_s: of reading the validation rows, beside a step.
    """

    setup_s: float
    step_s: float
    reading_s: float = 0.0


@dataclass(frozen=True)
class Pace(JsonValue):
    """How long runs of one kind take, whatever their seed, learning rate and number of steps.

    Attributes:
        load_s: seconds for the libraries, once a process.
        prepare_s: for data and network, once a run.
        stages: by name.
        row_s: for what is said of a row at the end.
        n_rows: of the data, all of which are asked about at the end.
        save_s: for keeping where the run is.
        memory: bytes of the process at its highest.
        gpu_memory: bytes on the GPU at their highest; 0 without one.
        failed: why it could not be measured, one sentence; empty where it could.
    """

    load_s: float = 0.0
    prepare_s: float = 0.0
    stages: Mapping[str, StagePace] = field(default_factory=dict)
    row_s: float = 0.0
    n_rows: int = 0
    save_s: float = 0.0
    memory: int = 0
    gpu_memory: int = 0
    failed: str = ""

    def seconds(self, stages: Sequence[tuple[str, int]]) -> float:
        """Seconds of a run of so many steps a stage, from its data to its last row; its process is there already."""
        known = [(self.stages[name], name, n) for name, n in stages if n and name in self.stages]
        training = sum(p.setup_s + n * p.step_s + readings(name, n) * p.reading_s for p, name, n in known)
        saves = len(known) + int(training / _SAVED_EVERY_S)
        return self.prepare_s + training + saves * self.save_s + self.n_rows * self.row_s


def readings(stage: str, total: int) -> int:
    """How often a stage of so many steps reads its validation rows: at every tenth of the way, and at its end."""
    if stage == "align" or not total:
        return 0
    every = max(1, total // READINGS)
    return total // every + bool(total % every)


def pace_key(spec: "RunSpec", contents: str, device: str, threads: int) -> str:
    """What a pace is kept under: all that determines it.

    Args:
        spec: seed, learning rate and, where a body is trained, the number of steps change nothing and are left out.
        contents: what the files are that it names.
        device: what it trains on.
        threads: of its process.
    """
    values = spec.values()
    values.pop("seed", None)
    values["settings"] = {k: v for k, v in dict(values.get("settings") or {}).items() if k != "learning_rate"}
    if spec.parsed.method.has_body:
        values["budget"] = [name for name, _ in spec.stages()]
    told = json.dumps([__version__, values, contents, device, threads], sort_keys=True, default=str)
    return f"{spec.method.replace('_', '-')}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
