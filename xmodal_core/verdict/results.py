"""Finished runs: which of them may be compared, and what each stands for."""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from xmodal_core.errors import RunError
from xmodal_core.runs.ablations import Ablation, ablation_of
from xmodal_core.runs.result import RunResult, Standing
from xmodal_core.runs.row_scores import RowScores
from xmodal_core.runs.rundir import RunDir
from xmodal_core.values import JsonValue

_SINCE, _BEFORE = 3, {"mona": {"compat": "earlier"}}  # from which schema on it has been said, and what was so before


@dataclass(frozen=True)
class FinishedRun(JsonValue):
    """A result with the name of its run; in JSON the result's own object with one key more.

    Attributes:
        written: when its file was written, Unix time; for results that do not say when they ended.
        rows: what it scored on each test row; None where it was not kept, or does not go with the result.
    """

    run: str
    result: RunResult
    written: float = field(default=0.0, compare=False)
    rows: RowScores | None = field(default=None, compare=False, repr=False)

    @property
    def ended(self) -> float:
        """When the run ended, Unix time, as it was recorded; else when its result was written."""
        try:
            return datetime.fromisoformat(self.result.finished or "").timestamp()
        except ValueError:
            return self.written

    def to_json(self) -> dict[str, Any]:
        """The result's object, and "run"."""
        return self.result.to_json() | {"run": self.run}

    @classmethod
    def from_json(cls, values: Any, where: str = "the run") -> Self:
        """The finished run that `to_json` wrote.

        Raises:
            RunError: it is damaged, or from another version.
        """
        return super().from_json(values | {"result": values} if isinstance(values, dict) else values, where)


def finished(runs: Sequence[RunDir]) -> list[FinishedRun]:
    """Results of the runs that have one.

    Raises:
        RunError: a result is damaged, or from another version.
    """
    results = ((run, run.result()) for run in runs)
    return [_finished(run, result) for run, result in results if result is not None]


def _finished(run: RunDir, result: RunResult) -> FinishedRun:
    rows = run.read_row_scores()
    if rows is not None and not rows.explains(result.test.score, result.test.n):
        rows = None
    return FinishedRun(run.path.name, result, run.result_written(), rows)


def check_comparable(runs: Sequence[FinishedRun]) -> None:
    """Refuse to compare runs on different data or bodies, or by different scores.

    Runs on every training row share the content of their target. Rows that are left out are drawn by the seed, so
    with fewer rows only runs of one seed share it; all others have to name the same target and test as many rows.

    Raises:
        RunError: names two runs that differ.
    """
    part = any(run.result.asked.train_rows for run in runs)
    known: dict[Hashable, tuple[Hashable, FinishedRun]] = {}
    for run in runs:
        for subject, value in _claims(run.result, part):
            said, first = known.setdefault(subject, (value, run))
            if said != value:
                raise RunError(_difference(subject, first, run))


def _claims(result: RunResult, part: bool) -> list[tuple[Hashable, Hashable]]:
    """What a run has to agree on with every other: (subject, value)."""
    rows = result.asked.train_rows
    content = ("content", rows, result.seed if rows else None)
    said: list[tuple[Hashable, Hashable]] = [("body", result.asked.body), (content, result.target.hash)]
    if part:
        said += [("target", result.asked.target), ("test rows", result.test.n)]
        said += [("reading", json.dumps(result.asked.reading, sort_keys=True))]
    return [*said, ("score", result.test.score_name)]


def _difference(subject: Hashable, first: FinishedRun, second: FinishedRun) -> str:
    if subject == "score":
        by = [run.result.test.score_name for run in (first, second)]
        return (
            f"{first.run} is scored by {by[0]} and {second.run} by {by[1]}, "
            "expected one kind of score; compare them apart."
        )
    return (
        f"{first.run} and {second.run} differ in target or body, expected runs on the same data and "
        "body; compare them apart."
    )


def role_of(result: RunResult) -> str:
    """The method whose role a run may take: its own, or LSG where fine-tuning is guided; empty for none.

    Controls take none, and ablations but for those that keep it.
    """
    return "" if _takes_none(result) else standing(result).method


def role(result: RunResult) -> str:
    """The letter of the rule for this role; empty for none, and for a method that is not known."""
    return "" if _takes_none(result) else standing(result).role


def _takes_none(result: RunResult) -> bool:
    found = ablation(result)
    return _is_control(result) or (found is not None and not found.keeps_role)


def ablation(result: RunResult) -> Ablation | None:
    """The ablation that a run is one of, however it was asked for; None for a run of the method itself."""
    return ablation_of(result.method, standing(result).settings, stages(result))


def _is_control(result: RunResult) -> bool:
    """Whether what guides a run is something else than the names of its classes."""
    return any(
        (given or {}).get("control", "names") != "names" for given in (result.asked.settings, result.asked.guidance)
    )


def standing(result: RunResult) -> Standing:
    """As it was kept; a result of an earlier version has none, and the methods have to be asked, which takes longer."""
    found = result.standing
    if found is None:
        from xmodal_core.runs.standing import standing_of

        found = standing_of(result.method, result.asked.settings, result.asked.guidance is not None)
    unsaid = _BEFORE.get(result.method, {}) if result.asked.schema < _SINCE else {}
    return replace(found, settings={**unsaid, **found.settings})


def stages(result: RunResult) -> Mapping[str, int]:
    """Steps of each stage that has any, as they were kept, else as they were asked for; "all" of an unknown method."""
    if result.stages is not None:
        return result.stages
    from xmodal_core.runs.standing import stages_of

    found = stages_of(result.method, result.asked.budget)
    return {"all": result.steps} if found is None else found


def label_steps(result: RunResult) -> int:
    """Steps that trained on the target's labels: all but those of alignment."""
    return sum(n for stage, n in stages(result).items() if stage != "align")
