"""Finished runs as tables and one JSON object. No widgets, no figures."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from xmodal_core import __version__
from xmodal_core.errors import RunError
from xmodal_core.rundir import RunDir
from xmodal_core.verdict import verdict


def comparison_key(result: dict[str, Any]) -> tuple[str, str]:
    """Runs may be compared when they share the target's content and the body."""
    return result["target"]["hash"], result["spec"]["body"]


def finished(runs: Sequence[RunDir]) -> list[dict[str, Any]]:
    """Results of the runs that have one, each with its run id."""
    results = ((run, run.result()) for run in runs)
    return [result | {"run": run.path.name} for run, result in results if result is not None]


def check_comparable(results: Sequence[dict[str, Any]]) -> None:
    """Refuse to compare runs on different data or bodies.

    Raises:
        RunError: names two runs that differ.
    """
    for result in results[1:]:
        if comparison_key(result) != comparison_key(results[0]):
            raise RunError(
                f"{results[0]['run']} and {result['run']} differ in target or body, expected runs on the same data and "
                "body; compare them apart."
            )


def accuracies(results: Sequence[dict[str, Any]]) -> dict[str, dict[int, float]]:
    """Test accuracy by method and seed; the newest of two runs with the same method and seed counts."""
    table: dict[str, dict[int, float]] = defaultdict(dict)
    for result in sorted(results, key=lambda r: r["run"]):
        table[result["method"]][result["seed"]] = result["test"]["accuracy"]
    return dict(table)


def summarise(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per method: test accuracy as mean and sd (ddof 1) over seeds, n, steps and seconds.

    Returns:
        rows sorted by falling mean; `sd` is None with one seed.
    """
    rows = []
    for method, by_seed in accuracies(results).items():
        own = [r for r in results if r["method"] == method]
        values = list(by_seed.values())
        rows.append(
            {
                "method": method,
                "title": own[0]["title"],
                "metric": "test accuracy",
                "mean": statistics.fmean(values),
                "sd": statistics.stdev(values) if len(values) > 1 else None,
                "n_seeds": len(values),
                "seeds": sorted(by_seed),
                "values": [by_seed[s] for s in sorted(by_seed)],
                "n_test": own[0]["test"]["n"],
                "steps": own[0]["steps"],
                "seconds": statistics.fmean(r["seconds"] for r in own),
            }
        )
    return sorted(rows, key=lambda row: -row["mean"])


def export(
    runs: Sequence[RunDir], gap: dict[str, Any] | None = None, reuse: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that the Compare page shows, as one JSON object."""
    results = finished(runs)
    check_comparable(results)
    return {
        "xmodal_lab": __version__,
        "table": summarise(results),
        "verdict": verdict(accuracies(results), titles={r["method"]: r["title"].split(":")[0] for r in results}),
        "runs": results,
        "gap": gap,
        "reuse": reuse,
    }
