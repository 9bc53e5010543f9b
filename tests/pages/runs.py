"""Run directories as a worker leaves them, written through RunDir with records and frames of the real shapes."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.results import evaluated
from xmodal_core.runs.result import RunResult, TrainedOn
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState

N_PROBE, N_SHOWN, N_TOKENS, K = 12, 4, 16, 6
BUDGETS = {"align": 4, "curriculum": 3, "refine": 5}
STAGES = {
    "orca_pare": ("align", "curriculum", "refine"),
    "orca": ("align", "refine"),
    "pare": ("curriculum", "refine"),
    "finetune": ("refine",),
    "scratch": ("refine",),
    "mona": ("align", "refine"),
    "recraft": ("align", "refine"),
    "lsg": ("refine",),
    "simple": ("refine",),
    "stat_matched": ("refine",),
}

TITLES = {
    "orca_pare": "ORCA + PaRe",
    "orca": "ORCA",
    "pare": "PaRe",
    "finetune": "Fine-tuning",
    "scratch": "From scratch",
    "mona": "MoNA",
    "recraft": "RECRAFT",
    "lsg": "LSG",
    "simple": "Simple baseline",
    "stat_matched": "Random body",
}


def runs_root(home: Path, workspace: str | None = None) -> Path:
    return home / "workspaces" / (workspace or "default") / "runs"


def written_run(
    home: Path,
    method: str = "orca_pare",
    done: int = 0,
    *,
    seed: int = 0,
    target: str = "digits",
    body: str = "fractal-vit",
    accuracy: float | None = None,
    state: Mapping[str, object] | None = None,
    falling_accuracy: bool = False,
    settings: Mapping[str, object] | None = None,
    train_rows: int = 0,
    shuffle_labels: bool = False,
    times: int = 1,
    workspace: str | None = None,
) -> RunDir:
    """A run that has taken `done` steps; finished where an accuracy is given. `times`: of the usual budget."""
    source = "" if set(STAGES[method]) == {"refine"} else ("fractals" if body == "fractal-vit" else "scipy_docs")
    budget = {f"{stage}_steps": times * BUDGETS[stage] for stage in STAGES[method]}
    spec = {
        "method": method,
        "target": target,
        "body": body,
        "source": source,
        "seed": seed,
        "settings": dict(settings or {}),
        "budget": budget,
        "guidance": None,
        "train_rows": train_rows,
        "shuffle_labels": shuffle_labels,
        "waypoints": 0,
        "schema": 1,
    }
    run = RunDir.create(runs_root(home, workspace), json.dumps(spec))
    total = sum(budget.values())
    steps = [(stage, i + 1) for stage in STAGES[method] for i in range(BUDGETS[stage])]
    for number, (stage, index) in enumerate(steps[: done if accuracy is None else total], start=1):
        arrays = {} if stage == "refine" else frame(stage, number)
        if arrays:
            run.write_frame(number, arrays)
        metrics = readings(stage, index, falling_accuracy)
        run.append_step(
            {
                "done": number,
                "stage": stage,
                "index": index,
                "total": BUDGETS[stage],
                "metrics": metrics,
                "seconds": 0.1,
                "frame": bool(arrays),
            }
        )
    if accuracy is not None:
        run.write_state(RunState("done", "cpu: 1 thread", total, total))
        run.write_result(result(spec, accuracy, total))
    elif done or state:
        run.write_state(replace(RunState("paused", "cpu: 1 thread", total, done), **(state or {})))
    return run


def readings(stage: str, index: int, falling_accuracy: bool = False) -> dict[str, float]:
    if stage == "align":
        accuracy = 0.9 - 0.2 * (index - 1) if falling_accuracy else 0.9
        return {
            "objective": 1.0 / index,
            "heldout_otdd": 20.0 / index,
            "heldout_knn_index": 0.9,
            "heldout_knn_accuracy": accuracy,
            "heldout_n": float(N_PROBE),
        }
    if stage == "curriculum":
        return {
            "loss": 3.0,
            "target_loss": 1.0,
            "mixed_target_loss": 1.2,
            "mixed_source_loss": 0.8,
            "k": float(K),
            "share": K / N_TOKENS,
            "epoch": 1.0,
        }
    score = 0.5 + index / 20
    read = {"validation_score": score, "validation_loss": 0.2, "validation_n": 357.0, "validation_accuracy": score}
    return {"loss": 1.0 / index, "learning_rate": 3e-4, **read}


def frame(stage: str, number: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(number)
    labels = np.arange(N_PROBE) % 3
    arrays = {
        "source_points": rng.normal(size=(N_PROBE, 2)).astype(np.float32),
        "source_labels": labels,
        "target_points": (rng.normal(size=(N_PROBE, 2)) + 3).astype(np.float32),
        "target_labels": labels,
        "target_rows": np.arange(N_PROBE),
    }
    if stage == "curriculum":
        rows = np.arange(N_SHOWN)
        arrays |= {
            "mixed_points": (rng.normal(size=(N_PROBE, 2)) + 1.5).astype(np.float32),
            "shown_target_rows": rows,
            "shown_source_rows": rows,
            "source_scores": rng.random((N_SHOWN, N_TOKENS)).astype(np.float32),
            "target_scores": rng.random((N_SHOWN, N_TOKENS)).astype(np.float32),
            "source_chosen": np.tile(np.arange(K), (N_SHOWN, 1)),
            "target_replaced": np.tile(np.arange(K), (N_SHOWN, 1)),
        }
    return arrays


def result(spec: dict[str, Any], accuracy: float, steps: int) -> RunResult:
    return RunResult(
        method=spec["method"],
        title=TITLES[spec["method"]],
        seed=spec["seed"],
        test=evaluated(accuracy, 361),
        validation=evaluated(accuracy, 357),
        steps=steps,
        seconds=12.5,
        device="cpu: 1 thread",
        versions={"torch": "2.13.0"},
        spec=spec,
        target=TrainedOn("digits", content(spec), spec["train_rows"] or 1079, 10, "classification"),
    )


def content(spec: dict[str, Any]) -> str:
    """A target's hash: rows that are left out, and labels that are shuffled, are drawn by the seed."""
    drawn = spec["train_rows"] or spec["shuffle_labels"]
    return f"abc-{spec['train_rows']}-{spec['shuffle_labels']}-{spec['seed']}" if drawn else "abc"


