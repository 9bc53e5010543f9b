"""Finished runs as tables and one JSON object. No widgets, no figures."""

import dataclasses
import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from scipy import stats

from xmodal_core.data.dataset import Task
from xmodal_core.errors import RunError
from xmodal_core.runs.rundir import RunDir

_GUIDANCE = "guidance"
_ALWAYS_TOLD = ("control", _GUIDANCE)  # a run with one of these must not pass for the method itself
SCORE_NAMES = {
    Task.CLASSIFICATION: "accuracy",
    Task.MULTILABEL: "mean average precision",
    Task.REGRESSION: "R^2",
    Task.DENSE: "minus relative L2 error",
}


def score(evaluated: dict[str, Any]) -> float | None:
    """The headline number of an evaluation, higher is better; results from before there were tasks have accuracy."""
    found = evaluated.get("score", evaluated.get("accuracy"))
    return None if found is None else float(found)


def score_name(result: dict[str, Any]) -> str:
    """What the headline number of a result is."""
    return str(result["test"].get("score_name", "accuracy"))


def finished(runs: Sequence[RunDir]) -> list[dict[str, Any]]:
    """Results of the runs that have one, each with its run id."""
    results = ((run, run.result()) for run in runs)
    return [result | {"run": run.path.name} for run, result in results if result is not None]


def n_train(result: dict[str, Any]) -> int:
    """Training rows that a run had; 0 where an old result does not tell."""
    return int(result["target"].get("n_train") or result["spec"].get("train_rows") or 0)


def check_comparable(results: Sequence[dict[str, Any]]) -> None:
    """Refuse to compare runs on different data or bodies, or by different scores.

    Runs on every training row share the content of their target. Rows that are left out are drawn by the seed, so
    with fewer rows only runs of one seed share it; all others have to name the same target and test as many rows.

    Raises:
        RunError: names two runs that differ.
    """
    part = any(result["spec"].get("train_rows") for result in results)
    known: dict[Any, tuple[Any, dict[str, Any]]] = {}
    for result in results:
        for subject, value in _claims(result, part):
            said, first = known.setdefault(subject, (value, result))
            if said != value:
                raise RunError(_difference(subject, first, result))


def _claims(result: dict[str, Any], part: bool) -> list[tuple[Any, Any]]:
    """What a run has to agree on with every other: (subject, value)."""
    spec = result["spec"]
    rows = spec.get("train_rows", 0)
    content = ("content", rows, result["seed"] if rows else None)
    said = [("body", spec["body"]), (content, result["target"]["hash"])]
    if part:
        said += [("target", spec.get("target")), ("test rows", result["test"]["n"])]
    return [*said, ("score", score_name(result))]


def _difference(subject: Any, first: dict[str, Any], second: dict[str, Any]) -> str:
    if subject == "score":
        return (
            f"{first['run']} is scored by {score_name(first)} and {second['run']} by {score_name(second)}, "
            "expected one kind of score; compare them apart."
        )
    return (
        f"{first['run']} and {second['run']} differ in target or body, expected runs on the same data and "
        "body; compare them apart."
    )


def arms(results: Sequence[dict[str, Any]]) -> list[str]:
    """What each result is a run of: its method, with its settings where runs of that method differ in them.

    A control, such as shuffled class names, and guidance beside the method always carry their names.
    """
    own = [settings_of(result) for result in results]
    variants: dict[str, set[str]] = defaultdict(set)
    for result, settings in zip(results, own, strict=True):
        variants[result["method"]].add(_words(settings))
    names = []
    for result, settings in zip(results, own, strict=True):
        several = len(variants[result["method"]]) > 1
        shown = settings if several else {k: v for k, v in settings.items() if k in _ALWAYS_TOLD}
        names.append(result["method"] + (f" ({_words(shown)})" if shown else ""))
    return names


