"""Reuse reports in words: lines for the command line, sentences for a page. Neither torch nor a run is needed."""

from collections.abc import Mapping
from typing import Any

EMBEDDERS = {"random": "random embedder", "start": "embedder before training", "trained": "trained embedder"}


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """A report of `measure_reuse`, line by line."""
    lines = [f"Note: {report['note']}"] if report["note"] else []
    lines += [f"Source {report['source']}: {report['source_rows']}"]
    lines += [f"Its classes are {report['source_labels']}."] if report["source_labels"] else []
    for kind, what in (("retention", "kNN"), ("probe", "fresh linear probe")):
        r = report[kind]
        low, high = r["after_minus_before_interval"]
        k = f"k = {r['k']}, " if "k" in r else ""
        lines += [
            f"{what}, balanced accuracy ({k}{r['n_bank']} bank, {r['n_query']} queries, chance {r['chance']:.3f}):",
            f"  before {r['before']:.3f}, after {r['after']:.3f}, random weights {r['random']:.3f}; "
            f"retention {share(r['retention'])}",
            f"  after minus before, 95 % interval: {low:+.3f} to {high:+.3f}",
        ]
    for side in ("source_inputs", "target_inputs"):
        reading, where = report[side], side.replace("_", " ")
        for name, what in (("cka", "CKA"), ("mutual_knn", "Mutual neighbours, calibrated,"), ("drift", "Drift")):
            values = " ".join(f"{v:.3f}" for v in reading[name])
            lines.append(f"{what} per layer on {where} (n = {reading['n']}): {values}")
    distances = ", ".join(f"{group} {value:.4f}" for group, value in report["weights"].items())
    lines.append(f"Weight distance, secondary: {distances}")
    return lines + knowledge_lines(report["knowledge"])


def knowledge_lines(found: Mapping[str, Any]) -> list[str]:
    """Knowledge of the target's labels in the source's classes, at each embedder."""
    if found["refused"]:
        return [f"Knowledge discrepancy is not measured: {found['refused']}"]
    lines = [
        f"Source classes as names of the target's labels ({found['n_source_classes']} classes, {found['n_labels']} "
        f"labels, n = {found['n']}, source neighbours k = {found['k']}, cross-fitted):"
    ]
    lines += [f"  target labels are {found['target_labels']}"] if found["target_labels"] else []
    for name, reading in found["embedders"].items():
        d = reading["discrepancy"]
        told = (
            "discrepancy undefined"
            if d is None
            else f"discrepancy {d['relative']:.3f} of chance ({d['value']:.3f} nats, p {d['p']:.3f})"
        )
        lines.append(
            f"  {EMBEDDERS[name]}: kappa {reading['kappa']:.3f} (p {reading['kappa_p']:.3f}), U "
            f"{reading['information']:.3f} (chance {reading['information_chance']:.3f}), {told}"
        )
    return lines + [f"  {text}" for text in undefined(found)]


def undefined(found: Mapping[str, Any]) -> list[str]:
    """Why the discrepancy is undefined, each sentence once."""
    return sorted({reading["undefined"] for reading in found["embedders"].values() if reading["undefined"]})


def trajectory_lines(found: Mapping[str, Any]) -> list[str]:
    """A report of `measure_trajectory`, a line a step."""
    lines = [
        f"Along the run: {found['n_bank']} bank rows, {found['n_query']} queries, {found['n_layers']} of them for CKA "
        f"and drift; target score: validation {found['score_name']}"
    ]
    for key, title in (("points", "run"), ("control", "control, shuffled labels")):
        for point in found[key] or ():
            score = "none" if point["score"] is None else f"{point['score']:.3f} (n = {point['n_score']})"
            lines.append(
                f"  {title}, step {point['step']}: retention {share(point['retention'])}, probe "
                f"{share(point['probe_retention'])}, CKA {point['cka']:.3f}, drift {point['drift']:.3f}, score {score}"
            )
    return lines


def share(retention: float | None) -> str:
    """Retention as a number, or that there was nothing to retain."""
    return "none to retain" if retention is None else f"{retention:.3f}"
