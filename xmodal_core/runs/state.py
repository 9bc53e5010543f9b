"""What worker and app tell each other through a run directory: where the run is, and what the person wants."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import get_type_hints


@dataclass(frozen=True)
class RunState:
    """Where a run is, as its last worker left it; None is what was not known then.

    Attributes:
        state: "queued" | "starting" | "running" | "waiting" | "paused" | "done" | "failed" | "cancelled"; None before
            a worker wrote one. `JobStatus` has what this comes to.
        device: what it trains on.
        total, done: steps over all stages.
        stage, stage_index, stage_total: the present stage, and its steps; a run without steps has no stage.
        error: why it failed, one sentence.
        pid: process id of the worker.
        steps_per_second: pace of that worker's last steps.
    """

    state: str | None = None
    device: str | None = None
    total: int | None = None
    done: int | None = None
    stage: str | None = None
    stage_index: int | None = None
    stage_total: int | None = None
    error: str | None = None
    pid: int | None = None
    steps_per_second: float | None = None

    def to_json(self) -> dict[str, str | int | float | None]:
        """Only what is known; a worker's position always has its stage, and a worker its pace, if need be null."""
        told = {"stage": self.stage_index is not None, "steps_per_second": self.pid is not None}
        return {name: value for name, value in asdict(self).items() if value is not None or told.get(name)}

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "RunState":
        """The state that was written; fields of another version are left out.

        Raises:
            ValueError: a field has a value of another kind, which is named.
        """
        kinds = get_type_hints(cls)
        found = {name: values[name] for name in kinds if name in values}
        for name, value in found.items():
            if not isinstance(value, kinds[name]):
                raise ValueError(f"{name} is {value!r}")
        return cls(**found)  # type: ignore[arg-type]  # each was held against its kind


@dataclass(frozen=True)
class Control:
    """What the person wants of the worker.

    Attributes:
        run_until: train until this many steps, over all stages, are done.
        pause: stop before the next step, whatever `run_until` says.
        cancel: stop before the next step, for good.
        kill_after: Unix time from which a worker that ignores `cancel` may be ended by force.
    """

    run_until: int = 0
    pause: bool = False
    cancel: bool = False
    kill_after: float = 0.0

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "Control":
        """What was asked for; fields of another version are left out.

        Raises:
            ValueError: a field has a value of another kind, which is named.
        """
        kinds: dict[str, tuple[type, ...]] = {"run_until": (int,), "pause": (bool,), "cancel": (bool,)}
        kinds["kill_after"] = (int, float)
        found = {name: values[name] for name in kinds if name in values}
        for name, value in found.items():
            if type(value) not in kinds[name]:
                raise ValueError(f"{name} is {value!r}")
        return cls(**found)  # type: ignore[arg-type]  # each was held against its kind

    def wants_more(self, done: int) -> bool:
        """Whether a worker that has `done` steps has something to do: train on, or obey a cancel."""
        return self.cancel or (not self.pause and self.run_until > done)
