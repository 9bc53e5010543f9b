"""Finished runs: which of them may be compared, and which arm each is a run of."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from xmodal_core.errors import RunError
from xmodal_core.runs.result import RunResult, Standing
from xmodal_core.runs.rundir import RunDir
from xmodal_core.values import JsonValue

_GUIDANCE = "guidance"
_ALWAYS_TOLD = ("control", _GUIDANCE, "tokens")  # a run with one of these must not pass for the method itself


@dataclass(frozen=True)
class FinishedRun(JsonValue):
    """A result with the name of its run; in JSON the result's own object with one key more."""

    run: str
    result: RunResult

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
    results = ((run.path.name, run.result()) for run in runs)
    return [FinishedRun(name, result) for name, result in results if result is not None]


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


def arms(runs: Sequence[FinishedRun]) -> list[str]:
    """What each run is a run of: its method, with its settings where runs of that method differ in them.

    A control, such as shuffled class names, and guidance beside the method always carry their names.
    """
    methods, own = [run.result.method for run in runs], [settings_of(run.result) for run in runs]
    variants: dict[str, set[str]] = defaultdict(set)
    for method, settings in zip(methods, own, strict=True):
        variants[method].add(_words(settings))
    names = []
    for method, settings in zip(methods, own, strict=True):
        several = len(variants[method]) > 1
        shown = settings if several else {k: v for k, v in settings.items() if k in _ALWAYS_TOLD}
        names.append(method + (f" ({_words(shown)})" if shown else ""))
    return names


def settings_of(result: RunResult) -> Mapping[str, Any]:
    """Settings that are not the method's defaults; a run that is guided beside its method says so."""
    found, guidance, tokens = _standing(result).settings, result.asked.guidance, result.asked.tokens
    found = found if tokens is None else {**found, "tokens": tokens}
    found = {**found, **_model_of(result)}
    if guidance is None:
        return found
    control = {"control": guidance["control"]} if guidance.get("control", "names") != "names" else {}
    rest = {name: value for name, value in guidance.items() if name != "control"}
    return {**found, **control, _GUIDANCE: _words(rest) or "class names"}


def _model_of(result: RunResult) -> Mapping[str, str]:
    """Settings of the model that are not the usual ones; runs from before there were any say so."""
    if result.asked.schema == 1:
        return {"compat": "earlier"} if result.asked.body else {}
    return result.asked.model or {}


def role_of(result: RunResult) -> str:
    """The method whose role a run may take: its own, or LSG where fine-tuning is guided; empty for a control."""
    return "" if _is_control(result) else _standing(result).method


def role(result: RunResult) -> str:
    """The letter of the rule for this role; empty for none, for a control, and for a method that is not known."""
    return "" if _is_control(result) else _standing(result).role


def _is_control(result: RunResult) -> bool:
    """Whether what guides a run is something else than the names of its classes."""
    return any(
        (given or {}).get("control", "names") != "names" for given in (result.asked.settings, result.asked.guidance)
    )


def _standing(result: RunResult) -> Standing:
    """As it was kept; a result of an earlier version has none, and the methods have to be asked, which takes longer."""
    if result.standing is not None:
        return result.standing
    from xmodal_core.runs.standing import standing_of

    return standing_of(result.method, result.asked.settings, result.asked.guidance is not None)


def _words(settings: Mapping[str, Any]) -> str:
    parts = (f"{name}={' '.join(str(value).split())[:40]}" for name, value in sorted(settings.items()))
    return ", ".join(parts)
