"""Which arm each finished run is a run of: everything that runs may differ in and still be compared tells arms apart.

Two runs are of one arm if method, settings, guidance, tokens, source and what was said of its file, steps of each
stage, and model are the same; data, body and kind of score have to be, see `check_comparable`. Where budgets are levels
of an experiment, of the steps only how stages share them has to be the same, see `budgets`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from xmodal_core.model.settings import EARLIER, model_settings
from xmodal_core.model.words import in_words
from xmodal_core.runs.ablations import MARK
from xmodal_core.runs.result import RunResult
from xmodal_core.verdict.budgets import are_levels, shares, steps_in_words
from xmodal_core.verdict.results import FinishedRun, ablation, role, stages, standing

_GUIDANCE = "guidance"
RATE = "learning_rate"
_WITHOUT_BODY = "D"  # the letter of the only role that has none
_ALWAYS_TOLD = (MARK, "control", _GUIDANCE, "tokens")  # a run with one of these must not pass for the method itself


def by_budget(runs: Sequence[FinishedRun]) -> bool:
    """Whether some arm was run at two budgets, at whatever learning rate: runs are then compared budget by budget."""
    results = [run.result for run in runs]
    alike = [_identity(result, model, untold=(RATE,)) for result, model in zip(results, models(results), strict=True)]
    return are_levels(results, alike)


def arms(runs: Sequence[FinishedRun], budgets: bool = False, rates: bool = True) -> list[str]:
    """What each run is a run of: its method or ablation, with its settings where runs of that differ in them.

    A control, such as shuffled class names, and guidance beside the method always carry their names; so do steps as
    soon as runs of one method or ablation differ in them, and source and model as soon as any runs do. Whatever is too
    long to be told has a number behind the name.

    Args:
        runs: all that are compared, of every level.
        budgets: whether budgets are levels: then steps are told only where they say more than the level.
        rates: whether learning rates tell arms apart.
    """
    results, untold = [run.result for run in runs], () if rates else (RATE,)
    settings, models_told = _settings_told(results, untold), models(results)
    steps = shares(results, [base(result) for result in results]) if budgets else _steps_told(results)
    sides = _sides_told(results, steps)
    shown = models_told if _differ(models_told) else [{}] * len(runs)
    names, own = [], []
    for i, result in enumerate(results):
        words = {**settings[i], **sides[i], **(shown[i] or {})}
        names.append(base(result) + (f" ({_words(words)})" if words else ""))
        own.append(_identity(result, models_told[i], steps[i] if budgets else stages(result), untold))
    return _numbered(names, own)


def base(result: RunResult) -> str:
    """What a run's name begins with: the ablation that it is one of, else its method."""
    found = ablation(result)
    return result.method if found is None else found.name


def _settings_told(results: Sequence[RunResult], untold: Collection[str]) -> list[Mapping[str, Any]]:
    """Settings that each run's name carries, beside those that make an ablation, whose name says them."""
    own = [{k: v for k, v in _beside_ablation(result).items() if k not in untold} for result in results]
    variants: dict[str, set[str]] = defaultdict(set)
    for result, settings in zip(results, own, strict=True):
        variants[base(result)].add(_canonical(settings))
    return [
        settings if len(variants[base(result)]) > 1 else {k: v for k, v in settings.items() if k in _ALWAYS_TOLD}
        for result, settings in zip(results, own, strict=True)
    ]


def _beside_ablation(result: RunResult) -> Mapping[str, Any]:
    found, settings = ablation(result), settings_of(result)
    if found is None:
        return settings
    return {MARK: None, **{name: value for name, value in settings.items() if name not in found.settings}}


def _steps_told(results: Sequence[RunResult]) -> list[str]:
    """Steps of each run, where runs of its method differ in them; else empty."""
    steps: dict[str, set[str]] = defaultdict(set)
    for result in results:
        steps[base(result)].add(steps_in_words(result))
    return [steps_in_words(result) if len(steps[base(result)]) > 1 else "" for result in results]


def _sides_told(results: Sequence[RunResult], steps: Sequence[str]) -> list[dict[str, str]]:
    """Source and what was said of its file, where runs differ in them, and these steps."""
    sources = {result.asked.source for result in results if result.asked.source}
    readings: dict[str, set[str]] = defaultdict(set)
    for result in results:
        readings[result.asked.source].add(_canonical(result.asked.source_reading))
    told = []
    for result, own in zip(results, steps, strict=True):
        source = result.asked.source
        words = {"source": source} if source and len(sources) > 1 else {}
        if len(readings[source]) > 1:
            words["source read"] = _canonical(result.asked.source_reading or "as it is").strip('"')
        if own:
            words["steps"] = own
        told.append(words)
    return told


def _identity(
    result: RunResult, model: Mapping[str, str | None] | None, steps: Any = None, untold: Collection[str] = ()
) -> str:
    """What has to be the same for two runs to be of one arm, whole and not as it is told; of steps what is given."""
    asked = result.asked
    sides = [asked.source, asked.source_reading, steps]
    settings = {name: value for name, value in standing(result).settings.items() if name not in untold}
    return _canonical([base(result), settings, asked.guidance, asked.tokens, *sides, model])


def _numbered(names: Sequence[str], own: Sequence[str]) -> list[str]:
    """Names with a number from the second identity on that has the same one."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name, identity in sorted(set(zip(names, own, strict=True))):
        alike[name].append(identity)
    numbers = [alike[name].index(identity) + 1 for name, identity in zip(names, own, strict=True)]
    return [name if number == 1 else f"{name} #{number}" for name, number in zip(names, numbers, strict=True)]


def _canonical(values: Any) -> str:
    return json.dumps(values, sort_keys=True, default=dict)


def settings_of(result: RunResult) -> Mapping[str, Any]:
    """Settings that are not the method's defaults; a run that is guided beside its method says so."""
    found, guidance, tokens = standing(result).settings, result.asked.guidance, result.asked.tokens
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


def _words(settings: Mapping[str, Any]) -> str:
    return ", ".join(_part(name, value) for name, value in sorted(settings.items()))


def _part(name: str, value: Any, between: str = "=") -> str:
    return name if value is None else f"{name}{between}{' '.join(str(value).split())[:40]}"