READING = {
    "kappa": 0.21,
    "kappa_p": 0.005,
    "one_to_one_kappa": 0.2,
    "information": 0.13,
    "information_chance": -0.02,
    "information_p": 0.005,
    "discrepancy": {
        "value": 2.9,
        "normalised": 0.9,
        "chance": 4.1,
        "relative": 0.7,
        "percentile": 1.0,
        "p": 0.01,
        "n_permutations": 99,
        "n": 357,
        "n_source": 10,
        "n_labels": 10,
    },
    "undefined": "",
}
REUSE = {
    "source": "fractals",
    "seed": 0,
    "retention": {
        "before": 0.8,
        "after": 0.6,
        "random": 0.4,
        "retention": 0.5,
        "chance": 0.1,
        "k": 20,
        "n_bank": 600,
        "n_query": 400,
        "after_minus_before_interval": [-0.25, -0.15],
    },
    "probe": {
        "before": 0.8,
        "after": 0.7,
        "random": 0.4,
        "retention": 0.75,
        "chance": 0.1,
        "n_bank": 600,
        "n_query": 400,
        "after_minus_before_interval": [-0.25, -0.15],
    },
    "source_labels": "",
    "source_rows": "600 bank rows and 400 queries, on which no stage of any method trains.",
    "source_inputs": {"cka": [0.9, 0.7], "drift": [0.1, 0.4], "mutual_knn": [0.8, 0.6], "mutual_knn_k": 10, "n": 400},
    "target_inputs": {"cka": [0.8, 0.5], "drift": [0.2, 0.6], "mutual_knn": [0.8, 0.6], "mutual_knn_k": 10, "n": 357},
    "weights": {"layer 1": 0.0135, "all": 0.0165},
    "knowledge": {
        "embedders": {"random": READING, "start": READING, "trained": READING},
        "target_labels": "",
        "k": 20,
        "n": 357,
        "n_labels": 10,
        "n_source_classes": 10,
        "refused": "",
    },
    "note": "",
}


def shown(app) -> str:
    """Everything written on a page, without the escapes that keep Markdown from reading it."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.title, app.text, app.code)
    parts = [element.value for kind in kinds for element in kind]
    parts += [element.proto.text for element in app.get("progress")]
    return "\n".join(map(str, parts)).replace("\\", "").replace("\u2060", "")


def address(app) -> str:
    """The run in the URL."""
    found = app.query_params["run"]
    return found[0] if isinstance(found, list) else found
