"""Finished runs: which of them may be compared, and which arm each is a run of."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from xmodal_core.errors import RunError
from xmodal_core.model.settings import EARLIER, model_settings
from xmodal_core.model.words import in_words
from xmodal_core.runs.result import RunResult, Standing
from xmodal_core.runs.rundir import RunDir
from xmodal_core.values import JsonValue

_GUIDANCE = "guidance"
_WITHOUT_BODY = "D"  # the letter of the only role that has none
_SINCE, _BEFORE = 3, {"mona": {"compat": "earlier"}}  # from which schema on it has been said, and what was so before
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

    A control, such as shuffled class names, and guidance beside the method always carry their names; so does the model
    as soon as it is not the same for all runs.
    """
    methods, own = [run.result.method for run in runs], [settings_of(run.result) for run in runs]
    variants: dict[str, set[str]] = defaultdict(set)
    for method, settings in zip(methods, own, strict=True):
        variants[method].add(_words(settings))
    told = models([run.result for run in runs])
    told = told if _differ(told) else [{}] * len(runs)
    names = []
    for method, settings, model in zip(methods, own, told, strict=True):
        several = len(variants[method]) > 1
        shown = settings if several else {k: v for k, v in settings.items() if k in _ALWAYS_TOLD}
        shown = {**shown, **(model or {})}
        names.append(method + (f" ({_words(shown)})" if shown else ""))
    return names


def settings_of(result: RunResult) -> Mapping[str, Any]:
    """Settings that are not the method's defaults; a run that is guided beside its method says so."""
    found, guidance, tokens = _standing(result).settings, result.asked.guidance, result.asked.tokens
    found = found if tokens is None else {**found, "tokens": tokens}
    if guidance is None:
        return found
    control = {"control": guidance["control"]} if guidance.get("control", "names") != "names" else {}
    rest = {name: value for name, value in guidance.items() if name != "control"}
    return {**found, **control, _GUIDANCE: _words(rest) or "class names"}


def models(results: Sequence[RunResult]) -> list[Mapping[str, str | None] | None]:
    """What tells the model of each run from the usual one, and from others of which as little was said.

    What `auto` stands for may change from version to version, and runs must then not pass for one arm.

    Returns:
        For each run names with their values, None beside a name that says it all; None for a run without a body.
    """
    said = [_said_of_model(result) for result in results]
    found: list[Mapping[str, str | None] | None] = []
    for own, result in zip(said, results, strict=True):
        alike = [other for as_said, other in zip(said, results, strict=True) if as_said == own]
        found.append(None if own is None else {**_unlike(result, alike), **own})
    return found


def _unlike(result: RunResult, others: Iterable[RunResult]) -> dict[str, str]:
    """Settings that came out otherwise in runs of this method, or of another version: a method may have its own."""
    values = {} if result.model is None else result.model.to_json()
    comparable = [
        other.model.to_json()
        for other in others
        if other.model is not None and (other.method == result.method or other.versions != result.versions)
    ]
    return {name: value for name, value in values.items() if any(other.get(name) != value for other in comparable)}


def models_sentence(results: Sequence[RunResult]) -> str | None:
    """What has to be known about the models of runs that are compared; None where all are the usual one."""
    told = models(results)
    if _differ(told):
        return (
            "Samples do not go in and out of the body in the same way in all of these runs: where two arms differ in "
            "that, too, their difference is not the method's alone."
        )
    alike = next((model for model in told if model), None)
    return f"Every run with a body: {', '.join(_part(*item, ' ') for item in alike.items())}." if alike else None


def _differ(told: Sequence[Mapping[str, str | None] | None]) -> bool:
    return len({tuple(sorted(model.items())) for model in told if model is not None}) > 1


def _said_of_model(result: RunResult) -> Mapping[str, str | None] | None:
    """Settings of the model that were asked for, `compat` in words; None for a method without a body."""
    if role(result) == _WITHOUT_BODY:
        return None
    said = EARLIER.said() if result.asked.schema == 1 else model_settings(result.asked.model).said()
    compat = said.pop("compat", None)
    return said if compat is None else {in_words({"compat": compat}): None, **said}


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
    found = result.standing
    if found is None:
        from xmodal_core.runs.standing import standing_of

        found = standing_of(result.method, result.asked.settings, result.asked.guidance is not None)
    unsaid = _BEFORE.get(result.method, {}) if result.asked.schema < _SINCE else {}
    return replace(found, settings={**unsaid, **found.settings})


def _words(settings: Mapping[str, Any]) -> str:
    return ", ".join(_part(name, value) for name, value in sorted(settings.items()))


def _part(name: str, value: Any, between: str = "=") -> str:
    return name if value is None else f"{name}{between}{' '.join(str(value).split())[:40]}"