def settings_of(result: dict[str, Any]) -> dict[str, Any]:
    """Settings that are not the method's defaults; a run that is guided beside its method says so."""
    settings, guidance = result["spec"].get("settings", {}), result["spec"].get("guidance")
    found = dict(settings)
    if settings:
        from xmodal_core.methods import METHODS

        kind: Any = METHODS.get(result["method"])
        usual = {} if kind is None else {f.name: f.default for f in dataclasses.fields(kind)}
        found = {name: value for name, value in settings.items() if value != usual.get(name)}
    if guidance is None:
        return found
    control = {"control": guidance["control"]} if guidance.get("control", "names") != "names" else {}
    rest = {name: value for name, value in guidance.items() if name != "control"}
    return found | control | {_GUIDANCE: _words(rest) or "class names"}


def _words(settings: dict[str, Any]) -> str:
    parts = (f"{name}={' '.join(str(value).split())[:40]}" for name, value in sorted(settings.items()))
    return ", ".join(parts)


def scores(
    results: Sequence[dict[str, Any]], split: str = "test", named: Sequence[str] | None = None
) -> dict[str, dict[int, float]]:
    """Score by arm and seed; the newest of two runs with the same arm and seed counts.

    Args:
        results: all of one number of training rows.
        split: test or validation.
        named: the arm of each result; by `arms` when None.
    """
    table: dict[str, dict[int, float]] = defaultdict(dict)
    for arm, result in sorted(zip(named or arms(results), results, strict=True), key=lambda pair: pair[1]["run"]):
        value = score(result[split])
        if value is not None:
            table[arm][result["seed"]] = value
    return dict(table)


def summarise(results: Sequence[dict[str, Any]], named: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """One row per arm: test score as mean, sd (ddof 1) and 95 % t interval over seeds, n, steps and seconds.

    Args:
        results: all of one number of training rows.
        named: the arm of each result; by `arms` when None.

    Returns:
        rows sorted by falling mean; `sd` and `interval` are None with one seed.
    """
    rows, named = [], named or arms(results)
    for arm, by_seed in scores(results, named=named).items():
        own = [r for name, r in zip(named, results, strict=True) if name == arm]
        values = list(by_seed.values())
        mean, sd = statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None
        rows.append(
            {
                "arm": arm,
                "method": own[0]["method"],
                "role_of": role_of(own[0]),
                "title": _title(arm, own[0]),
                "metric": f"test {score_name(own[0])}",
                "mean": mean,
                "sd": sd,
                "interval": _interval(mean, sd, len(values)),
                "n_seeds": len(values),
                "seeds": sorted(by_seed),
                "values": [by_seed[s] for s in sorted(by_seed)],
                "n_train": n_train(own[0]),
                "n_test": own[0]["test"]["n"],
                "steps": own[0]["steps"],
                "all_steps": sorted({r["steps"] for r in own}),
                "seconds": statistics.fmean(r["seconds"] for r in own),
            }
        )
    return sorted(rows, key=lambda row: -row["mean"])


def _title(arm: str, result: dict[str, Any]) -> str:
    return str(result["title"]) + arm.removeprefix(result["method"])


def _interval(mean: float, sd: float | None, n: int) -> tuple[float, float] | None:
    if sd is None:
        return None
    half = float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n)
    return mean - half, mean + half


def role_of(result: dict[str, Any]) -> str:
    """The method whose role a run may take: its own, or LSG where fine-tuning is guided; empty for a control."""
    spec, method = result["spec"], str(result["method"])
    guidance = spec.get("guidance")
    controls = {(given or {}).get("control", "names") for given in (spec.get("settings"), guidance)}
    if controls != {"names"}:
        return ""
    if guidance is None or role(method) == "B":
        return method
    return _guided_fine_tuning() if role(method) == "A" else ""


def role(method: str) -> str:
    """The letter of the rule that a method states of itself; empty for none, and for a method that is not known."""
    from xmodal_core.methods import METHODS

    return str(METHODS[method].role) if method in METHODS else ""


def _guided_fine_tuning() -> str:
    """The method that is fine-tuning under guidance."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.stages.guided import Guidance

    return next(name for name, kind in METHODS.items() if issubclass(kind, Guidance))
