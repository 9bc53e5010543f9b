"""Finished runs as one JSON object: tables, verdicts, how the answer changes with rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from xmodal_core import __version__
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.contrasts import yardstick
from xmodal_core.verdict.results import (
    arms,
    check_comparable,
    finished,
    n_train,
    role,
    role_of,
    score_name,
    scores,
    settings_of,
    summarise,
)
from xmodal_core.verdict.rules import verdict
from xmodal_core.verdict.sizes import Size, across_sizes
from xmodal_core.verdict.tuning import tuning_sentence


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

    Returns:
        "table" and "verdict" of the most training rows; "sizes", the same for every number of training rows, the most
        first; "across", how the answer changes with it; "left_out", runs that trained on shuffled labels, which
        answer another question.

    Raises:
        RunError: the runs are not on the same data and body, or not scored alike.
    """
    given = finished(runs)
    results = [result for result in given if not result["spec"].get("shuffle_labels")]
    check_comparable(results)
    named = arms(results)
    groups = [_of_size(results, named, n) for n in sorted({n_train(r) for r in results}, reverse=True)]
    sizes = [_one_size(own, names, margin) for own, names in groups]
    top = sizes[0] if sizes else _one_size([], [], margin)
    return {
        "xmodal_lab": __version__,
        "table": top["table"],
        "verdict": top["verdict"],
        "sizes": sizes,
        "across": _across(sizes, margin),
        "left_out": [r["run"] for r in given if r["spec"].get("shuffle_labels")],
        "runs": results,
        "gap": gap,
        "reuse": reuse,
    }


def _of_size(results: Sequence[dict[str, Any]], named: Sequence[str], n: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Results with so many training rows, and their arms."""
    kept = [(r, name) for r, name in zip(results, named, strict=True) if n_train(r) == n]
    return [r for r, _ in kept], [name for _, name in kept]


def _one_size(results: Sequence[dict[str, Any]], named: Sequence[str], margin: float | None) -> dict[str, Any]:
    """Table and verdict of runs with one number of training rows."""
    table = summarise(results, named)
    test = scores(results, named=named)
    answer = verdict(
        test,
        margin,
        _titles(table),
        score_name(results[0]) if results else "accuracy",
        roles={row["arm"]: role(row["role_of"]) for row in table},
        validation=scores(results, "validation", named),
    )
    answer["tuning"] = _tuning(results)
    return {"n_train": n_train(results[0]) if results else 0, "table": table, "verdict": answer}


def _across(sizes: Sequence[dict[str, Any]], margin: float | None) -> dict[str, Any] | None:
    if not sizes:
        return None
    found = [
        Size(
            size["n_train"],
            {row["arm"]: dict(zip(row["seeds"], row["values"], strict=True)) for row in size["table"]},
            size["verdict"]["answer"],
            size["verdict"]["arms"],
            size["verdict"]["open"],
        )
        for size in sizes
    ]
    titles = {arm: title for size in sizes for arm, title in _titles(size["table"]).items()}
    return across_sizes(found, yardstick(sizes[0]["verdict"]["score"], margin), titles)


def _titles(table: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What arms are called in sentences: the title up to its colon, with the settings that make the arm."""
    found = {}
    for row in table:
        settings = row["arm"].removeprefix(row["method"])
        found[row["arm"]] = row["title"].removesuffix(settings).split(":")[0] + settings
    return found


def _tuning(results: Sequence[dict[str, Any]]) -> str:
    """Whether the arms of a comparison were given equal numbers of learning rates; controls are no arms of it."""
    tried: dict[str, set[float | None]] = defaultdict(set)
    for result in results:
        if method := role_of(result):
            tried[method].add(settings_of(result).get("learning_rate"))
    titles = {role_of(r): str(r["title"]).split(":")[0] for r in results}
    return tuning_sentence(tried, titles, [method for method in tried if role(method) == "D"])
