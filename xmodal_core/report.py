"""Finished runs as tables and one JSON object. No widgets, no figures."""

import dataclasses
import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from scipy import stats

from xmodal_core import __version__
from xmodal_core.data.dataset import Task
from xmodal_core.errors import RunError
from xmodal_core.rundir import RunDir
from xmodal_core.verdict import verdict

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


def comparison_key(result: dict[str, Any]) -> tuple[str, str]:
    """Runs may be compared when they share the target's content and the body."""
    return result["target"]["hash"], result["spec"]["body"]


def finished(runs: Sequence[RunDir]) -> list[dict[str, Any]]:
    """Results of the runs that have one, each with its run id."""
    results = ((run, run.result()) for run in runs)
    return [result | {"run": run.path.name} for run, result in results if result is not None]


def check_comparable(results: Sequence[dict[str, Any]]) -> None:
    """Refuse to compare runs on different data or bodies, or by different scores.

    Raises:
        RunError: names two runs that differ.
    """
    for result in results[1:]:
        first = results[0]
        if comparison_key(result) != comparison_key(first):
            raise RunError(
                f"{first['run']} and {result['run']} differ in target or body, expected runs on the same data and "
                "body; compare them apart."
            )
        if score_name(result) != score_name(first):
            raise RunError(
                f"{first['run']} is scored by {score_name(first)} and {result['run']} by {score_name(result)}, "
                "expected one kind of score; compare them apart."
            )


def arms(results: Sequence[dict[str, Any]]) -> list[str]:
    """What each result is a run of: its method, with its settings where runs of that method differ in them.

    A control, such as shuffled class names, always carries its name: it must not pass for the method itself.
    """
    own = [_settings_of(result) for result in results]
    variants: dict[str, set[str]] = defaultdict(set)
    for result, settings in zip(results, own, strict=True):
        variants[result["method"]].add(_words(settings))
    names = []
    for result, settings in zip(results, own, strict=True):
        several = len(variants[result["method"]]) > 1
        shown = settings if several else {k: v for k, v in settings.items() if k == "control"}
        names.append(result["method"] + (f" ({_words(shown)})" if shown else ""))
    return names


def _settings_of(result: dict[str, Any]) -> dict[str, Any]:
    """Settings that are not the method's defaults."""
    settings = result["spec"].get("settings", {})
    if not settings:
        return {}
    from xmodal_core.methods import METHODS

    kind: Any = METHODS.get(result["method"])
    usual = {} if kind is None else {f.name: f.default for f in dataclasses.fields(kind)}
    return {name: value for name, value in settings.items() if value != usual.get(name)}


def _words(settings: dict[str, Any]) -> str:
    parts = (f"{name}={' '.join(str(value).split())[:40]}" for name, value in sorted(settings.items()))
    return ", ".join(parts)


def scores(results: Sequence[dict[str, Any]], split: str = "test") -> dict[str, dict[int, float]]:
    """Score by arm and seed; the newest of two runs with the same arm and seed counts."""
    table: dict[str, dict[int, float]] = defaultdict(dict)
    for arm, result in sorted(zip(arms(results), results, strict=True), key=lambda pair: pair[1]["run"]):
        value = score(result[split])
        if value is not None:
            table[arm][result["seed"]] = value
    return dict(table)


def summarise(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per arm: test score as mean, sd (ddof 1) and 95 % t interval over seeds, n, steps and seconds.

    Returns:
        rows sorted by falling mean; `sd` and `interval` are None with one seed.
    """
    rows, named = [], arms(results)
    for arm, by_seed in scores(results).items():
        own = [r for name, r in zip(named, results, strict=True) if name == arm]
        values = list(by_seed.values())
        mean, sd = statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None
        rows.append(
            {
                "arm": arm,
                "method": own[0]["method"],
                "title": _title(arm, own[0]),
                "metric": f"test {score_name(own[0])}",
                "mean": mean,
                "sd": sd,
                "interval": _interval(mean, sd, len(values)),
                "n_seeds": len(values),
                "seeds": sorted(by_seed),
                "values": [by_seed[s] for s in sorted(by_seed)],
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


def export(
    runs: Sequence[RunDir],
    gap: dict[str, Any] | None = None,
    reuse: dict[str, Any] | None = None,
    margin: float | None = None,
) -> dict[str, Any]:
    """Everything that the Compare page shows, as one JSON object.

    Args:
        runs: finished ones count.
        gap: the gap report beside them.
        reuse: reuse reports by run.
        margin: see `verdict`.

    Raises:
        RunError: the runs are not on the same data and body, or not scored alike.
    """
    results = finished(runs)
    check_comparable(results)
    table = summarise(results)
    return {
        "xmodal_lab": __version__,
        "table": table,
        "verdict": verdict(
            scores(results),
            margin,
            {row["arm"]: row["title"].split(":")[0] + row["arm"].removeprefix(row["method"]) for row in table},
            score_name(results[0]) if results else "accuracy",
            methods={row["arm"]: row["method"] for row in table},
            validation=scores(results, "validation"),
            controls=[row["arm"] for row in table if "control=" in row["arm"]],
        ),
        "runs": results,
        "gap": gap,
        "reuse": reuse,
    }
